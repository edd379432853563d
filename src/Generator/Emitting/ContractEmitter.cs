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
        EmitJson(writer, layout, contract);
        writer.Line();
        EmitVerify(writer, layout, contract);
    }

    // One line for each field, which the compiler joins.
    private static void EmitJson(SourceWriter writer, LayoutSpec layout, string contract)
    {
        IReadOnlyList<string> lines = LayoutText.JsonLines(layout);
        writer.Line($"static global::System.ReadOnlySpan<byte> {contract}.LayoutJson =>");
        using (writer.Indent())
        {
            for (int i = 0; i < lines.Count; i++)
                writer.Line($"\"\"\"{lines[i]}\"\"\"u8{(i == lines.Count - 1 ? ";" : " +")}");
        }
    }

    private static void EmitVerify(SourceWriter writer, LayoutSpec layout, string contract)
    {
        string self = layout.TypeName;
        bool isUnsafe = layout.Fields.Any(static field => field.IsFixedBuffer);
        if (layout.Fields.Any(static field => field.Obsolete is not null))
            writer.Line("[global::System.Obsolete]");
        using (writer.Open($"static {(isUnsafe ? "unsafe " : "")}bool {contract}.Verify()"))
        {
            if (layout.Fields.Count == 0)
            {
                writer.Line($"return {Unsafe}.SizeOf<{self}>() == {Literal.Of(layout.Size)};");
                return;
            }

            writer.Line($"{Unsafe}.SkipInit(out {self} value);");
            writer.Line($"return {Unsafe}.SizeOf<{self}>() == {Literal.Of(layout.Size)}");
            using (writer.Indent())
            {
                for (int i = 0; i < layout.Fields.Count; i++)
                    writer.Line($"&& Offset(ref value, {Reference(layout.Fields[i])}) == {Literal.Of(layout.Fields[i].Offset)}{(i == layout.Fields.Count - 1 ? ";" : "")}");
            }

            writer.Line();
            writer.Line($"static nint Offset<TField>(ref {self} value, ref TField field) =>");
            using (writer.Indent())
                writer.Line($"{Unsafe}.ByteOffset(ref {Unsafe}.As<{self}, byte>(ref value), ref {Unsafe}.As<TField, byte>(ref field));");
        }
    }

    private static string Reference(FieldSpec field)
    {
        string storage = $"value.{field.Identifier}{(field.IsFixedBuffer ? "[0]" : "")}";
        return field.IsReadOnly ? $"ref {Unsafe}.AsRef(in {storage})" : $"ref {storage}";
    }
}
