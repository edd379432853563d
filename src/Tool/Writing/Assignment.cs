using System.Text;
using System.Text.Json;
using TypedShm.Layout;

namespace TypedShm.Tool.Writing;

/// <summary>A value for a field, as <c>FIELD=VALUE</c> says it.</summary>
/// <param name="Place">The field, or an element of an array.</param>
/// <param name="Bytes">The value, as it stands in memory.</param>
internal sealed record Assignment(FieldPlace Place, byte[] Bytes)
{
    /// <summary>Reads <c>Rpm=3000</c>, <c>Position.X=1.5</c>, <c>Cores[2]=7</c>, <c>Gear=Second</c>, <c>Samples=[1,2,3]</c>.</summary>
    /// <exception cref="ToolException">There is no such field, or no such value of it.</exception>
    public static Assignment Parse(LayoutDescriptor layout, string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
            throw new ToolException(ExitCode.Usage, $"'{text}' is not FIELD=VALUE, as Rpm=3000 or Position.X=1.5.");
        FieldPlace place = FieldPlace.Find(layout.Plan, text[..equals]);
        string value = text[(equals + 1)..];
        byte[] bytes = new byte[place.Length];

        // What is no JSON, or no such JSON as the field takes, may be its text: rpm, and 42 of a text.
        if (!TryRead(place, value, bytes) && !TryRead(place, $"\"{JsonEncodedText.Encode(value)}\"", bytes))
            throw new ToolException(
                ExitCode.Usage, $"'{value}' is no value of '{text[..equals]}', which is {KindOf(place)}.");
        return new Assignment(place, bytes);
    }

    private static bool TryRead(FieldPlace place, string json, byte[] bytes)
    {
        bytes.AsSpan().Clear();
        try
        {
            Utf8JsonReader reader = new(Encoding.UTF8.GetBytes(json));
            if (!reader.Read())
                return false;
            FieldJson.ReadField(ref reader, place.Plan, place.IsArray, bytes, SharedSnapshot.Json);
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string KindOf(FieldPlace place)
    {
        LayoutField field = place.Plan.Field;
        string kind = place.IsArray ? $"{field.Kind}[{field.Length}]" : field.Kind;
        string members = string.Join(", ", field.Members.Take(20).Select(member => member.Name));
        return members.Length > 0 ? $"{kind}, or one of {members}" : field.Kind == "text" ? $"text of at most {field.Size} bytes" : kind;
    }
}
