using System.CommandLine;
using System.Diagnostics;
using TypedShm.Tool.Output;
using TypedShm.Tool.Recording;
using TypedShm.Tool.Writing;

namespace TypedShm.Tool.Verbs;

/// <summary><c>replay</c>: a recording, back into a channel.</summary>
internal static class Replay
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_frame = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(10);

    public static Command Create()
    {
        Argument<string> file = Arguments.File("The recording.");
        Option<string?> name = new("--name") { Description = "The name of the channel; the one that was recorded unless given." };
        Option<double> speed = Arguments.Positive(
            new Option<double>("--speed", "-s") { Description = "How many times as fast as it was.", DefaultValueFactory = _ => 1 },
            "number");
        Option<bool> fast = new("--as-fast-as-possible") { Description = "Do not wait between rows." };
        Option<bool> wait = new("--wait") { Description = "Begin when a reader has connected." };
        Option<bool> keep = new("--keep") { Description = "Keep the channel after the last row, until Ctrl-C." };
        Option<bool> json = Arguments.Json();
        Command command = new(
            "replay",
            """
            Creates a channel like the one that was recorded, with the same layout, and publishes in it what is in the recording, at the
            recorded pace, to a millisecond. Programs open it as they open the original; they need not know.

            Examples:
              typedshm replay trades.arrows
              typedshm replay engine.arrows --name engine-test --speed 10 --wait
            """)
        {
            file, name, speed, fast, wait, keep, json,
        };
        command.SetAction(async (parsed, token) =>
        {
            using RecordingReader reader = RecordingReader.Open(parsed.GetRequiredValue(file));
            using ReplayedChannel channel = Open(parsed.GetValue(name) ?? reader.Channel.Name, reader.Channel);
            Session session = new(
                reader, channel, parsed.GetValue(fast) ? double.PositiveInfinity : parsed.GetValue(speed), parsed.GetValue(json));
            await session.Run(parsed.GetValue(wait), parsed.GetValue(keep), token).ConfigureAwait(false);
            return ExitCode.Ok;
        });
        return command;
    }

    private static ReplayedChannel Open(string name, RecordedChannel recorded)
    {
        try
        {
            return ReplayedChannel.Create(name, recorded);
        }
        catch (ArgumentException error) when (error is not ArgumentNullException)
        {
            throw new ToolException(ExitCode.Failed, $"No channel '{name}' can be created like the one in the recording. {error.Message}");
        }
    }

    private sealed class Session(RecordingReader reader, ReplayedChannel channel, double speed, bool json)
    {
        private long _begun = Stopwatch.GetTimestamp();
        private long _rows;

        private TimeSpan Elapsed => Stopwatch.GetElapsedTime(_begun);

        public async Task Run(bool wait, bool keep, CancellationToken cancellationToken)
        {
            while (wait && channel.End.Peers.Count == 0 && !cancellationToken.IsCancellationRequested)
                await Task.Delay(s_pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _begun = Stopwatch.GetTimestamp();
            Task replaying = Task.Run(() => Publish(cancellationToken), CancellationToken.None);
            if (Screen.IsLive && !json)
                await Screen.Progress(Bar, s_frame, replaying).ConfigureAwait(false);
            await replaying.ConfigureAwait(false);
            if (json)
                PrintJson(isOver: true);
            else
                Console.Out.WriteLine($"{channel.End.Name}: {Format.Count(_rows)} rows, {Format.Age(Elapsed)}");
            await Console.Out.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            if (keep)
                await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        private async Task Publish(CancellationToken cancellationToken)
        {
            long? first = null;
            TimeSpan told = TimeSpan.Zero;
            foreach (RecordedRow row in reader.Rows())
            {
                first ??= row.Time;
                TimeSpan due = TimeSpan.FromSeconds((row.Time - first.Value) / 1e9 / speed);
                while (due - Elapsed is { TotalMilliseconds: >= 1 } left && !cancellationToken.IsCancellationRequested)
                    await Task.Delay(left < s_second ? left : s_second, cancellationToken)
                        .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (cancellationToken.IsCancellationRequested)
                    return;
                try
                {
                    channel.Write(row.Value, cancellationToken);
                }
                catch (OperationCanceledException)
                {
                    // Ctrl-C while readers had no room.
                    return;
                }

                Volatile.Write(ref _rows, _rows + 1);
                if (json && Elapsed - told > s_second)
                {
                    told = Elapsed;
                    PrintJson(isOver: false);
                }
            }

            channel.Complete();
        }

        private string Bar()
        {
            const int Width = 30;
            int done = (int)(Math.Clamp(reader.Progress, 0, 1) * Width);
            return $"{channel.End.Name}: [{new string('#', done)}{new string('.', Width - done)}] "
                + $"{Format.Count(Volatile.Read(ref _rows))} rows, {Format.Age(Elapsed)}";
        }

        private void PrintJson(bool isOver) => JsonLines.Write(line =>
        {
            line.WriteString("name", channel.End.Name);
            line.WriteNumber("rows", _rows);
            line.WriteNumber("progress", reader.Progress);
            line.WriteNumber("seconds", Elapsed.TotalSeconds);
            line.WriteBoolean("over", isOver);
        });
    }
}
