using System.Diagnostics;
using TypedShm;

namespace Camera;

internal static class Reader
{
    /// <summary>Computes the histogram of each picture, where it is, until there are no more.</summary>
    public static int Run(string name, TimeSpan pause)
    {
        using SharedBroadcastReader<Frame> frames = SharedBroadcast.Open<Frame>(name);
        Histogram histogram = new();
        long whole = 0, overwritten = 0, wrong = 0;
        TimeSpan computing = TimeSpan.Zero, age = TimeSpan.Zero;
        while (frames.WaitToRead())
        {
            while (frames.TryLease(out BroadcastLease<Frame> lease))
            {
                using (lease)
                {
                    TimeSpan before = lease.Age;
                    long number = lease.View.Number;
                    histogram.Compute(lease.Payload);
                    TimeSpan after = lease.Age;

                    // The writer waits for nobody. If it came round while we were reading, we have seen parts of two pictures, and what we
                    // have computed means nothing. Asked last, and nothing is used before.
                    if (!lease.IsIntact)
                    {
                        overwritten++;
                        continue;
                    }

                    whole++;
                    age += before;
                    computing += after - before;
                    wrong += IsOf(histogram, number) ? 0 : 1;
                }

                Thread.Sleep(pause);
            }
        }

        // What was overwritten under a lease counts as lost too.
        Console.WriteLine($"process {Environment.ProcessId}: {whole} of {frames.Position} frames, {frames.Lost} dropped, {overwritten} "
            + $"of them while they were looked at; the first byte was read {age.TotalMicroseconds / whole:F0} µs after the last was "
            + $"written, a histogram takes {computing.TotalMicroseconds / whole:F0} µs");
        return wrong == 0 && whole > 0 && whole + frames.Lost == frames.Position - frames.Start ? 0 : 1;
    }

    // Two brightnesses, and nothing of any other picture.
    private static bool IsOf(Histogram histogram, long number)
    {
        const int Bar = Frame.BarWidth * Frame.FullHeight;
        return histogram[Frame.Bar(number)] == Bar && histogram[Frame.Background(number)] == (Frame.FullWidth * Frame.FullHeight) - Bar;
    }
}
