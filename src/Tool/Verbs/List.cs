using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using TypedShm.Tool.Output;
using TypedShm.Tool.Sampling;

namespace TypedShm.Tool.Verbs;

/// <summary><c>ls</c>: the channels of this machine.</summary>
internal static class List
{
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

            Screen.Write(Render(machine));
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>The table, and what may not be looked at.</summary>
    public static Rows Render(Machine machine)
    {
        Table table = Screen.Table("NAME", "KIND", "TYPE", "SIZE", "PID", "USER", "PEERS", "RATE", "DEPTH", "AGE");
        foreach (ChannelReport report in machine.Reports)
        {
            table.AddRow(
                Cell(Show.Safe(report.Endpoint.Name)), Cell(report.Kind), Cell(report.Type ?? "-"), Cell(Format.Bytes(report.Size)),
                Cell(report.ProcessId == 0 ? "?" : Format.Invariant($"{report.ProcessId}")), Cell(report.User),
                    Cell(Format.Invariant($"{report.PeerCount}")),
                Cell(Format.Rate(report.PerSecond)), Cell(report.Depth is { } depth ? Format.Count(depth) : "-"),
                    Cell(Format.Age(report.Age)));
        }

        List<Spectre.Console.Rendering.IRenderable> rows = [];
        rows.Add(table.Rows.Count == 0 ? new Text("No channels were found.") : table);
        rows.AddRange(machine.Hidden.Select(hidden => new Text(hidden, new Style(Color.Grey))));
        return new Rows(rows);

        static Text Cell(string text) => new(text);
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
