using System.Globalization;
using System.Text;

namespace TypedShm.Generator;

/// <summary>A layout as the texts of docs/format.md: the JSON, and what the fingerprint is computed from.</summary>
internal static class LayoutText
{
    /// <summary>The most bytes of JSON that the runtime reads.</summary>
    public const int MaxJsonLength = 120_000;

    public static ulong Fingerprint(int size, int alignment, EquatableArray<FieldSpec> fields)
    {
        StringBuilder text = new();
        text.Append("typedshm 1 ").Append(Number(size)).Append(' ').Append(Number(alignment)).Append('\n');
        AppendLines(text, "", fields);
        return Fnv.Hash(text.ToString());
    }

    public static string Json(LayoutSpec layout) => string.Concat(JsonLines(layout));

    /// <summary>The JSON in pieces: what stands before the fields, each field, and the end.</summary>
    public static IReadOnlyList<string> JsonLines(LayoutSpec layout)
    {
        List<string> lines = [$"{{\"name\":\"{layout.Name}\",\"size\":{Number(layout.Size)},\"alignment\":{Number(layout.Alignment)},\"fields\":["];
        StringBuilder text = new();
        for (int i = 0; i < layout.Fields.Count; i++)
        {
            text.Clear();
            AppendField(text, layout.Fields[i]);
            lines.Add(text.Append(i == layout.Fields.Count - 1 ? "" : ",").ToString());
        }

        lines.Add("]}");
        return lines;
    }

    /// <summary>Bytes of the JSON if they are too many to be read by the runtime, else null.</summary>
    public static int? ExcessiveLength(LayoutSpec layout)
    {
        // Writing it out to measure it costs more than all else that is done for a struct, and few come near the limit.
        if (UpperBound(layout.Fields) + layout.Name.Length < MaxJsonLength / 2)
            return null;
        int length = Encoding.UTF8.GetByteCount(Json(layout));
        return length > MaxJsonLength ? length : null;
    }

    private static int UpperBound(EquatableArray<FieldSpec> fields)
    {
        const int MostAroundAName = 160;
        int bound = MostAroundAName;
        foreach (FieldSpec field in fields)
            bound += MostAroundAName + (3 * field.Name.Length) + (field.Fields.Count > 0 ? UpperBound(field.Fields) : 0);
        return bound;
    }

    private static void AppendLines(StringBuilder text, string prefix, EquatableArray<FieldSpec> fields)
    {
        foreach (FieldSpec field in fields)
        {
            text.Append(prefix).Append(field.Name).Append(' ').Append(field.Kind).Append(' ').Append(Number(field.Offset)).Append(' ')
                .Append(Number(field.Size)).Append(' ').Append(Number(field.Length ?? 0)).Append(' ').Append(field.IsAtomic ? "atomic" : "-").Append('\n');
            AppendLines(text, $"{prefix}{field.Name}.", field.Fields);
        }
    }

    private static void AppendFields(StringBuilder text, EquatableArray<FieldSpec> fields)
    {
        text.Append(",\"fields\":[");
        for (int i = 0; i < fields.Count; i++)
        {
            text.Append(i == 0 ? "" : ",");
            AppendField(text, fields[i]);
        }

        text.Append(']');
    }

    private static void AppendField(StringBuilder text, FieldSpec field)
    {
        text.Append("{\"name\":\"").Append(field.Name).Append("\",\"kind\":\"").Append(field.Kind)
            .Append("\",\"offset\":").Append(Number(field.Offset)).Append(",\"size\":").Append(Number(field.Size));
        if (field.Length is int length)
            text.Append(",\"length\":").Append(Number(length));
        if (field.IsAtomic)
            text.Append(",\"atomic\":true");
        if (field.Kind == "struct")
            AppendFields(text, field.Fields);
        text.Append('}');
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
