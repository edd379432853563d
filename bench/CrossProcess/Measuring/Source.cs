using System.Diagnostics;

namespace TypedShm.CrossProcess.Measuring;

/// <summary>Something that can be measured again and again.</summary>
internal abstract class Source : IDisposable
{
    /// <summary>Bytes allocated per message in the last sample, by both processes; null if nobody counts.</summary>
    public virtual double? AllocatedPerMessage => null;

    /// <summary>The share of awaits that really waited in the last sample; null if there are none.</summary>
    public virtual double? SuspendedShare => null;

    /// <summary>Whether what was measured in the last sample waited for a core, of which somebody else had the use, for too long.</summary>
    public virtual bool IsDisturbed => false;

    /// <summary>Gets ready: connects, and lets code be compiled, for which there is so much time.</summary>
    public abstract void Start(TimeSpan most);

    /// <summary>What a message costs, in nanoseconds.</summary>
    public abstract double Take();

    /// <summary>How long single round trips take; empty if there are none.</summary>
    public virtual IReadOnlyList<Latency> Distribution() => [];

    public abstract void Dispose();
}

/// <summary>How long at most so many percent of the round trips took.</summary>
internal readonly record struct Latency(double Percentile, double Nanoseconds)
{
    /// <summary>Those that are recorded; 100 is the longest.</summary>
    public static IReadOnlyList<double> Percentiles { get; } = [50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 100];
}

/// <summary>What one of the C programs says.</summary>
/// <param name="command">The program, and its arguments.</param>
/// <param name="line">Which of its lines.</param>
/// <param name="toNanoseconds">What the value is in nanoseconds per message.</param>
internal sealed class YardstickSource(string command, string line, Func<double, double> toNanoseconds) : Source
{
    // Whoever waits for one of its two cores is counted, and mostly it is somebody else who does: a sample of 60 ms during which 9% were
    // waited for took 3% longer.
    private const double MostWaited = 0.1;

    private double _waited;

    public override bool IsDisturbed => _waited > MostWaited;

    public static YardstickSource Nanoseconds(string command, string line) => new(command, line, value => value);

    public static YardstickSource Microseconds(string command, string line) => new(command, line, value => value * 1000);

    public static YardstickSource PerSecond(string command, string line) => new(command, line, value => 1e9 / value);

    public override void Start(TimeSpan most)
    {
    }

    public override double Take()
    {
        string[] words = command.Split(' ');
        double value = Placement.Watch(() => Yardsticks.Measure(words[0], words[1..])[line], Placement.WaitedByAny, out _waited);
        return toNanoseconds(value);
    }

    public override void Dispose()
    {
    }
}

/// <summary>Something that one thread does.</summary>
/// <param name="sample">Takes a sample.</param>
/// <param name="owner">What it is done with.</param>
internal sealed class LocalSource(Func<double> sample, IDisposable owner) : Source
{
    private const int WarmUps = 60;

    private double _waited;

    public override bool IsDisturbed => _waited > Placement.MostWaited;

    public override void Start(TimeSpan most)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < WarmUps && Stopwatch.GetElapsedTime(start) < most; i++)
        {
            sample();
            Thread.Sleep(i % 10 == 0 ? 60 : 0);
        }
    }

    public override double Take()
    {
        using Affinity.Pinned pinned = Affinity.Thread(0);
        return Placement.Watch(sample, Placement.WaitedByThisThread, out _waited);
    }

    public override void Dispose() => owner.Dispose();
}
