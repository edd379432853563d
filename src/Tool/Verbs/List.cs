using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Spectre.Console.Rendering;
using TypedShm.Tool.Output;
using TypedShm.Tool.Sampling;

namespace TypedShm.Tool.Verbs;

/// <summary><c>ls</c>: the channels of this machine.</summary>
internal static class List
{
    private const int Name = 0;
    private const int Type = 2;
    private const int LeastName = 8;
    private const int LeastType = 8;

    private static readonly string[] s_heads = ["NAME", "KIND", "TYPE", "SIZE", "PID", "USER", "PEERS", "RATE", "DEPTH", "AGE"];

    // Depth, age, user, size, type, peers, process.
    private static readonly int[] s_dispensable = [8, 9, 5, 3, Type, 6, 4];

    // Between the two looks that give a rate.
    private static readonly TimeSpan s_between = TimeSpan.FromMilliseconds(250);

    public static Command Create()
    {
        Option<bool> json = Arguments.Json();
        Command command = new(
            "ls",
            """
            Lists the channels of this machine.

            Examples:
              typedshm ls
              typedshm ls --json | jq -r 'select(.kind == "queue") | .name'
            """)
        {
            json,
        };
        command.SetAction(async (parsed, token) =>
        {
            using Machine machine = new();
            machine.Refresh();
            await Task.Delay(s_between, token).ConfigureAwait(false);
            machine.Sample();
            if (parsed.GetValue(json))
            {
                foreach (ChannelReport report in machine.Reports)
                    JsonLines.Write(writer => Write(writer, report));
                return ExitCode.Ok;
            }

            Screen.Write(Render(machine, Screen.Width));
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>
    /// The table, and what may not be looked at. Names are never cut, since they are what other verbs take: one that has no room goes on in
    /// the next line.
    /// </summary>
    /// <param name="machine">What there is.</param>
    /// <param name="width">Of a line. What has no room is left out, the least wanted first.</param>
    public static Rows Render(Machine machine, int width)
    {
        string[][] cells = [.. machine.Reports.Select(Cells)];
        List<IRenderable> rows = [cells.Length == 0 ? new Text("No channels were found.") : Table(cells, width)];
        rows.AddRange(machine.Hidden.Select(hidden => new Text(hidden, new Style(Color.Grey))));
        return new Rows(rows);
    }

    private static string[] Cells(ChannelReport report) =>
    [
        Show.Safe(report.Endpoint.Name), report.Kind, report.Type ?? Format.Unknown, Format.Bytes(report.Size),
        report.ProcessId == 0 ? "?" : Format.Invariant($"{report.ProcessId}"), report.User,
        report.PeerCount is { } peers ? Format.Count(peers) : Format.Unknown,
        Format.Rate(report.PerSecond), report.Depth is { } depth ? Format.Count(depth) : Format.Unknown, Format.Age(report.Age),
    ];

    private static Table Table(string[][] cells, int width)
    {
        List<int> shown = [.. Enumerable.Range(0, s_heads.Length)];
        int[] widths = [.. s_heads.Select((head, i) => cells.Select(row => row[i].GetCellWidth()).Prepend(head.Length).Max())];
        foreach (int dispensable in s_dispensable)
        {
            // What no channel has tells nothing; a type may be cut.
            bool isEmpty = cells.All(row => row[dispensable] == Format.Unknown);
            int spare = isEmpty || !shown.Contains(Type) ? 0 : Math.Max(0, widths[Type] - LeastType);
            if (Excess() > spare)
                shown.Remove(dispensable);
        }

        if (Excess() > 0 && shown.Contains(Type))
            widths[Type] -= Excess();
        else if (Excess() > 0)
            widths[Name] = Math.Max(LeastName, widths[Name] - Excess());
        Table table = Screen.Table([.. shown.Select(column => s_heads[column])]);
        for (int i = 0; i < shown.Count; i++)
            table.Columns[i].Width = widths[shown[i]];
        foreach (string[] row in cells)
            table.AddRow(shown.Select(column => new Text(column == Name ? row[Name] : Format.Fit(row[column], widths[column]))));
        return table;

        int Excess() => shown.Sum(column => widths[column] + Screen.Gap) - Screen.Gap - width;
    }

    public static void Write(Utf8JsonWriter writer, ChannelReport report)
    {
        writer.WriteString("name", report.Endpoint.Name);
        writer.WriteString("kind", report.Kind);
        writer.WriteString("type", report.Type);
        writer.WriteString("fingerprint", report.Layout?.Fingerprint.ToString("x16", null));
        writer.WriteNumber("size", report.Size);
        writer.WriteNumber("pid", report.ProcessId);
        writer.WriteString("user", report.User);
        JsonLines.WriteNumber(writer, "peers", report.PeerCount);
        JsonLines.WriteNumber(writer, "rate", report.PerSecond);
        JsonLines.WriteNumber(writer, "depth", report.Depth);
        JsonLines.WriteNumber(writer, "age", report.Age?.TotalSeconds);
    }
}
