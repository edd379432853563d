using System.Globalization;
using ScottPlot;
using ScottPlot.TickGenerators;
using TypedShm.CrossProcess.Measuring;

namespace TypedShm.CrossProcess.Reports;

/// <summary>The pictures of a page, as SVG.</summary>
internal static class Plots
{
    private const int Width = 800;
    private const int Height = 450;

    public static void Write(string directory, Report report)
    {
        Directory.CreateDirectory(directory);
        Latencies(Path.Combine(directory, "latency.svg"), report);
        Growth("sizes.svg", Figures.SizePrefix, "bytes of a payload", "What a message costs, by its size");
        Growth("lanes.svg", Figures.LanePrefix, "lanes", "What a message costs, by the number of lanes");
        Growth("elements.svg", Figures.ElementPrefix, "elements", "What a read of a table costs");
        Growth("readers.svg", Figures.ReaderPrefix, "readers", "What a write to a broadcast costs", "one reader");
        Growth("peers.svg", Figures.PeerPrefix, "connected readers", "What a write of a state costs", "one reader");

        void Growth(string file, string prefix, string across, string title, string limit = "the C program") =>
            Plots.Growth(Path.Combine(directory, file), report, prefix, across, title, limit);
    }

    // Across: how many nines; up: how long, both as powers of ten.
    private static void Latencies(string path, Report report)
    {
        Result[] trips = [.. report.Results.Where(result => result.Latencies.Count > 0)];
        if (trips.Length == 0)
            return;
        Plot plot = New("Single round trips, by percentile", "percentile");
        foreach (Result result in trips)
        {
            IEnumerable<Latency> points = result.Latencies.Where(latency => latency.Percentile < 100);
            double[] percentiles = [.. points.Select(point => Nines(point.Percentile))];
            Add(plot, result.Figure.Name, percentiles, [.. points.Select(point => point.Nanoseconds)]);
        }

        NumericManual ticks = new();
        foreach (double percentile in new[] { 50, 90, 99, 99.9, 99.99 })
            ticks.AddMajor(Nines(percentile), $"{percentile}");
        plot.Axes.Bottom.TickGenerator = ticks;
        plot.SaveSvg(path, Width, Height);

        static double Nines(double percentile) => Math.Log10(100 / (100 - percentile));
    }

    private static void Growth(string path, Report report, string prefix, string across, string title, string limit)
    {
        IEnumerable<Result> measured = report.Results.Where(result => result.Ratio is not null);
        Result[] results = [.. measured.Where(result => result.Figure.Name.StartsWith(prefix, StringComparison.Ordinal)).OrderBy(Amount)];
        if (results.Length < 2)
            return;
        Plot plot = New(title, across);
        double[] amounts = [.. results.Select(Amount).Select(Math.Log10)];
        Add(plot, "TypedShm", amounts, [.. results.Select(result => result.Value!.Value)]);
        Add(plot, limit, amounts, [.. results.Select(result => result.Limit!.Value)]);
        NumericManual ticks = new();
        foreach (Result result in results)
            ticks.AddMajor(Math.Log10(Amount(result)), $"{Amount(result)}");
        plot.Axes.Bottom.TickGenerator = ticks;
        plot.SaveSvg(path, Width, Height);

        double Amount(Result result) => double.Parse(result.Figure.Name.AsSpan(prefix.Length), CultureInfo.InvariantCulture);
    }

    private static Plot New(string title, string across)
    {
        Plot plot = new();
        plot.Title(title);
        plot.XLabel(across);
        plot.YLabel("ns");
        plot.Axes.Left.TickGenerator = new NumericAutomatic
        {
            IntegerTicksOnly = true,
            LabelFormatter = power => $"{Math.Pow(10, power):N0}",
        };
        plot.ShowLegend(Edge.Right);
        return plot;
    }

    private static void Add(Plot plot, string label, double[] across, double[] nanoseconds) =>
        plot.Add.Scatter(across, [.. nanoseconds.Select(Math.Log10)]).LegendText = label;
}
