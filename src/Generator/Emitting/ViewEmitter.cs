namespace TypedShm.Generator;

/// <summary>Writes <c>SharedView</c> and <c>ReadOnlySharedView</c>: a reference to the struct, with one property a field.</summary>
internal static class ViewEmitter
{
    public static void Emit(SourceWriter writer, LayoutSpec layout, bool isReadOnly)
    {
        string name = isReadOnly ? "ReadOnlySharedView" : "SharedView";
        string reference = isReadOnly ? "ref readonly" : "ref";
        string value = MemberNames.Unused("_value", layout);
        writer.Line(isReadOnly
            ? $"/// <summary>A view of <c>{layout.Name}</c> that cannot write it: each property reads the memory itself, as it is now.</summary>"
            : $"/// <summary>A view of <c>{layout.Name}</c>: each property reads and writes the memory itself.</summary>");
        writer.Line("/// <param name=\"value\">The struct, in shared memory or anywhere else.</param>");
        using (writer.Open($"public readonly ref struct {name}({reference} {layout.TypeName} value)"))
        {
            writer.Line($"private readonly {reference} {layout.TypeName} {value} = ref value;");
            foreach (FieldSpec field in layout.Fields.Where(static field => field.Access != FieldAccess.Private))
            {
                writer.Line();
                writer.Line($"/// <summary><c>{field.Name}</c>: {MemberNames.Describe(field)}.</summary>");
                MemberNames.EmitObsolete(writer, field.Obsolete);
                writer.Line($"{MemberNames.Modifier(field)} {MemberNames.HidingModifier(field)}{Property(field, $"{value}.{field.Identifier}", isReadOnly)}");
            }

            // The operator's own name in metadata, should a field have it.
            if (isReadOnly || layout.Fields.Any(static field => field.Name == "op_Implicit"))
                return;
            writer.Line();
            writer.Line("/// <summary>The same struct, to be read only.</summary>");
            writer.Line($"public static implicit operator ReadOnlySharedView(SharedView view) => new(in view.{value});");
        }
    }

    private static string Property(FieldSpec field, string storage, bool viewIsReadOnly)
    {
        bool isReadOnly = viewIsReadOnly || field.IsReadOnly;
        string by = isReadOnly ? "in" : "ref";
        string prefix = isReadOnly ? "ReadOnly" : "";
        string name = field.Identifier;
        return field switch
        {
            { IsAtomic: true } => $"global::TypedShm.{prefix}Atomic<{field.TypeName}> {name} => new({by} {storage});",
            { Shape: FieldShape.Struct } => $"{field.TypeName}.{prefix}SharedView {name} => new({by} {storage});",
            { Shape: FieldShape.Text, IsFixedBuffer: false } => $"global::TypedShm.{prefix}SharedText {name} => new({storage});",
            { Shape: FieldShape.Text } => $"unsafe global::TypedShm.{prefix}SharedText {name} => new({FixedBufferSpan(field, storage, isReadOnly)});",
            { Shape: FieldShape.InlineArray } => $"global::System.{prefix}Span<{field.TypeName}> {name} => {storage};",
            { Shape: FieldShape.FixedBuffer } => $"unsafe global::System.{prefix}Span<{field.TypeName}> {name} => {FixedBufferSpan(field, storage, isReadOnly)};",
            _ => $"{(isReadOnly ? "ref readonly" : "ref")} {field.TypeName} {name} => ref {storage};",
        };
    }

    private static string FixedBufferSpan(FieldSpec field, string storage, bool isReadOnly) => isReadOnly
        ? $"global::System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpan(in {storage}[0], {Literal.Of(field.Length ?? field.Size)})"
        : $"global::System.Runtime.InteropServices.MemoryMarshal.CreateSpan(ref {storage}[0], {Literal.Of(field.Length ?? field.Size)})";
}
