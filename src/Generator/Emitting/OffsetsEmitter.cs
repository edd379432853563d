namespace TypedShm.Generator;

/// <summary>Writes <c>SharedOffsets</c>: where each field stands.</summary>
internal static class OffsetsEmitter
{
    public static void Emit(SourceWriter writer, LayoutSpec layout)
    {
        writer.Line($"/// <summary>Where the fields of <c>{layout.Name}</c> stand, in bytes from its start.</summary>");
        using (writer.Open("public static class SharedOffsets"))
        {
            bool first = true;
            foreach (FieldSpec field in layout.Fields.Where(static field => field.Access != FieldAccess.Private))
            {
                if (!first)
                    writer.Line();
                first = false;
                writer.Line($"/// <summary>The offset of <c>{field.Name}</c>: {MemberNames.Describe(field)}.</summary>");
                MemberNames.EmitObsolete(writer, field.Obsolete);
                writer.Line($"{MemberNames.Modifier(field)} {MemberNames.HidingModifier(field)}const int {field.Identifier} = {Literal.Of(field.Offset)};");
            }
        }
    }
}
