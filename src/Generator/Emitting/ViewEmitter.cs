namespace TypedShm.Generator;

/// <summary>Writes <c>SharedView</c> and <c>ReadOnlySharedView</c>: a reference to the struct, with one property a field.</summary>
internal static class ViewEmitter
{
    // The ends that are a struct. The language converts nothing from an interface, so that each is named.
    private const string WritingEnd = "SharedStructWriter";
    private static readonly string[] s_ends = [WritingEnd, "SharedStructReader"];

    private const string Marshal = "global::System.Runtime.InteropServices.MemoryMarshal";

    public static void Emit(SourceWriter writer, LayoutSpec layout, GeneratedMembers members, bool isReadOnly)
    {
        string name = isReadOnly ? "ReadOnlySharedView" : "SharedView";
        string reference = isReadOnly ? "ref readonly" : "ref";
        string value = MemberNames.Unused("_at", layout);
        string contract = $"global::TypedShm.I{(isReadOnly ? "ReadOnly" : "")}SharedView<{name}, {layout.Identifier}>";
        writer.Line($"/// <summary>Each property is the memory itself{(isReadOnly ? ", to be read" : "")}.</summary>");
        if (MemberNames.IsFree("ToString", layout))
            writer.Line("[global::System.Diagnostics.DebuggerDisplay(\"{ToString(),nq}\")]");
        if (members.HasFlag(GeneratedMembers.ViewExtras))
        {
            writer.Line("[global::System.Diagnostics.DebuggerTypeProxy("
                + $"typeof(global::TypedShm.SharedViewDebugView<{name}, {layout.Identifier}>))]");
        }

        using (writer.Open($"public readonly ref struct {name}({reference} {layout.Identifier} value) : {contract}"))
        {
            writer.Line($"private readonly {reference} {layout.Identifier} {value} = ref value;");
            writer.Line();
            foreach (FieldSpec field in layout.Fields.Where(static field => field.Access != FieldAccess.Private))
                writer.Line(MemberNames.Modifiers(field) + Property(field, $"{value}.{field.Identifier}", isReadOnly));
            EmitWhole(writer, layout, members, value, isReadOnly);
            EmitConversions(writer, layout, members, value, isReadOnly);
            writer.Line($"static {name} {contract}.Of({reference} {layout.Identifier} value) => new({(isReadOnly ? "in" : "ref")} value);");
        }
    }

    // Members for the struct as a whole, as far as no field has their name.
    private static void EmitWhole(SourceWriter writer, LayoutSpec layout, GeneratedMembers members, string value, bool isReadOnly)
    {
        string self = layout.Identifier;
        if (MemberNames.IsFree("Read", layout))
            writer.Line($"public {self} Read() => {value};");
        if (!isReadOnly && MemberNames.IsFree("Write", layout))
            writer.Line($"public void Write(in {self} value) => {value} = value;");
        if (MemberNames.IsFree("CopyTo", layout) && MemberNames.IsFree("Write", layout))
            writer.Line($"public void CopyTo(SharedView destination) => destination.Write(in {value});");
        if (MemberNames.IsFree("ToString", layout))
            writer.Line($"public override string ToString() => {Text(members, value)};");
    }

    // An interpolated string takes a ref struct only as characters. The last name is the one of operators in metadata, should a field
    // have it.
    private static void EmitConversions(SourceWriter writer, LayoutSpec layout, GeneratedMembers members, string value, bool isReadOnly)
    {
        if (!MemberNames.IsFree("op_Implicit", layout))
            return;
        string name = isReadOnly ? "ReadOnlySharedView" : "SharedView";
        writer.Line($"public static implicit operator global::System.ReadOnlySpan<char>({name} view) => {Text(members, $"view.{value}")};");
        if (!isReadOnly)
            writer.Line($"public static implicit operator ReadOnlySharedView(SharedView view) => new(in view.{value});");
        if (!members.HasFlag(GeneratedMembers.ViewExtras))
            return;
        foreach (string end in isReadOnly ? s_ends : [WritingEnd])
        {
            writer.Line($"public static implicit operator {name}(global::TypedShm.{end}<{layout.Identifier}> end) => "
                + $"new({(isReadOnly ? "in" : "ref")} end.Value);");
        }
    }

    private static string Text(GeneratedMembers members, string value) =>
        members.HasFlag(GeneratedMembers.Text) ? $"{value}.ToString()" : $"global::TypedShm.SharedFields.Format(in {value})";

    private static string Property(FieldSpec field, string storage, bool viewIsReadOnly)
    {
        bool isReadOnly = viewIsReadOnly || field.IsReadOnly;
        string by = isReadOnly ? "in" : "ref";
        string prefix = isReadOnly ? "ReadOnly" : "";
        string name = field.Identifier;
        string modifier = field.IsFixedBuffer ? "unsafe " : "";
        string elements = field.IsFixedBuffer ? FixedBufferSpan(field, storage, isReadOnly) : storage;
        return field switch
        {
            { IsAtomic: true, Length: null } => $"global::TypedShm.{prefix}Atomic<{field.TypeName}> {name} => new({by} {storage});",
            { IsAtomic: true } => $"{modifier}global::TypedShm.{prefix}AtomicArray<{field.TypeName}> {name} => new({elements});",
            { Shape: FieldShape.Struct } => $"{field.TypeName}.{prefix}SharedView {name} => new({by} {storage});",
            { Kind: "struct" } =>
                $"global::TypedShm.{prefix}SharedArray<{field.TypeName}, {field.TypeName}.{prefix}SharedView> {name} => new({storage});",
            { Shape: FieldShape.Text } => $"{modifier}global::TypedShm.{prefix}SharedText {name} => new({elements});",
            { Kind: "text" } => $"global::TypedShm.{prefix}SharedTextArray {name} => "
                + $"new({Marshal}.AsBytes((global::System.{prefix}Span<{field.TypeName}>){storage}), {Literal.Of(field.Size)});",
            { Shape: FieldShape.InlineArray or FieldShape.FixedBuffer } =>
                $"{modifier}global::System.{prefix}Span<{field.TypeName}> {name} => {elements};",
            _ => $"{(isReadOnly ? "ref readonly" : "ref")} {field.TypeName} {name} => ref {storage};",
        };
    }

    private static string FixedBufferSpan(FieldSpec field, string storage, bool isReadOnly) =>
        $"{Marshal}.Create{(isReadOnly ? "ReadOnlySpan(in" : "Span(ref")} {storage}[0], {Literal.Of(field.Length ?? field.Size)})";
}
