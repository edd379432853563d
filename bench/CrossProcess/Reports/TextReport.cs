using TypedShm.CrossProcess.Measuring;

namespace TypedShm.CrossProcess.Reports;

/// <summary>The tables that are printed.</summary>
internal static class TextReport
{
    /// <summary>Those that are shown; 100 is the longest.</summary>
    public static IReadOnlyList<double> Percentiles { get; } = [50, 99, 99.9, 100];

    public static void Write(TextWriter output, Report report)
    {
        output.WriteLine($"{report.Machine}; {report.Time:yyyy-MM-dd HH:mm} UTC{(report.IsQuick ? "; a quick run" : "")}");
        output.WriteLine();
        foreach (Result result in report.Results)
            output.WriteLine(Line(result));
        Result[] trips = [.. report.Results.Where(result => result.Latencies.Count > 0)];
        if (trips.Length > 0)
            output.WriteLine($"\n{"single round trips, ns",-30} {"p50",11}{"p99",12}{"p99.9",12}{"max",12}");
        foreach (Result result in trips)
        {
            IEnumerable<string> times = Percentiles.Select(percentile => $"{At(result, percentile),12:N0}");
            output.WriteLine($"{result.Figure.Name,-30} {string.Concat(times)}");
        }

        int met = report.Results.Count(result => result.IsMet == true);
        output.WriteLine($"\n{met} of {report.Results.Count(result => result.Figure.Bar is not null)} bars met.");
    }

    /// <summary>One figure on one line.</summary>
    public static string Line(Result result)
    {
        string name = $"{result.Figure.Name,-30}";
        string pairs = $"{result.Pairs.Count} pairs" + (result.Rejected > 0 ? $", {result.Rejected} rejected" : "");
        if (result.Missing is not null)
            return $"{name} not measured: {result.Missing}";
        string bar = result.Figure.Bar is { } most ? $"bar {most,5} {(result.IsMet == true ? "met   " : "MISSED")}" : new string(' ', 16);
        string line = $"{name} {result.Value,12:N2} {result.Figure.Unit,-12} limit {result.Limit,12:N2}  ratio {result.Ratio,8:F3}  ";
        line += $"{bar}  {pairs}, {result.Placement}";
        if (result.AllocatedPerMessage is { } allocated)
            line += $", {allocated:F2} B allocated";
        if (result.SuspendedShare is { } suspended)
            line += $", {suspended:P1} suspended";
        if (result.Failure is not null)
            line += $"; then: {result.Failure}";
        return line;
    }

    /// <summary>How long at most so many percent of the round trips took, in nanoseconds.</summary>
    public static double At(Result result, double percentile) =>
        result.Latencies.Single(latency => latency.Percentile == percentile).Nanoseconds;
}
