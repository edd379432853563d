using System.Globalization;
using System.Security;
using System.Text;

namespace TypedShm.Tool.Layouts;

/// <summary>The memory map of a struct as a picture: a row a cache line, a column a byte.</summary>
internal static class SvgMap
{
    private const int Cell = 14;
    private const int RowHeight = 34;
    private const int Left = 56;
    private const int Top = 46;
    private const int MostRows = 512;

    private static readonly string[] s_colours = ["#8ecae6", "#ffd166", "#b5e48c", "#f4a6c0", "#cdb4db", "#ffb085", "#90dbf4", "#d9ed92"];

    public static string Draw(string name, LayoutDescriptor layout)
    {
        int rows = Math.Min(MostRows, (layout.Size + MemoryMap.CacheLine - 1) / MemoryMap.CacheLine);
        int width = Left + (MemoryMap.CacheLine * Cell) + 16;
        int height = Top + (rows * RowHeight) + 14;
        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" "
            + $"viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\">\n");
        svg.Append("<defs><pattern id=\"pad\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">")
            .Append("<rect width=\"6\" height=\"6\" fill=\"#f2f2f2\"/><line x1=\"0\" y1=\"0\" x2=\"0\" y2=\"6\" stroke=\"#bbb\" "
                + "stroke-width=\"2\"/></pattern></defs>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n");
        Text(svg, 8, 20, 14, "start", $"{name}: {layout.Size} bytes, alignment {layout.Alignment}, fingerprint {layout.Fingerprint:x16}");
        for (int at = 0; at < MemoryMap.CacheLine; at += 8)
            Text(svg, Left + (at * Cell), Top - 6, 10, "start", at.ToString(CultureInfo.InvariantCulture));
        for (int row = 0; row < rows; row++)
            Text(svg, Left - 6, Top + (row * RowHeight) + 20, 10, "end",
                (row * MemoryMap.CacheLine).ToString(CultureInfo.InvariantCulture));

        int colour = 0;
        foreach (MapPart part in MemoryMap.Of(layout))
        {
            string fill = part.Name is null ? "url(#pad)" : s_colours[colour++ % s_colours.Length];
            foreach (MapPart piece in Pieces(part).Where(piece => piece.Offset / MemoryMap.CacheLine < rows))
                Draw(svg, piece, fill);
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static IEnumerable<MapPart> Pieces(MapPart part)
    {
        for (int at = part.Offset; at < part.End;)
        {
            int end = Math.Min(part.End, ((at / MemoryMap.CacheLine) + 1) * MemoryMap.CacheLine);
            yield return part with { Offset = at, Size = end - at };
            at = end;
        }
    }

    private static void Draw(StringBuilder svg, MapPart piece, string fill)
    {
        int x = Left + (piece.Offset % MemoryMap.CacheLine * Cell);
        int y = Top + (piece.Offset / MemoryMap.CacheLine * RowHeight);
        int width = piece.Size * Cell;
        string what = piece.Name is null ? $"{piece.Size} bytes of padding" : $"{piece.Name} {piece.Kind}";
        svg.Append(CultureInfo.InvariantCulture, $"<g><title>{Escape(what)} at {piece.Offset}</title>")
            .Append(CultureInfo.InvariantCulture,
                $"<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{RowHeight - 4}\" fill=\"{fill}\" stroke=\"#555\"/>");

        // Some 6 units a character of 10.
        int room = (width - 6) / 6;
        if (piece.Name is { } name && room >= 1)
        {
            Text(svg, x + 4, y + 13, 10, "start", name.Length <= room ? name : room > 1 ? $"{name[..(room - 1)]}…" : "");
            if (piece.Kind.Length <= room)
                Text(svg, x + 4, y + 25, 9, "start", piece.Kind);
        }

        svg.Append("</g>\n");
    }

    private static void Text(StringBuilder svg, int x, int y, int size, string anchor, string text) =>
        svg.Append(CultureInfo.InvariantCulture,
            $"<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" text-anchor=\"{anchor}\" fill=\"#222\">{Escape(text)}</text>\n");

    private static string Escape(string text) => SecurityElement.Escape(text) ?? "";
}
