using Spectre.Console;
using Spectre.Console.Rendering;
using TypedShm.Tool.Output;
using TypedShm.Tool.Sampling;

namespace TypedShm.Tool.Verbs;

/// <summary>What <c>watch</c> draws: it fits the terminal, and its columns stay where they are while values change.</summary>
/// <param name="watched">The channel.</param>
internal sealed class WatchFrame(WatchedChannel watched)
{
    private const string FieldHead = "FIELD";
    private const string KindHead = "KIND";
    private const int LeastSparkline = 8;
    private const int LeastValue = 12;

    // The summary, the heads, and what is said of fields that have no room.
    private const int OtherLines = 3;

    // Values become shorter, too: the column does not.
    private int _valueWidth = LeastValue;

    public Rows Render(Size size)
    {
        List<IRenderable> rows = [Line(watched.Summary, Style.Plain)];
        if (!watched.Inspector.IsConnected)
            rows.Add(Line("Its creator is gone; these are the last values.", new Style(Color.Yellow)));
        WatchedField[] fields = [.. watched.Fields];
        int room = Math.Max(1, size.Height - OtherLines - (rows.Count - 1));
        WatchedField[] shown = fields.Length <= room + 1 ? fields : fields[..room];
        if (shown.Length > 0)
            rows.Add(Table(shown, size.Width));
        if (shown.Length < fields.Length)
            rows.Add(Line($"… {Format.Count(fields.Length - shown.Length)} more fields, in a higher terminal or by `typedshm show`.",
                new Style(Color.Grey)));
        return new Rows(rows);

        Text Line(string text, Style style) => new(Format.Fit(text, size.Width), style);
    }

    private Table Table(WatchedField[] fields, int width)
    {
        int path = Math.Min(fields.Max(field => Math.Max(FieldHead.Length, field.Path.GetCellWidth())), width / 2);
        int kind = fields.Max(field => Math.Max(KindHead.Length, field.Kind.Length));
        _valueWidth = Math.Max(_valueWidth, fields.Max(field => field.Text.GetCellWidth()));
        int left = width - path - Screen.Gap;
        bool hasKind = left >= LeastValue + Screen.Gap + kind;
        left -= hasKind ? kind + Screen.Gap : 0;
        int value = Math.Min(_valueWidth, left);
        int sparkline = Math.Min(WatchedField.Remembered, left - value - Screen.Gap);
        bool hasSparkline = sparkline >= LeastSparkline;

        Table table = Screen.Table([FieldHead, "VALUE", .. Only(hasSparkline, ""), .. Only(hasKind, KindHead)]);
        table.Columns[0].Width = path;
        table.Columns[1].Width = value;
        if (hasSparkline)
            table.Columns[2].Width = sparkline;
        foreach (WatchedField field in fields)
        {
            Style changed = field.HasChanged ? new Style(Color.Yellow, decoration: Decoration.Bold) : Style.Plain;
            table.AddRow([
                new Text(Format.Fit(field.Path, path)),
                new Text(Format.Fit(field.Text, value), changed),
                .. Only(hasSparkline, new Text(field.Sparkline(sparkline), new Style(Color.Green))),
                .. Only(hasKind, new Text(field.Kind, new Style(Color.Grey))),
            ]);
        }

        return table;
    }

    private static T[] Only<T>(bool isWanted, T what) => isWanted ? [what] : [];
}
