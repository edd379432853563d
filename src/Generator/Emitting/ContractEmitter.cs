namespace TypedShm.Generator;

/// <summary>Writes what the runtime asks of a struct, explicitly, so that no field's name can be in the way.</summary>
internal static class ContractEmitter
{
    // As many as FieldProbe looks for at once: a call costs the compiler more than an argument.
    private const int FieldsPerCall = 4;

    public static void Emit(SourceWriter writer, LayoutSpec layout, string contract)
    {
        writer.Line($"static int {contract}.Size => {Literal.Of(layout.Size)};");
        writer.Line($"static int {contract}.Alignment => {Literal.Of(layout.Alignment)};");
        writer.Line($"static ulong {contract}.Fingerprint => {Literal.Of(LayoutText.Fingerprint(layout))};");
        string json = $"global::TypedShm.LayoutLiteral.ToJson<{layout.Identifier}>(\"{LayoutText.Literal(layout)}\"u8)";
        writer.Line($"static global::System.ReadOnlySpan<byte> {contract}.LayoutJson => {json};");
        EmitHidden(writer, layout, contract);
        EmitVerify(writer, layout, contract);
    }

    private static void EmitHidden(SourceWriter writer, LayoutSpec layout, string contract)
    {
        List<int> hidden = [];
        int next = 0;
        AddHidden(layout.Fields, hidden, ref next);
        if (hidden.Count == 0)
            return;
        writer.Line($"static global::System.ReadOnlySpan<int> {contract}.HiddenFields => "
            + $"[{string.Join(", ", hidden.Select(Literal.Of))}];");
    }

    private static void AddHidden(EquatableArray<FieldSpec> fields, List<int> hidden, ref int next)
    {
        foreach (FieldSpec field in fields)
        {
            if (field.Access != FieldAccess.Public)
                hidden.Add(next);
            next++;
            AddHidden(field.Fields, hidden, ref next);
        }
    }

    private static void EmitVerify(SourceWriter writer, LayoutSpec layout, string contract)
    {
        string isUnsafe = layout.Fields.Any(static field => field.IsFixedBuffer) ? "unsafe " : "";
        string obsolete = layout.Fields.Any(static field => field.Attributes.Count > 0) ? "[global::System.Obsolete] " : "";
        string head = $"{obsolete}static {isUnsafe}bool {contract}.Verify(ref readonly {layout.Identifier} value, "
            + "global::TypedShm.FieldProbe probe) =>";
        if (layout.Fields.Count == 0)
        {
            writer.Line($"{head} true;");
            return;
        }

        writer.Line(head);
        using (writer.Indent())
        {
            for (int i = 0; i < layout.Fields.Count; i += FieldsPerCall)
            {
                string fields = string.Join(", ", layout.Fields.Skip(i).Take(FieldsPerCall).Select(static field =>
                    $"in value.{field.Identifier}{(field.IsFixedBuffer ? "[0]" : "")}, {Literal.Of(field.Offset)}"));
                writer.Line($"{(i == 0 ? "" : "&& ")}probe.Finds({fields}){(i + FieldsPerCall < layout.Fields.Count ? "" : ";")}");
            }
        }
    }
}
