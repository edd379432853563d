using System.Globalization;
using System.Text;

namespace TypedShm.Generator;

/// <summary>A layout as the texts of docs/format.md: the JSON, and what the fingerprint is computed from.</summary>
internal static class LayoutText
{
    /// <summary>The most bytes of JSON that the runtime reads.</summary>
    public const int MaxJsonLength = 120_000;

    /// <summary>
    /// The most fields that fit into so many bytes, those of nested structs included: a struct with more is not looked at any further.
    /// </summary>
    public const int MaxFields = MaxJsonLength / LeastOfField;

    /// <summary>The deepest nesting whose JSON the runtime still reads.</summary>
    public const int MaxDepth = 30;

    private const int MaxJsonLengthWithEnums = 16_384;
    private const int LeastOfField = 46;

    /// <summary>The fingerprint, over the text that docs/format.md describes.</summary>
    public static ulong Fingerprint(LayoutSpec layout) => Fingerprint(layout.Size, layout.Alignment, layout.Fields);

    /// <inheritdoc cref="Fingerprint(LayoutSpec)"/>
    public static ulong Fingerprint(int size, int alignment, EquatableArray<FieldSpec> fields)
    {
        StringBuilder text = new();
        text.Append("typedshm 1 ").Append(Number(size)).Append(' ').Append(Number(alignment)).Append('\n');
        AppendLines(text, "", fields);
        return Fnv.Hash(text.ToString());
    }

    /// <summary>
    /// The JSON. Members of enums are in it unless it would be too long to be sent along with every handshake; they are not compared.
    /// </summary>
    public static string Json(LayoutSpec layout)
    {
        string json = Json(layout, withEnums: true);
        return Encoding.UTF8.GetByteCount(json) <= MaxJsonLengthWithEnums ? json : Json(layout, withEnums: false);
    }

    /// <summary>
    /// The layout as it stands in generated code, where the compiler reads it: the JSON without what can be told from the order, which
    /// the runtime's <c>LayoutLiteral</c> puts back. A field is <c>name kind offset size</c>, then <c>*length</c> of an array, <c>!</c>
    /// of an atomic, <c>{fields}</c> of a struct, <c>(members)</c> of an enum.
    /// </summary>
    public static string Literal(LayoutSpec layout)
    {
        bool withEnums = Encoding.UTF8.GetByteCount(Json(layout, withEnums: true)) <= MaxJsonLengthWithEnums;
        StringBuilder text = new();
        AppendLiterals(text.Append(layout.Name).Append(' ').Append(Number(layout.Size)).Append(' ').Append(Number(layout.Alignment)),
            layout.Fields, withEnums);
        return text.ToString();
    }

    /// <summary>Bytes of the JSON if they are too many to be read by the runtime, else null.</summary>
    public static int? ExcessiveLength(LayoutSpec layout)
    {
        // Writing it out to measure it costs more than all else that is done for a struct, and few come near the limit.
        if (UpperBound(layout.Fields) + layout.Name.Length < MaxJsonLength / 2)
            return null;
        int length = Encoding.UTF8.GetByteCount(Json(layout, withEnums: false));
        return length > MaxJsonLength ? length : null;
    }

    private static string Json(LayoutSpec layout, bool withEnums)
    {
        StringBuilder text = new();
        text.Append("{\"name\":\"").Append(layout.Name).Append("\",\"size\":").Append(Number(layout.Size)).Append(",\"alignment\":")
            .Append(Number(layout.Alignment));
        AppendFields(text, layout.Fields, withEnums);
        return text.Append('}').ToString();
    }

    private static int UpperBound(EquatableArray<FieldSpec> fields)
    {
        const int MostAroundAName = 160;
        return MostAroundAName + fields.Sum(static field => MostAroundAName + (3 * field.Name.Length)
            + (field.Fields.Count > 0 ? UpperBound(field.Fields) : 0));
    }

    private static void AppendLines(StringBuilder text, string prefix, EquatableArray<FieldSpec> fields)
    {
        foreach (FieldSpec field in fields)
        {
            text.Append(prefix).Append(field.Name).Append(' ').Append(field.Kind).Append(' ').Append(Number(field.Offset)).Append(' ')
                .Append(Number(field.Size)).Append(' ').Append(Number(field.Length ?? 0))
                .Append(' ').Append(field.IsAtomic ? "atomic" : "-").Append('\n');
            AppendLines(text, $"{prefix}{field.Name}.", field.Fields);
        }
    }

    private static void AppendFields(StringBuilder text, EquatableArray<FieldSpec> fields, bool withEnums)
    {
        text.Append(",\"fields\":[");
        for (int i = 0; i < fields.Count; i++)
        {
            text.Append(i == 0 ? "" : ",");
            AppendField(text, fields[i], withEnums);
        }

        text.Append(']');
    }

    private static void AppendField(StringBuilder text, FieldSpec field, bool withEnums)
    {
        text.Append("{\"name\":\"").Append(field.Name).Append("\",\"kind\":\"").Append(field.Kind)
            .Append("\",\"offset\":").Append(Number(field.Offset)).Append(",\"size\":").Append(Number(field.Size));
        if (field.Length is int length)
            text.Append(",\"length\":").Append(Number(length));
        if (field.IsAtomic)
            text.Append(",\"atomic\":true");
        if (field.Kind == "struct")
            AppendFields(text, field.Fields, withEnums);
        if (withEnums && field.Members.Count > 0)
            AppendEnum(text, field.Members);
        text.Append('}');
    }

    private static void AppendLiterals(StringBuilder text, EquatableArray<FieldSpec> fields, bool withEnums)
    {
        text.Append('{');
        for (int i = 0; i < fields.Count; i++)
        {
            FieldSpec field = fields[i];
            text.Append(i == 0 ? "" : ";").Append(field.Name).Append(' ').Append(field.Kind).Append(' ').Append(Number(field.Offset))
                .Append(' ').Append(Number(field.Size));
            if (field.Length is int length)
                text.Append('*').Append(Number(length));
            if (field.IsAtomic)
                text.Append('!');
            if (field.Kind == "struct")
                AppendLiterals(text, field.Fields, withEnums);
            if (withEnums && field.Members.Count > 0)
                text.Append('(').Append(string.Join(",", field.Members.Select(static member => $"{member.Name}={member.Value}")))
                    .Append(')');
        }

        text.Append('}');
    }

    private static void AppendEnum(StringBuilder text, EquatableArray<EnumMember> members)
    {
        text.Append(",\"enum\":{");
        for (int i = 0; i < members.Count; i++)
            text.Append(i == 0 ? "\"" : ",\"").Append(members[i].Name).Append("\":").Append(members[i].Value);
        text.Append('}');
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
