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
        List<string> rows = [];
        int end = 0;
        int line = 0;
        int padding = 0;
        foreach (FieldSpec field in layout.Fields.OrderBy(static field => field.Offset))
        {
            padding += Gap(rows, end, field.Offset, ref line);
            Boundary(rows, field.Offset, ref line);
            Row(rows, field.Offset, field.TotalSize, field.Name);
            end = field.End;
        }

        padding += Gap(rows, end, layout.Size, ref line);

        writer.Line("/// <remarks>");
        writer.Line($"/// In shared memory: {Literal.Of(layout.Size)} {(layout.Size == 1 ? "byte" : "bytes")}, {(padding > 0 ? $"{Literal.Of(padding)} of padding, " : "")}alignment {Literal.Of(layout.Alignment)}. Offset and size of each field:");
        writer.Line("/// <code>");
        foreach (string row in rows)
            writer.Line(row);
        writer.Line("/// </code>");
        writer.Line("/// </remarks>");
    }

    private static int Gap(List<string> rows, int from, int to, ref int line)
    {
        if (to <= from)
            return 0;
        Boundary(rows, from, ref line);
        Row(rows, from, to - from, "(padding)");
        return to - from;
    }

    // A large field may skip boundaries; the one shown is the last before what follows.
    private static void Boundary(List<string> rows, int offset, ref int line)
    {
        if (offset / CacheLine == line)
            return;
        line = offset / CacheLine;
        rows.Add($"/// --- cache line {Literal.Of(line)}, from {Literal.Of(line * CacheLine)}");
    }

    private static void Row(List<string> rows, int offset, int size, string text)
    {
        StringBuilder row = new("/// ");
        row.Append(Literal.Of(offset).PadLeft(4)).Append(' ').Append(Literal.Of(size).PadLeft(4)).Append(' ').Append(text);
        rows.Add(row.ToString());
    }
}
