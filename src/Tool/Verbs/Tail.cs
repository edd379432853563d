using System.CommandLine;
using TypedShm.Tool.Output;
using TypedShm.Tool.Sampling;

namespace TypedShm.Tool.Verbs;

/// <summary><c>tail</c>: what a channel publishes, as lines.</summary>
internal static class Tail
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(1);

    public static Command Create()
    {
        Argument<string> name = Arguments.Name();
        Option<long> count = Arguments.Count("lines");
        Option<bool> start = Arguments.FromStart();
        Option<bool> json = Arguments.Json();
        Command command = new(
            "tail",
            """
            Prints what a channel publishes, a line each: messages of a broadcast, versions of a state, changed elements of a table, a
            struct that has changed. What was overwritten before it could be copied is counted. Ctrl-C ends it.

            Examples:
              typedshm tail trades
              typedshm tail trades --from-start --count 100 --json
            """)
        {
            name, count, start, json,
        };
        command.SetAction((parsed, token) =>
            Run(parsed.GetRequiredValue(name), parsed.GetValue(count), parsed.GetValue(start), parsed.GetValue(json), token));
        return command;
    }

    private static async Task<int> Run(string name, long count, bool fromStart, bool json, CancellationToken cancellationToken)
    {
        using SharedInspector inspector = Arguments.Open(name);
        ChannelFeed feed = new(inspector, fromStart);
        long left = count > 0 ? count : long.MaxValue;
        long lost = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            // Asked before the look: what was published before the end is read.
            bool isOver = !inspector.IsConnected;
            bool any = false;
            foreach (SharedSnapshot snapshot in feed.Read())
            {
                any = true;
                if (feed.Lost > lost && !json)
                    Console.Out.WriteLine($"… {Format.Count(feed.Lost - lost)} were overwritten before they could be copied");
                lost = feed.Lost;
                Print(inspector, snapshot, json);
                if (--left == 0)
                    return ExitCode.Ok;
            }

            if (!any && isOver)
                return ExitCode.Ok;
            if (!any)
                await Task.Delay(s_pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return ExitCode.Ok;
    }

    private static void Print(SharedInspector inspector, SharedSnapshot snapshot, bool json)
    {
        if (json)
        {
            JsonLines.Write(writer => JsonLines.WriteSnapshot(writer, inspector, snapshot));
            return;
        }

        string number = inspector.Kind == ChannelKind.Table ? $"[{snapshot.Element}] {snapshot.Number}" : $"{snapshot.Number}";
        string payload = snapshot.Payload.IsEmpty ? "" : $" + {Payload(snapshot.Payload.Span)}";
        Console.Out.WriteLine($"{number} {Show.Safe(snapshot.ToString())}{payload}");
        Console.Out.Flush();
    }

    public static string Payload(ReadOnlySpan<byte> payload)
    {
        const int Most = 32;
        string shown = Convert.ToHexString(payload[..Math.Min(payload.Length, Most)]);
        return $"{payload.Length} bytes {shown}{(payload.Length > Most ? "…" : "")}";
    }
}
