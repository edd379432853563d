using System.CommandLine;
using System.Diagnostics;
using TypedShm.Tool.Output;
using TypedShm.Tool.Recording;
using TypedShm.Tool.Sampling;

namespace TypedShm.Tool.Verbs;

/// <summary><c>record</c>: what a channel publishes, into an Arrow file.</summary>
internal static class Record
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_frame = TimeSpan.FromMilliseconds(200);

    public static Command Create()
    {
        Argument<string> name = Arguments.Name();
        Option<string> output = new("--output", "-o") { Description = "The file.", HelpName = "FILE", Required = true };
        Option<bool> force = new("--force", "-f") { Description = "Replace FILE if it is there." };
        Option<double?> duration = Arguments.Positive<double?>(new("--duration", "-d") { Description = "End after so many seconds." });
        Option<string?> size = Arguments.Size(new("--max-size") { Description = "End when FILE has so many bytes: 64k, 100M, 2G." });
        Option<long> count = Arguments.Count("rows");
        Option<bool> start = Arguments.FromStart();
        Option<bool> json = Arguments.Json();
        Command command = new(
            "record",
            """
            Records what a channel publishes into an Apache Arrow stream, a row each: messages of a broadcast with their payloads, versions
            of a state, changed elements of a table, a struct that has changed (looked at once a millisecond). Columns are the fields, and
            what is known of each value. pandas, Polars and DuckDB read it. Each second what is there is committed: a recorder that is
            killed leaves a readable file. Ctrl-C ends it.

            Examples:
              typedshm record trades -o trades.arrows
              typedshm record engine -o engine.arrows --duration 60 --max-size 100M
            """)
        {
            name, output, force, duration, size, count, start, json,
        };
        command.SetAction(async (parsed, token) =>
        {
            using SharedInspector inspector = Arguments.Open(parsed.GetRequiredValue(name));
            ChannelFeed feed = new(inspector, parsed.GetValue(start));
            feed.ThrowIfHidden();
            string path = parsed.GetRequiredValue(output);
            if (File.Exists(path) && !parsed.GetValue(force))
                throw new ToolException(ExitCode.Failed, $"'{path}' is there already. Choose another file, or --force to replace it.");
            using RecordingWriter writer = new(path, RecordedChannel.Of(inspector), parsed.GetValue(force));
            Limits limits = new(
                parsed.GetValue(duration) is { } seconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue,
                Arguments.Bytes(parsed.GetValue(size)) ?? long.MaxValue,
                parsed.GetValue(count) is > 0 and var rows ? rows : long.MaxValue);
            Session session = new(inspector, feed, writer, limits, parsed.GetValue(json));
            await session.Run(token).ConfigureAwait(false);
            session.Print(path);
            return ExitCode.Ok;
        });
        return command;
    }

    private sealed record Limits(TimeSpan Duration, long Size, long Rows);

    private sealed class Session(SharedInspector inspector, ChannelFeed feed, RecordingWriter writer, Limits limits, bool json)
    {
        private readonly long _begun = Stopwatch.GetTimestamp();
        private long _lost;

        private TimeSpan Elapsed => Stopwatch.GetElapsedTime(_begun);

        private bool IsFull => writer.Rows >= limits.Rows || writer.Length >= limits.Size;

        public async Task Run(CancellationToken cancellationToken)
        {
            Task recording = Task.Run(() => Record(cancellationToken), CancellationToken.None);
            if (Screen.IsLive && !json)
                await Screen.Progress(() => Progress, s_frame, recording).ConfigureAwait(false);
            await recording.ConfigureAwait(false);
        }

        public void Print(string path)
        {
            if (json)
                PrintJson(isOver: true);
            else
                Console.Out.WriteLine($"{path}: {Progress}");
        }

        private string Progress => $"{Format.Count(writer.Rows)} rows, {Format.Count(writer.Lost)} lost, {Format.Bytes(writer.Length)}, "
            + $"{Format.Age(Elapsed)}";

        private async Task Record(CancellationToken cancellationToken)
        {
            TimeSpan committed = TimeSpan.Zero;
            while (!cancellationToken.IsCancellationRequested && !IsFull)
            {
                // Asked before the look: what was published before the end, or until the time is over, is read.
                bool isOver = !inspector.IsConnected;
                bool isLast = Elapsed >= limits.Duration;
                bool any = false;
                foreach (SharedSnapshot snapshot in feed.Read())
                {
                    any = true;
                    writer.Append(new RecordedRow(snapshot, RecordedChannel.MonotonicNow, feed.Lost - _lost));
                    _lost = feed.Lost;
                    if (IsFull)
                        break;
                }

                if (isLast || (!any && isOver))
                    break;
                if (Elapsed - committed > s_second)
                {
                    committed = Elapsed;
                    writer.Commit();
                    if (json)
                        PrintJson(isOver: false);
                }

                if (!any)
                    await Task.Delay(s_pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            writer.Commit();
        }

        private void PrintJson(bool isOver) => JsonLines.Write(line =>
        {
            line.WriteString("name", inspector.Name);
            line.WriteNumber("rows", writer.Rows);
            line.WriteNumber("lost", writer.Lost);
            line.WriteNumber("bytes", writer.Length);
            line.WriteNumber("seconds", Elapsed.TotalSeconds);
            line.WriteBoolean("over", isOver);
        });
    }
}
