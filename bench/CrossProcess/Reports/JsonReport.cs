using System.Text.Json;
using TypedShm.CrossProcess.Measuring;

namespace TypedShm.CrossProcess.Reports;

/// <summary>All samples, for other programs.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions s_options = new() { WriteIndented = true };

    public static void Write(string path, Report report) => File.WriteAllText(path, JsonSerializer.Serialize(
        new { machine = report.Machine, date = report.Time, quick = report.IsQuick, figures = report.Results.Select(Figure) },
        s_options));

    private static object Figure(Result result) => new
    {
        name = result.Figure.Name,
        what = result.Figure.What,
        unit = result.Figure.Unit,
        value = result.Value,
        limit = result.Limit,
        ratio = result.Ratio,
        bar = result.Figure.Bar,
        met = result.IsMet,
        samples = result.Pairs.Select(pair => new[] { pair.Value, pair.Limit }),
        probes = result.Pairs.Select(pair => pair.Probe),
        placement = result.Placement,
        rejected = result.Rejected,
        missing = result.Missing,
        failure = result.Failure,
        allocatedPerMessage = result.AllocatedPerMessage,
        suspendedShare = result.SuspendedShare,
        percentiles = result.Latencies.ToDictionary(latency => $"p{latency.Percentile}", latency => latency.Nanoseconds),
    };
}
