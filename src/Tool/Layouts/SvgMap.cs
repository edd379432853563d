using System.Globalization;
using System.Security;
using System.Text;

namespace TypedShm.Tool.Layouts;

/// <summary>
/// The memory map of a struct as a picture: a row a cache line, a column a byte. Light or dark as whoever looks prefers. Rows that an array
/// fills are left out, but for the first and the last.
/// </summary>
internal static class SvgMap
{
    /// <summary>How parts look. The page has it too, and admits no other style by its hash.</summary>
    public const string Style = """
        .map{font-family:ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace}
        .map-page{fill:#fff}.map-line{fill:#f4f5f7}.map-rule{stroke:#d9dce1}
        .map-text{fill:#1c2127}.map-dim{fill:#68707b}
        .map-part rect{stroke:#0000001f}.map-part:hover rect{stroke:#1c2127}
        .map-0{fill:#b9dcf5}.map-1{fill:#fbdf9d}.map-2{fill:#c3e6b5}.map-3{fill:#f7c3d5}
        .map-4{fill:#d8cbf1}.map-5{fill:#fcc9a8}.map-6{fill:#aee3e0}.map-7{fill:#dde3a3}
        .map-pad{fill:url(#map-hatch)}.map-hatch{stroke:#b4bac3}
        @media (prefers-color-scheme:dark){
        .map-page{fill:#14171c}.map-line{fill:#1e2229}.map-rule{stroke:#343a44}
        .map-text{fill:#eceff3}.map-dim{fill:#a3abb7}
        .map-part rect{stroke:#ffffff2b}.map-part:hover rect{stroke:#eceff3}
        .map-0{fill:#1f4d70}.map-1{fill:#6a5012}.map-2{fill:#2c5a2f}.map-3{fill:#6d2f49}
        .map-4{fill:#493a75}.map-5{fill:#713f1c}.map-6{fill:#15595a}.map-7{fill:#525a17}
        .map-hatch{stroke:#4a515d}
        }
        """;

    private const int Cell = 16;
    private const int RowHeight = 40;
    private const int PartHeight = 34;
    private const int Left = 64;
    private const int Right = 16;
    private const int Top = 76;
    private const int MostRows = 512;
    private const int Colours = 8;
    private const int FewRows = 5;
    private const int NameSize = 12;
    private const int KindSize = 10;

    public static string Draw(string name, LayoutDescriptor layout)
    {
        List<MapPart> parts = MemoryMap.Of(layout);
        List<MapRow> rows = RowsOf(parts, layout.Size);
        int width = Left + (MemoryMap.CacheLine * Cell) + Right;
        int height = Top + (rows.Count * RowHeight) + 10;
        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"map\" width=\"{width}\" "
            + $"height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{Escape($"Memory map of {name}")}\">\n");
        svg.Append("<style>").Append(Style).Append("</style>\n");
        svg.Append("<defs><pattern id=\"map-hatch\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" "
            + "patternTransform=\"rotate(45)\"><path class=\"map-hatch\" d=\"M0 0V7\" stroke-width=\"2\"/></pattern></defs>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"map-page\" width=\"{width}\" height=\"{height}\"/>\n");
        Text(svg, 16, 26, 16, "start", "map-text", name, bold: true);
        Text(svg, 16, 46, NameSize, "start", "map-dim", Summary(layout, parts));
        DrawGrid(svg, rows);

