namespace TypedShm.Generator;

/// <summary>Writes what the runtime asks of a struct, explicitly, so that no field's name can be in the way.</summary>
internal static class ContractEmitter
{
    private const string Unsafe = "global::System.Runtime.CompilerServices.Unsafe";

    public static void Emit(SourceWriter writer, LayoutSpec layout, string contract)
    {
        writer.Line($"static int {contract}.Size => {Literal.Of(layout.Size)};");
        writer.Line();
        writer.Line($"static int {contract}.Alignment => {Literal.Of(layout.Alignment)};");
        writer.Line();
        writer.Line($"static ulong {contract}.Fingerprint => {Literal.Of(layout.Fingerprint)};");
        writer.Line();
        writer.Line($"static global::System.ReadOnlySpan<byte> {contract}.LayoutJson =>");
        using (writer.Indent())
            writer.Line($"\"\"\"{LayoutText.Json(layout)}\"\"\"u8;");
        writer.Line();
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
        writer.Line($"static global::System.ReadOnlySpan<int> {contract}.HiddenFields => [{string.Join(", ", hidden.Select(Literal.Of))}];");
        writer.Line();
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

    // The place of a field is that of a reference to it. No value of the struct is needed for that, which may be larger than the stack.
    private static void EmitVerify(SourceWriter writer, LayoutSpec layout, string contract)
    {
        bool isUnsafe = layout.Fields.Any(static field => field.IsFixedBuffer);
        if (layout.Fields.Any(static field => field.Attributes.Count > 0))
            writer.Line("[global::System.Obsolete]");
        using (writer.Open($"static {(isUnsafe ? "unsafe " : "")}bool {contract}.Verify()"))
        {
            if (layout.Fields.Count == 0)
            {
                writer.Line($"return {Unsafe}.SizeOf<{layout.Identifier}>() == {Literal.Of(layout.Size)};");
                return;
            }

            writer.Line("byte start = 0;");
            writer.Line($"ref readonly {layout.Identifier} value = ref {Unsafe}.As<byte, {layout.Identifier}>(ref start);");
            writer.Line($"return {Unsafe}.SizeOf<{layout.Identifier}>() == {Literal.Of(layout.Size)}");
            using (writer.Indent())
            {
                for (int i = 0; i < layout.Fields.Count; i++)
                {
                    FieldSpec field = layout.Fields[i];
                    writer.Line($"&& Is(ref start, in value.{field.Identifier}{(field.IsFixedBuffer ? "[0]" : "")}, {Literal.Of(field.Offset)}){(i == layout.Fields.Count - 1 ? ";" : "")}");
                }
            }

            writer.Line();
            writer.Line("static bool Is<TField>(ref byte start, ref readonly TField field, nint offset) =>");
            using (writer.Indent())
                writer.Line($"{Unsafe}.ByteOffset(ref start, ref {Unsafe}.As<TField, byte>(ref {Unsafe}.AsRef(in field))) == offset;");
        }
    }
}
