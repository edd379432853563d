namespace TypedShm.Generator;

/// <summary>Writes <c>SharedOffsets</c>: where each field stands.</summary>
internal static class OffsetsEmitter
{
    public static void Emit(SourceWriter writer, LayoutSpec layout)
    {
        writer.Line("/// <summary>Where the fields stand, in bytes from the start of the struct; and its size and alignment, unless a field has that name.</summary>");
        using (writer.Open("public static class SharedOffsets"))
        {
            foreach (FieldSpec field in layout.Fields.Where(static field => field.Access != FieldAccess.Private))
            {
                MemberNames.EmitAttributes(writer, field.Attributes);
                writer.Line($"{MemberNames.Modifier(field)} {MemberNames.HidingModifier(field)}const int {field.Identifier} = {Literal.Of(field.Offset)};");
            }

            EmitOwn(writer, layout, "Size", layout.Size);
            EmitOwn(writer, layout, "Alignment", layout.Alignment);
        }
    }

    private static void EmitOwn(SourceWriter writer, LayoutSpec layout, string name, int value)
    {
        if (MemberNames.IsFree(name, layout))
            writer.Line($"public const int {name} = {Literal.Of(value)};");
    }
}
