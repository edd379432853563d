namespace TypedShm.Generator;

/// <summary>Writes <c>SharedOffsets</c>: where each field stands, as many to a line as fit.</summary>
internal static class OffsetsEmitter
{
    private const int MostOnALine = 120;

    public static void Emit(SourceWriter writer, LayoutSpec layout)
    {
        writer.Line("/// <summary>Bytes from the start of the struct; its size and alignment.</summary>");
        using (writer.Open("public static class SharedOffsets"))
        {
            string line = "";
            string declaration = "";
            foreach ((string modifiers, string constant) in Constants(layout))
            {
                if (modifiers == declaration && line.Length + constant.Length <= MostOnALine)
                {
                    line += $", {constant}";
                    continue;
                }

                if (line.Length > 0)
                    writer.Line($"{line};");
                declaration = modifiers;
                line = $"{modifiers}const int {constant}";
            }

            if (line.Length > 0)
                writer.Line($"{line};");
        }
    }

    private static IEnumerable<(string Modifiers, string Constant)> Constants(LayoutSpec layout)
    {
        foreach (FieldSpec field in layout.Fields.Where(static field => field.Access != FieldAccess.Private))
            yield return (MemberNames.Modifiers(field), $"{field.Identifier} = {Literal.Of(field.Offset)}");
        if (MemberNames.IsFree("Size", layout))
            yield return ("public ", $"Size = {Literal.Of(layout.Size)}");
        if (MemberNames.IsFree("Alignment", layout))
            yield return ("public ", $"Alignment = {Literal.Of(layout.Alignment)}");
    }
}
