using System.Globalization;
using System.Text;

namespace TypedShm.Layout;

/// <summary>Prints two layouts side by side, by offset, the differing lines marked.</summary>
internal static class LayoutDiff
{
    // A hostile peer may send thousands of fields; a message has an end.
    private const int MaxLines = 400;
    private const int MaxColumn = 60;

    // A path is as long as its names are deep; what tells rows apart is at the ends.
    private const int MaxRow = 120;

    public static string Describe(LayoutDescriptor ours, LayoutDescriptor theirs, string us = "this process", string them = "the peer")
    {
        List<LayoutRow> left = LayoutRow.Flatten(ours);
        List<LayoutRow> right = LayoutRow.Flatten(theirs);
        int column = left.Select(row => row.ToString().Length).Append(us.Length).Append(Total(ours).Length).Max();
        column = Math.Min(column, MaxColumn);

        StringBuilder text = new();
        Line(text, ' ', "offset", us, them);
        int lines = 0;
        for (int l = 0, r = 0; l < left.Count || r < right.Count;)
        {
            if (++lines > MaxLines)
            {
                text.Append("          … and ").Append(left.Count - l).Append(" and ").Append(right.Count - r).Append(" more\n");
                break;
            }

            long offset = Math.Min(l < left.Count ? left[l].Offset : long.MaxValue, r < right.Count ? right[r].Offset : long.MaxValue);
            LayoutRow? one = l < left.Count && left[l].Offset == offset ? left[l++] : null;
            LayoutRow? other = r < right.Count && right[r].Offset == offset ? right[r++] : null;
            Line(text, one == other ? ' ' : '*', offset.ToString(CultureInfo.InvariantCulture), Cut(one), Cut(other));
        }

        Line(text, ours.Size == theirs.Size && ours.Alignment == theirs.Alignment ? ' ' : '*', "total", Total(ours), Total(theirs));
        return text.ToString();

        void Line(StringBuilder text, char mark, string offset, string one, string other) =>
            text.Append(' ').Append(mark).Append(' ').Append(offset.PadLeft(7)).Append("  ").Append(one.PadRight(column)).Append("  ")
                .Append(other).Append('\n');
    }

    private static string Cut(LayoutRow? row)
    {
        string text = row?.ToString() ?? "-";
        return text.Length <= MaxRow ? text : $"{text[..(MaxRow / 2)]}…{text[^((MaxRow / 2) - 1)..]}";
    }

    private static string Total(LayoutDescriptor layout) =>
        string.Create(CultureInfo.InvariantCulture, $"{layout.Size} bytes, alignment {layout.Alignment}");
}
