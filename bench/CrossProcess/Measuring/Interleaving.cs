using System.Diagnostics;
using HdrHistogram;

namespace TypedShm.CrossProcess.Measuring;

/// <summary>Takes the pairs of a figure, and throws away those between which something has changed.</summary>
/// <param name="wanted">How many pairs.</param>
/// <param name="probeRounds">How many rounds a probe has.</param>
internal sealed class Interleaving(int wanted, int probeRounds)
{
    // The warming up of each of the two sides takes at most so small a part of the time.
    private const int WarmUpShare = 4;

    private static readonly double[] s_percentiles = [50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 100];

    /// <summary>Measures until there are as many pairs as wanted, or the time is over.</summary>
    public Result Measure(Figure figure, TimeSpan most)
    {
        Stopwatch watch = Stopwatch.StartNew();
        using Source ours = figure.Ours();
        using Source limit = figure.Limit();
        ours.Start(most / WarmUpShare);
        limit.Start(most / WarmUpShare);
        List<Pair> pairs = [];
        int rejected = 0;
        double before = Placement.Probe(probeRounds);

        // A pair that was begun is ended, so the time is a little longer.
        while (pairs.Count < (figure.Needs == Needs.None ? 1 : wanted) && (watch.Elapsed < most || pairs.Count + rejected == 0))
        {
            bool oursFirst = (pairs.Count + rejected) % 2 == 0;
            (double first, bool isFirstGood) = Sample(oursFirst ? ours : limit);
            double between = Placement.Probe(probeRounds);
            (double second, bool isSecondGood) = Sample(oursFirst ? limit : ours);
            double after = Placement.Probe(probeRounds);
            bool isOnePlace = Placement.Name(before) == Placement.Name(between) && Placement.Name(between) == Placement.Name(after);
            Needs held = (isOnePlace ? Needs.OnePlacement : 0) | (isFirstGood && isSecondGood ? Needs.FreeCores : 0);
            if (held.HasFlag(figure.Needs))
                pairs.Add(oursFirst ? new Pair(first, second, between) : new Pair(second, first, between));
            else
                rejected++;
            before = after;
        }

        LongHistogram? trips = watch.Elapsed < most ? ours.Distribution() : null;
        return new Result(figure, pairs, rejected)
        {
            AllocatedPerMessage = ours.AllocatedPerMessage,
            SuspendedShare = ours.SuspendedShare,
            Latencies = trips is null ? [] : [.. s_percentiles.Select(percentile => At(trips, percentile))],
        };
    }

    private static (double Value, bool IsGood) Sample(Source source)
    {
        long stalled = Placement.Stalled();
        Stopwatch watch = Stopwatch.StartNew();
        double value = source.Take();
        TimeSpan time = watch.Elapsed;
        return (value, !Placement.IsDisturbed(Placement.Stalled() - stalled, time));
    }

    private static (double Percentile, double Nanoseconds) At(LongHistogram histogram, double percentile) =>
        (percentile, histogram.GetValueAtPercentile(percentile));
}
