using System.Text;

namespace TypedShm.Generator;

/// <summary>
/// Writes the layout as a map into the doc comment, as <c>pahole</c> prints it: offsets, sizes, padding and the boundaries of
/// cache lines, so that hovering over the type shows what it costs.
/// </summary>
internal static class LayoutMap
{
    private const int CacheLine = 64;

    public static void Emit(SourceWriter writer, LayoutSpec layout)
    {
        writer.Line("/// <remarks>");
        writer.Line($"/// {Literal.Of(layout.Size)} {(layout.Size == 1 ? "byte" : "bytes")}, alignment {Literal.Of(layout.Alignment)}, in shared memory:");
        writer.Line("/// <code>");
        writer.Line("/// offset   size  field");
        int end = 0;
        int line = 0;
        int padding = 0;
        foreach (FieldSpec field in layout.Fields.OrderBy(static field => field.Offset))
        {
            padding += Gap(writer, end, field.Offset, ref line);
            Boundary(writer, field.Offset, ref line);
            string kind = field.Length is int length ? $"{field.Kind}[{Literal.Of(length)}]" : field.Kind;
            Row(writer, field.Offset, field.TotalSize, $"{field.Name}: {kind}{(field.IsAtomic ? ", atomic" : "")}");
            end = field.End;
        }

        padding += Gap(writer, end, layout.Size, ref line);
        writer.Line("/// </code>");
        if (padding > 0)
            writer.Line($"/// {Literal.Of(padding)} of them {(padding == 1 ? "is" : "are")} padding.");
        writer.Line("/// </remarks>");
    }

    private static int Gap(SourceWriter writer, int from, int to, ref int line)
    {
        if (to <= from)
            return 0;
        Boundary(writer, from, ref line);
        Row(writer, from, to - from, "(padding)");
        return to - from;
    }

    // A large field may skip boundaries; the one shown is the last before what follows.
    private static void Boundary(SourceWriter writer, int offset, ref int line)
    {
        if (offset / CacheLine == line)
            return;
        line = offset / CacheLine;
        writer.Line($"/// ------ cache line {Literal.Of(line)}, from {Literal.Of(line * CacheLine)}");
    }

    private static void Row(SourceWriter writer, int offset, int size, string text)
    {
        StringBuilder row = new("/// ");
        row.Append(Literal.Of(offset).PadLeft(6)).Append(' ').Append(Literal.Of(size).PadLeft(6)).Append("  ").Append(text);
        writer.Line(row.ToString());
    }
}
