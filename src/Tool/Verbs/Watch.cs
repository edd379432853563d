using System.CommandLine;
using TypedShm.Tool.Output;
using TypedShm.Tool.Sampling;

namespace TypedShm.Tool.Verbs;

/// <summary><c>watch</c>: the values of a channel, live, with what has changed and how.</summary>
internal static class Watch
{
    public static Command Create()
    {
        Argument<string> name = Arguments.Name();
        Option<double> interval = Arguments.Interval(0.2);
        Option<long> count = Arguments.Count("looks");
        Option<int> element = new("--element", "-e") { Description = "The element of a table.", DefaultValueFactory = _ => 0 };
        Option<bool> json = Arguments.Json();
        Command command = new(
            "watch",
            """
            Shows the values of a channel, live: changed fields stand out, and each number has a line of its last values. Of queues it shows
            depth and rate, of broadcasts also what an observer of this pace would lose. Ctrl-C ends it.

            Examples:
              typedshm watch engine
              typedshm watch engine --json --interval 1
            """)
        {
            name, interval, count, element, json,
        };
        command.SetAction((parsed, token) => Run(
            parsed.GetRequiredValue(name), TimeSpan.FromSeconds(parsed.GetValue(interval)), parsed.GetValue(count),
                parsed.GetValue(element), parsed.GetValue(json), token));
        return command;
    }

    public static async Task<int> Run(
        string name, TimeSpan interval, long count, int element, bool json, CancellationToken cancellationToken)
    {
        using SharedInspector inspector = Arguments.Open(name);
        if (element < 0 || element >= inspector.Count)
            throw new ToolException(ExitCode.Usage, $"'{name}' has the elements 0 to {inspector.Count - 1}.");
        WatchedChannel watched = new(inspector, element);
        long left = count > 0 ? count : long.MaxValue;
        if (Screen.IsLive && !json)
        {
            WatchFrame frame = new(watched);
            await LiveScreen.Run(
                () =>
                {
                    watched.Look();
                    return left-- > 0;
                },
                frame.Render, interval, cancellationToken).ConfigureAwait(false);
            return ExitCode.Ok;
        }

        while (left-- > 0 && !cancellationToken.IsCancellationRequested)
        {
            watched.Look();
            Print(watched, json);
            if (!inspector.IsConnected)
                break;
            if (left > 0)
                await Task.Delay(interval, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return ExitCode.Ok;
    }

    private static void Print(WatchedChannel watched, bool json)
    {
        if (!json)
        {
            Console.Out.WriteLine($"{watched.Summary}{(watched.Value is { } value ? $"  {Show.Safe(value.ToString())}" : "")}");
            Console.Out.Flush();
            return;
        }

        JsonLines.Write(writer =>
        {
            if (watched.Value is { } value)
                JsonLines.WriteSnapshot(writer, watched.Inspector, value);
            else
                writer.WriteString("name", watched.Inspector.Name);
            writer.WriteBoolean("connected", watched.Inspector.IsConnected);
            JsonLines.WriteNumber(writer, "published", watched.Published);
            JsonLines.WriteNumber(writer, "rate", watched.PerSecond);
            JsonLines.WriteNumber(writer, "depth", watched.Counts?.Depth);
            JsonLines.WriteNumber(writer, "peers", watched.Counts?.Peers);
            if (watched.Inspector.HasMessages)
                writer.WriteNumber("lapped", watched.Lapped);
        });
    }
}
