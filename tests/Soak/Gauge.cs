using System.Diagnostics;

namespace TypedShm.Soak;

/// <summary>Measures what a process allocates, and how often it sleeps, from the end of its warm-up on.</summary>
internal struct Gauge
{
    private long _start;
    private long _allocated;
    private long _sleeps;

    /// <summary>Starts it at the end of the warm-up; once it has started, it takes no notice.</summary>
    public void StartAfter(bool warmUp)
    {
        if (!warmUp || _start != 0)
            return;
        _sleeps = Sleeps();
        _start = Stopwatch.GetTimestamp();
        _allocated = GC.GetTotalAllocatedBytes(true);
    }

    public readonly void Stop(Tally tally)
    {
        tally.Allocated = GC.GetTotalAllocatedBytes(true) - _allocated;
        tally.Seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds;
        tally.Sleeps = Sleeps() - _sleeps;
    }

    private static long Sleeps()
    {
        long sum = 0;
        foreach (string thread in Directory.GetDirectories("/proc/self/task"))
        {
            try
            {
                string line = File.ReadLines(Path.Combine(thread, "status"))
                    .First(line => line.StartsWith("voluntary_ctxt_switches:", StringComparison.Ordinal));
                sum += long.Parse(line.AsSpan(line.IndexOf(':') + 1), null);
            }
            catch (Exception error) when (error is IOException or InvalidOperationException)
            {
                // The thread has ended meanwhile.
            }
        }

        return sum;
    }
}