        // Fields of one struct or array within the struct have one colour.
        Dictionary<string, int> colours = [];
        Dictionary<int, int> places = rows.Index().Where(row => row.Item.Skipped == 0).ToDictionary(row => row.Item.Line, row => row.Index);
        foreach (MapPart part in parts)
        {
            string outer = part.Name?.Split('.')[0] ?? "";
            if (part.Name is not null)
                colours.TryAdd(outer, colours.Count % Colours);
            string fill = part.Name is null ? "map-pad" : Format($"map-{colours[outer]}");
            foreach (MapPart piece in Pieces(part))
            {
                if (places.TryGetValue(piece.Offset / MemoryMap.CacheLine, out int place))
                    Draw(svg, part, piece, Top + (place * RowHeight), fill);
            }
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static string Summary(LayoutDescriptor layout, List<MapPart> parts)
    {
        int padding = parts.Where(part => part.Name is null).Sum(part => part.Size);
        int lines = (layout.Size + MemoryMap.CacheLine - 1) / MemoryMap.CacheLine;
        return Format($"{layout.Size:N0} bytes in {lines:N0} cache line{(lines == 1 ? "" : "s")} · alignment {layout.Alignment} · ")
            + Format($"{(padding == 0 ? "no" : Format($"{padding:N0} of"))} padding · fingerprint {layout.Fingerprint:x16}");
    }

    // A part that fills many rows has its first and its last one, and a mark between.
    private static List<MapRow> RowsOf(List<MapPart> parts, int size)
    {
        List<MapRow> rows = [];
        int lines = (size + MemoryMap.CacheLine - 1) / MemoryMap.CacheLine;
        int line = 0;
        foreach (MapPart part in parts)
        {
            int first = (part.Offset + MemoryMap.CacheLine - 1) / MemoryMap.CacheLine;
            int last = (part.End / MemoryMap.CacheLine) - 1;
            if (last - first + 1 < FewRows)
                continue;
            while (line <= first)
                rows.Add(new MapRow(line++, 0, null));
            rows.Add(new MapRow(line, last - line, part.Name ?? "padding"));
            line = last;
        }

        while (line < lines)
            rows.Add(new MapRow(line++, 0, null));
        if (rows.Count <= MostRows)
            return rows;
        MapRow cut = rows[MostRows];
        return [.. rows[..MostRows], new MapRow(cut.Line, lines - cut.Line, "the struct")];
    }

    private static void DrawGrid(StringBuilder svg, List<MapRow> rows)
    {
        const int Step = 8;
        const int Words = MemoryMap.CacheLine / Step;
        for (int word = 0; word < Words; word++)
            Text(svg, Left + (word * Step * Cell) + 2, Top - 8, KindSize, "start", "map-dim", Format($"{word * Step}"));
        foreach ((int place, MapRow row) in rows.Index())
        {
            int y = Top + (place * RowHeight);
            if (row.Skipped > 0)
            {
                Text(svg, Left + (MemoryMap.CacheLine * Cell / 2), y + 21, NameSize, "middle", "map-dim",
                    Format($"⋮  {row.Skipped:N0} more cache lines of {row.Of}  ⋮"));
                continue;
            }

            Text(svg, Left - 10, y + 21, KindSize, "end", "map-dim", Format($"{row.Line * MemoryMap.CacheLine}"));
            svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"map-line\" x=\"{Left}\" y=\"{y}\" "
                + $"width=\"{MemoryMap.CacheLine * Cell}\" height=\"{PartHeight}\" rx=\"4\"/>");
            for (int word = 1; word < Words; word++)
                svg.Append(CultureInfo.InvariantCulture,
                    $"<path class=\"map-rule\" d=\"M{Left + (word * Step * Cell)} {y}v{PartHeight}\"/>");
            svg.Append('\n');
        }
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

    private static void Draw(StringBuilder svg, MapPart part, MapPart piece, int y, string fill)
    {
        int x = Left + (piece.Offset % MemoryMap.CacheLine * Cell);
        int width = piece.Size * Cell;
        string what = part.Name is null ? $"{part.Size} bytes of padding" : $"{part.Name} {part.Kind}";
        svg.Append(CultureInfo.InvariantCulture, $"<g class=\"map-part\"><title>{Escape(what)} at {part.Offset}</title>")
            .Append(CultureInfo.InvariantCulture, $"<rect class=\"{fill}\" x=\"{x + 0.5}\" y=\"{y + 0.5}\" width=\"{width - 1}\" "
                + $"height=\"{PartHeight - 1}\" rx=\"4\"/>");
        if (part.Name is not null)
        {
            Text(svg, x + 5, y + 15, NameSize, "start", piece.Offset == part.Offset ? "map-text" : "map-dim",
                Fitting(part.Name, NameSize, width));
            string kind = part.Kind.Length <= Room(KindSize, width) ? part.Kind : "";
            Text(svg, x + 5, y + 28, KindSize, "start", "map-dim", kind);
        }

        svg.Append("</g>\n");
    }

    // The last part of a path says most.
    private static string Fitting(string path, int size, int width)
    {
        int room = Room(size, width);
        string last = path[(path.LastIndexOf('.') + 1)..];
        return path.Length <= room ? path : last.Length <= room ? last : room > 1 ? $"{last[..(room - 1)]}…" : "";
    }

    // Letters of a monospaced font are 0.6 as wide as high.
    private static int Room(int size, int width) => (int)((width - 8) / (size * 0.6));

    private static void Text(
        StringBuilder svg, int x, int y, int size, string anchor, string style, string text, bool bold = false)
    {
        if (text.Length == 0)
            return;
        svg.Append(CultureInfo.InvariantCulture,
            $"<text class=\"{style}\" x=\"{x}\" y=\"{y}\" font-size=\"{size}\" text-anchor=\"{anchor}\"")
            .Append(bold ? " font-weight=\"bold\">" : ">").Append(Escape(text)).Append("</text>\n");
    }

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Escape(string text) => SecurityElement.Escape(text) ?? "";

    /// <summary>A row of the picture: a cache line, or a mark for some that are left out.</summary>
    /// <param name="Line">The cache line, or the first one that is left out.</param>
    /// <param name="Skipped">How many are left out.</param>
    /// <param name="Of">What fills them.</param>
    private readonly record struct MapRow(int Line, int Skipped, string? Of);
}
