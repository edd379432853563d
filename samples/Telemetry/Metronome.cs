using System.Diagnostics;

namespace TypedShm.Samples.Telemetry;

/// <summary>Does something at a steady rate.</summary>
internal static class Metronome
{
    public static void Run(TimeSpan period, Action beat, CancellationToken cancellationToken)
    {
        long next = Stopwatch.GetTimestamp();
        while (!cancellationToken.IsCancellationRequested)
        {
            beat();

            // A sleep of one millisecond takes a little more. The beat after a late one comes sooner, so that the rate is
            // right, unless the process was stopped for long.
            next += (long)(period.TotalSeconds * Stopwatch.Frequency);
            long now = Stopwatch.GetTimestamp();
            if (now < next)
                Thread.Sleep(1);
            else if (now - next > Stopwatch.Frequency)
                next = now;
        }
    }
}
