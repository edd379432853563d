using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace TypedShm.Layout;

/// <summary>
/// Reads and writes the JSON of a layout. What is read may come from a peer, so everything is checked, and names are held to the characters
/// of identifiers: they are printed to terminals and logs.
/// </summary>
internal static class LayoutJson
{
    private const int MaxDepth = 64;
    private const int MaxNameLength = 512;

    // Of the paths of all fields together ("Sensor.Position.X"), in characters. A path repeats the names of what contains the field, so
    // that what is short as JSON could be long written out, as comparing and showing layouts do.
    private const int MaxPaths = 1 << 19;

    public static LayoutDescriptor Parse(ReadOnlySpan<byte> utf8Json)
    {
        if (utf8Json.Length > LayoutDescriptor.MaxJsonLength)
            throw new FormatException(
                $"The layout has {utf8Json.Length} bytes of JSON, but at most {LayoutDescriptor.MaxJsonLength} are allowed.");

        try
        {
            Utf8JsonReader reader = new(utf8Json, new JsonReaderOptions { MaxDepth = MaxDepth });
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            if (reader.Read())
                throw new FormatException("Something follows the JSON of the layout.");
            return ParseLayout(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException($"The JSON of the layout is malformed: {error.Message}", error);
        }
    }

    public static byte[] Write(LayoutDescriptor layout)
    {
        // Names are letters and digits of any language, which stand there as they are.
        ArrayBufferWriter<byte> json = new();
        using (Utf8JsonWriter writer = new(json, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("name", layout.Name);
            writer.WriteNumber("size", layout.Size);
            writer.WriteNumber("alignment", layout.Alignment);
            WriteFields(writer, layout.Fields);
            writer.WriteEndObject();
        }

        return json.WrittenSpan.ToArray();
    }

    private static void WriteFields(Utf8JsonWriter writer, IReadOnlyList<LayoutField> fields)
    {
        writer.WriteStartArray("fields");
        foreach (LayoutField field in fields)
        {
            writer.WriteStartObject();
            writer.WriteString("name", field.Name);
            writer.WriteString("kind", field.Kind);
            writer.WriteNumber("offset", field.Offset);
            writer.WriteNumber("size", field.Size);
            if (field.Length is int length)
                writer.WriteNumber("length", length);
            if (field.IsAtomic)
                writer.WriteBoolean("atomic", true);
            if (field.Kind == "struct")
                WriteFields(writer, field.Fields);
            if (field.Members.Count > 0)
                WriteMembers(writer, field);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteMembers(Utf8JsonWriter writer, LayoutField field)
    {
        writer.WriteStartObject("enum");
        foreach (LayoutMember member in field.Members)
        {
            if (field.Kind == "uint64")
                writer.WriteNumber(member.Name, unchecked((ulong)member.Value));
            else
                writer.WriteNumber(member.Name, member.Value);
        }

        writer.WriteEndObject();
    }

    private static LayoutDescriptor ParseLayout(JsonElement element)
    {
        string name = Name(element);
        int size = Number(element, "size", 1, int.MaxValue);
        int alignment = Number(element, "alignment", 1, 4096);
        if (!int.IsPow2(alignment))
            throw new FormatException($"The alignment of '{name}' is {alignment}, which is no power of two.");
        int pathsLeft = MaxPaths;
        return new LayoutDescriptor(name, size, alignment, Fields(element, size, 0, ref pathsLeft));
    }

    private static LayoutField[] Fields(JsonElement parent, int parentSize, int parentPath, ref int pathsLeft)
    {
        JsonElement array = parent.GetProperty("fields");
        LayoutField[] fields = new LayoutField[array.GetArrayLength()];
        int i = 0;
        foreach (JsonElement element in array.EnumerateArray())
            fields[i++] = Field(element, parentSize, parentPath, ref pathsLeft);
        return fields;
    }

    private static LayoutField Field(JsonElement element, int parentSize, int parentPath, ref int pathsLeft)
    {
        string name = Name(element);
        int path = parentPath + name.Length + 1;
        pathsLeft -= path;
        if (pathsLeft < 0)
            throw new FormatException(
                $"The paths of the layout's fields have more than {MaxPaths} characters together. Nest less deeply, or use shorter names.");
        string kind = Text(element, "kind");
        int offset = Number(element, "offset", 0, int.MaxValue);
        int size = Number(element, "size", 1, int.MaxValue);
        if (FieldKinds.Of(kind).Size is int expected && size != expected)
            throw new FormatException($"The field '{name}' has {size} bytes, but a field of kind {kind} has {expected}.");
        int? length = element.TryGetProperty("length", out _) ? Number(element, "length", 1, int.MaxValue) : null;
        bool atomic = element.TryGetProperty("atomic", out JsonElement mark) && mark.GetBoolean();

        // All three are below 2^31, so the product and the sum fit into 64 bits.
        long end = offset + ((long)size * (length ?? 1));
        if (end > parentSize)
            throw new FormatException($"The field '{name}' ends at byte {end}, but what contains it has {parentSize} bytes.");
        return new LayoutField(name, kind, offset, size, length, atomic, kind == "struct"
            ? Fields(element, size, path, ref pathsLeft)
            : [], Members(element, size));
    }

    private static LayoutMember[] Members(JsonElement element, int size)
    {
        if (!element.TryGetProperty("enum", out JsonElement members))
            return [];
        if (size is not (1 or 2 or 4 or 8))
            throw new FormatException($"An enum has 1, 2, 4 or 8 bytes, but this one has {size}.");
        List<LayoutMember> found = [];
        foreach (JsonProperty member in members.EnumerateObject())
        {
            if (!member.Value.TryGetInt64(out long value))
                value = member.Value.TryGetUInt64(out ulong unsigned)
                    ? unchecked((long)unsigned)
                    : throw new FormatException("A member of an enum is no integer of 64 bits.");
            found.Add(new LayoutMember(Identifier(member.Name, "enum"), value));
        }

        return [.. found];
    }

    private static string Name(JsonElement element) => Text(element, "name");

    private static string Text(JsonElement element, string property) =>
        Identifier(element.GetProperty(property).GetString() ?? throw new FormatException($"The property '{property}' is null."), property);

    private static string Identifier(string text, string property)
    {
        if (text.Length is 0 or > MaxNameLength)
            throw new FormatException($"The property '{property}' has {text.Length} characters; 1 to {MaxNameLength} are allowed.");
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (!Rune.IsLetterOrDigit(rune) && rune.Value != '_' && !IsIdentifierPart(Rune.GetUnicodeCategory(rune)))
                throw new FormatException($"The property '{property}' contains U+{rune.Value:X4}, which no identifier contains.");
        }

        return text;
    }

    private static bool IsIdentifierPart(UnicodeCategory category) => category is
        UnicodeCategory.LetterNumber or UnicodeCategory.NonSpacingMark
        or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.ConnectorPunctuation;

    private static int Number(JsonElement element, string property, int least, int most)
    {
        JsonElement value = element.GetProperty(property);
        if (!value.TryGetInt32(out int number) || number < least || number > most)
            throw new FormatException($"The property '{property}' is {value.GetRawText()[..Math.Min(value.GetRawText().Length, 20)]}; "
                + $"{least} to {most} is allowed.");
        return number;
    }
}
