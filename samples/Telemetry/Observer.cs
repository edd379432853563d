using System.Diagnostics;
using System.Globalization;

namespace TypedShm.Samples.Telemetry;

/// <summary>Waits for samples and keeps count of how many came and how old they were when they were seen.</summary>
internal sealed class Observer(SharedStructReader<MachineCounters> shared)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly TimeSpan[] _ages = new TimeSpan[1000];
    private long _last;

    public SharedStructReader<MachineCounters> Shared => shared;

    /// <summary>How many different samples this process has looked at.</summary>
    public long Seen { get; private set; }

    public double SeenPerSecond => Seen / Stopwatch.GetElapsedTime(_start).TotalSeconds;

    /// <summary>The time from taking a sample to seeing it, in the middle of the last thousand.</summary>
    public TimeSpan MedianAge
    {
        get
        {
            TimeSpan[] ages = _ages[..(int)Math.Min(Seen, _ages.Length)];
            Array.Sort(ages);
            return ages.Length > 0 ? ages[ages.Length / 2] : TimeSpan.Zero;
        }
    }

    public string Summary =>
        string.Create(CultureInfo.InvariantCulture,
        $"saw {Seen} samples, {SeenPerSecond:F0} a second, {MedianAge.TotalMicroseconds:F0} µs after they were taken (median)");

    /// <summary>Sleeps until the writer signals, but not longer than a given time.</summary>
    public void Wait(TimeSpan most, CancellationToken cancellationToken)
    {
        if (!shared.TryWait(most, cancellationToken))
            return;

        MachineCounters.ReadOnlySharedView view = shared.View;
        long sample = view.Samples.Read();
        if (sample == _last)
            return;
        _last = sample;
        _ages[Seen++ % _ages.Length] = Stopwatch.GetElapsedTime(view.TakenAt.Read());
    }
}
