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
        writer.Line($"static global::System.ReadOnlySpan<byte> {contract}.LayoutJson => \"\"\"{LayoutText.Json(layout)}\"\"\"u8;");
        writer.Line();
        EmitVerify(writer, layout, contract);
    }

    private static void EmitVerify(SourceWriter writer, LayoutSpec layout, string contract)
    {
        bool isUnsafe = layout.Fields.Any(static field => field.IsFixedBuffer);
        using (writer.Open($"static {(isUnsafe ? "unsafe " : "")}bool {contract}.Verify()"))
        {
            if (layout.Fields.Count > 0)
            {
                writer.Line($"{Unsafe}.SkipInit(out {layout.TypeName} value);");
                writer.Line($"ref byte start = ref {Unsafe}.As<{layout.TypeName}, byte>(ref value);");
            }

            writer.Line($"return {Unsafe}.SizeOf<{layout.TypeName}>() == {Literal.Of(layout.Size)}{(layout.Fields.Count == 0 ? ";" : "")}");
            using (writer.Indent())
            {
                for (int i = 0; i < layout.Fields.Count; i++)
                {
                    FieldSpec field = layout.Fields[i];
                    string storage = $"value.{field.Identifier}{(field.IsFixedBuffer ? "[0]" : "")}";
                    string reference = field.IsReadOnly ? $"ref {Unsafe}.AsRef(in {storage})" : $"ref {storage}";
                    writer.Line($"&& {Unsafe}.ByteOffset(ref start, ref {Unsafe}.As<{field.StorageTypeName}, byte>({reference})) == {Literal.Of(field.Offset)}{(i == layout.Fields.Count - 1 ? ";" : "")}");
                }
            }
        }
    }
}
