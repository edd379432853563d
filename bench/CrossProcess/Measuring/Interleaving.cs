using System.Diagnostics;

namespace TypedShm.CrossProcess.Measuring;

/// <summary>Takes the pairs of a figure, and throws away those between which something has changed.</summary>
/// <param name="wanted">How many pairs.</param>
/// <param name="probeRounds">How many rounds a probe has.</param>
internal sealed class Interleaving(int wanted, int probeRounds)
{
    // The warming up of each of the two sides takes at most so small a part of the time.
    private const int WarmUpShare = 4;

    /// <summary>Measures until there are as many pairs as wanted, the time is over, or something fails, which the result says.</summary>
    public Result Measure(Figure figure, TimeSpan most)
    {
        Stopwatch watch = Stopwatch.StartNew();
        using Source ours = figure.Ours();
        using Source limit = figure.Limit();
        List<Pair> pairs = [];
        int rejected = 0;
        IReadOnlyList<Latency> trips = [];
        string? failure = null;
        try
        {
            ours.Start(most / WarmUpShare);
            limit.Start(most / WarmUpShare);
            double before = Placement.Probe(probeRounds);

            // A pair that was begun is ended, so the time is a little longer.
            while (pairs.Count < (figure.Needs == Needs.None ? 1 : wanted) && (watch.Elapsed < most || pairs.Count + rejected == 0))
            {
                bool oursFirst = (pairs.Count + rejected) % 2 == 0;
                double first = (oursFirst ? ours : limit).Take();
                double between = Placement.Probe(probeRounds);
                double second = (oursFirst ? limit : ours).Take();
                double after = Placement.Probe(probeRounds);
                bool isOnePlace = Placement.Name(before) == Placement.Name(between) && Placement.Name(between) == Placement.Name(after);
                Needs held = (isOnePlace ? Needs.OnePlacement : 0) | (ours.IsDisturbed || limit.IsDisturbed ? 0 : Needs.FreeCores);
                if (held.HasFlag(figure.Needs))
                    pairs.Add(oursFirst ? new Pair(first, second, between) : new Pair(second, first, between));
                else
                    rejected++;
                before = after;
            }

            if (watch.Elapsed < most)
                trips = ours.Distribution();
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException or SharedMemoryException)
        {
            failure = exception.Message;
        }

        return new Result(figure, pairs, rejected)
        {
            AllocatedPerMessage = pairs.Count > 0 ? ours.AllocatedPerMessage : null,
            SuspendedShare = pairs.Count > 0 ? ours.SuspendedShare : null,
            Latencies = trips,
            Failure = failure,
        };
    }
}
