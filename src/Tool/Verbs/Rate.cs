using System.CommandLine;
using System.Diagnostics;
using TypedShm.Tool.Output;
using TypedShm.Tool.Sampling;

namespace TypedShm.Tool.Verbs;

/// <summary><c>hz</c>: how fast a channel is, and how regular.</summary>
internal static class Rate
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(1);

    public static Command Create()
    {
        Argument<string> name = Arguments.Name();
        Option<double> interval = Arguments.Interval(1);
        Option<long> count = Arguments.Count("lines");
        Option<bool> json = Arguments.Json();
        Command command = new(
            "hz",
            """
            Measures how fast a channel publishes, a line an interval: rate, and, where messages or values carry their publish time, the
            spread of the time between two of them (jitter), and how many were overwritten before this observer could copy them.

            Example:
              typedshm hz trades --count 10
            """)
        {
            name, interval, count, json,
        };
        command.SetAction((parsed, token) => Run(
            parsed.GetRequiredValue(name), TimeSpan.FromSeconds(parsed.GetValue(interval)), parsed.GetValue(count),
                parsed.GetValue(json), token));
        return command;
    }

    private static async Task<int> Run(string name, TimeSpan interval, long count, bool json, CancellationToken cancellationToken)
    {
        using SharedInspector inspector = Arguments.Open(name);
        ChannelFeed? feed = inspector.HasPublishTimes && inspector.Kind is ChannelKind.State or ChannelKind.Broadcast
            ? new(inspector, fromStart: false)
            : null;
        Intervals intervals = new();
        RateMeter meter = default;
        meter.Add(PublishedBy(inspector));
        long left = count > 0 ? count : long.MaxValue;
        while (left-- > 0 && !cancellationToken.IsCancellationRequested && inspector.IsConnected)
        {
            await Collect(feed, intervals, interval, cancellationToken).ConfigureAwait(false);
            meter.Add(PublishedBy(inspector));
            Print(inspector, meter, intervals, feed, json);
            intervals.Clear();
        }

        return ExitCode.Ok;
    }

    private static long? PublishedBy(SharedInspector inspector) =>
        inspector.HasLanes() ? inspector.ReadCounts()?.Written : inspector.Published;

    private static async Task Collect(ChannelFeed? feed, Intervals intervals, TimeSpan time, CancellationToken cancellationToken)
    {
        if (feed is null)
        {
            await Task.Delay(time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        long begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun) < time && !cancellationToken.IsCancellationRequested)
        {
            foreach (SharedSnapshot snapshot in feed.Read())
                intervals.Add(snapshot);
            await Task.Delay(s_pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static void Print(SharedInspector inspector, RateMeter meter, Intervals intervals, ChannelFeed? feed, bool json)
    {
        if (json)
        {
            JsonLines.Write(writer =>
            {
                writer.WriteString("name", inspector.Name);
                JsonLines.WriteNumber(writer, "rate", meter.PerSecond);
                writer.WriteNumber("count", meter.Growth);
                JsonLines.WriteNumber(writer, "mean", intervals.Mean);
                JsonLines.WriteNumber(writer, "jitter", intervals.Deviation);
                JsonLines.WriteNumber(writer, "max", intervals.Longest);
                JsonLines.WriteNumber(writer, "lost", feed?.Lost);
                JsonLines.WriteNumber(writer, "laps", feed?.Laps);
            });
            return;
        }

        string jitter = intervals.Mean is { } mean
            ? $"  every {Format.Duration(mean)}, jitter {Format.Duration(intervals.Deviation!.Value)}, longest "
                + $"{Format.Duration(intervals.Longest!.Value)}"
            : "";
        string lost = feed is { Lost: > 0 } ? $"  lost {Format.Count(feed.Lost)} in {Format.Count(feed.Laps)} laps" : "";
        Console.Out.WriteLine($"{Format.Rate(meter.PerSecond),10}{jitter}{lost}");
        Console.Out.Flush();
    }

    /// <summary>The times between what was published one after the other, in seconds.</summary>
    private sealed class Intervals
    {
        private (long Number, long Time)? _last;
        private long _count;
        private double _sum;
        private double _squares;
        private double _longest;

        public double? Mean => _count > 0 ? _sum / _count : null;

        public double? Deviation => _count > 0 ? Math.Sqrt(Math.Max(0, (_squares / _count) - (Mean!.Value * Mean.Value))) : null;

        public double? Longest => _count > 0 ? _longest : null;

        public void Add(SharedSnapshot snapshot)
        {
            (long Number, long Time) now = (snapshot.Number, snapshot.PublishedAt ?? 0);
            if (_last is { } last && now.Number == last.Number + 1)
            {
                double seconds = (now.Time - last.Time) / 1e9;
                _count++;
                _sum += seconds;
                _squares += seconds * seconds;
                _longest = Math.Max(_longest, seconds);
            }

            _last = now;
        }

        public void Clear()
        {
            _count = 0;
            _sum = _squares = _longest = 0;
        }
    }
}
