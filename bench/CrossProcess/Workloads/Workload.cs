using System.Diagnostics;
using System.Runtime.CompilerServices;
using HdrHistogram;

namespace TypedShm.CrossProcess.Workloads;

/// <summary>What one side did in a round. Times are of CLOCK_MONOTONIC, and so those of both processes compare.</summary>
/// <param name="Start">When it began, in nanoseconds.</param>
/// <param name="End">When it ended, in nanoseconds.</param>
/// <param name="Count">How many messages that were.</param>
/// <param name="Allocated">How many bytes were allocated meanwhile: by its thread or, where tasks are awaited, by all.</param>
/// <param name="Suspended">How many awaits really waited.</param>
/// <param name="Waited">For how long its thread waited for a core that somebody else had, in nanoseconds.</param>
internal readonly record struct Run(long Start, long End, long Count, long Allocated = 0, long Suspended = 0, long Waited = 0);

/// <summary>
/// Something that two processes do with each other, in rounds; the class has both sides. The loops are in methods that are called
/// many times in a round: one that is entered once runs as code that was compiled for its first run.
/// </summary>
/// <param name="name">The name of the endpoints, or a path with which names of sockets begin.</param>
internal abstract class Workload(string name) : IDisposable
{
    /// <summary>How many messages a chunk has, of which a round consists.</summary>
    protected const int Chunk = 1000;

    protected string Name => name;

    /// <summary>The core of each side.</summary>
    public virtual (int Main, int Peer) Cores => (0, 1);

    /// <summary>Which threads are put on it: that of the round, or all, because tasks go on on any. None: the scheduler's choice.</summary>
    public virtual Pinning Pinning => Pinning.Thread;

    /// <summary>Every how many round trips one is recorded; null if there are none.</summary>
    public LongHistogram? Histogram { get; set; }

    /// <summary>How many rounds warm up.</summary>
    public virtual int WarmUps => 8;

    public abstract void OpenMain();

    public abstract void OpenPeer();

    public abstract Run RunMain();

    public abstract Run RunPeer();

    /// <summary>What a message cost, in nanoseconds.</summary>
    public virtual double Cost(in Run main, in Run peer) => (double)(main.End - main.Start) / main.Count;

    public abstract void Dispose();

    protected static long Now() => Stopwatch.GetTimestamp();

    /// <summary>Counts one round trip, if they are counted.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected void Record(ref long last)
    {
        if (Histogram is null)
            return;
        long now = Now();
        Histogram.RecordValue(Math.Min(now - last, Histogram.HighestTrackableValue));
        last = now;
    }

    protected static void Check(long actual, long expected)
    {
        if (actual != expected)
            Mismatch(actual, expected);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Mismatch(long actual, long expected) =>
        throw new InvalidOperationException($"Message {actual} came instead of {expected}.");
}

internal enum Pinning
{
    Thread,
    Process,
    None,
}
