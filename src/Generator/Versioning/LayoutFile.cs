using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace TypedShm.Generator;

/// <summary>
/// The text of a layout file: what is published of each struct, sorted by name, a line for each field, so that a review
/// shows what changes. A struct is the JSON of docs/format.md, and its enums are added.
/// </summary>
internal static class LayoutFile
{
    private const int Version = 1;

    public static string Write(ImmutableArray<PublishedStruct> structs)
    {
        StringBuilder text = new();
        text.Append("{\n  \"typedshm\": ").Append(Number(Version)).Append(",\n  \"structs\": {");
        foreach (PublishedStruct published in structs)
        {
            text.Append(published == structs[0] ? "\n" : ",\n");
            text.Append("    \"").Append(published.TypeName).Append("\": { \"name\": \"").Append(published.Name)
                .Append("\", \"size\": ").Append(Number(published.Size)).Append(", \"alignment\": ").Append(Number(published.Alignment));
            WriteFields(text, published.Fields, "      ");
            text.Append(" }");
        }

        return text.Append(structs.Length == 0 ? "}\n}\n" : "\n  }\n}\n").ToString();
    }

    /// <exception cref="FormatException">It is malformed, or of another version.</exception>
    public static ImmutableArray<PublishedStruct> Read(string text)
    {
        Dictionary<string, object?> root = As<Dictionary<string, object?>>(Json.Parse(text), "the file");
        int version = Int(root, "typedshm");
        if (version != Version)
            throw new FormatException($"it is of version {version}, but this version of TypedShm reads version {Version}");
        return [.. Get<Dictionary<string, object?>>(root, "structs")
            .Select(static pair => ReadStruct(pair.Key, As<Dictionary<string, object?>>(pair.Value, pair.Key)))];
    }

    private static PublishedStruct ReadStruct(string typeName, Dictionary<string, object?> element) =>
        new(typeName, Get<string>(element, "name"), Int(element, "size"), Int(element, "alignment"), ReadFields(element));

    private static EquatableArray<PublishedField> ReadFields(Dictionary<string, object?> parent) =>
        new([.. Get<List<object?>>(parent, "fields").Select(static item => ReadField(As<Dictionary<string, object?>>(item, "a field")))]);

    private static PublishedField ReadField(Dictionary<string, object?> element) => new(
        Get<string>(element, "name"), Get<string>(element, "kind"), Int(element, "offset"), Int(element, "size"),
        element.ContainsKey("length") ? Int(element, "length") : null,
        element.ContainsKey("atomic") && Get<bool>(element, "atomic"),
        element.ContainsKey("fields") ? ReadFields(element) : default,
        element.ContainsKey("enum")
            ? new([.. Get<Dictionary<string, object?>>(element, "enum")
                .Select(static pair => new EnumMember(pair.Key, As<decimal>(pair.Value, pair.Key).ToString(CultureInfo.InvariantCulture)))])
            : default);

    private static void WriteFields(StringBuilder text, EquatableArray<PublishedField> fields, string indent)
    {
        text.Append(", \"fields\": [");
        for (int i = 0; i < fields.Count; i++)
        {
            PublishedField field = fields[i];
            text.Append(i == 0 ? "\n" : ",\n").Append(indent).Append("{ \"name\": \"").Append(field.Name).Append("\", \"kind\": \"")
                .Append(field.Kind)
                .Append("\", \"offset\": ").Append(Number(field.Offset)).Append(", \"size\": ").Append(Number(field.Size));
            if (field.Length is int length)
                text.Append(", \"length\": ").Append(Number(length));
            if (field.IsAtomic)
                text.Append(", \"atomic\": true");
            if (field.Kind == "struct")
                WriteFields(text, field.Fields, indent + "  ");
            if (field.Members.Count > 0)
                WriteMembers(text, field.Members, indent + "  ");
            text.Append(" }");
        }

        text.Append(']');
    }

    private static void WriteMembers(StringBuilder text, EquatableArray<EnumMember> members, string indent)
    {
        text.Append(", \"enum\": {");
        for (int i = 0; i < members.Count; i++)
            text.Append(i == 0 ? "\n" : ",\n").Append(indent).Append('"').Append(members[i].Name).Append("\": ").Append(members[i].Value);
        text.Append(" }");
    }

    private static T Get<T>(Dictionary<string, object?> element, string name) =>
        element.TryGetValue(name, out object? value)
            ? As<T>(value, name)
            : throw new FormatException($"\"{name}\" is missing{Inside(element)}");

    private static T As<T>(object? value, string name) =>
        value is T typed ? typed : throw new FormatException($"\"{name}\" is not what it should be");

    private static int Int(Dictionary<string, object?> element, string name) =>
        Get<decimal>(element, name) is >= 0 and <= int.MaxValue and var number && decimal.Truncate(number) == number
            ? (int)number
            : throw new FormatException($"\"{name}\" is no number of bytes{Inside(element)}");

    private static string Inside(Dictionary<string, object?> element) =>
        element.TryGetValue("name", out object? name) ? $" in \"{name}\"" : "";

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
