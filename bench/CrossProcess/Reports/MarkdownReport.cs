using TypedShm.CrossProcess.Measuring;

namespace TypedShm.CrossProcess.Reports;

/// <summary>The tables of a page, between its marks.</summary>
internal static class MarkdownReport
{
    private const string Begin = "<!-- figures -->";
    private const string End = "<!-- /figures -->";

    public static void Write(string path, Report report)
    {
        string page = File.Exists(path) ? File.ReadAllText(path) : $"{Begin}\n{End}\n";
        int begin = page.IndexOf(Begin, StringComparison.Ordinal);
        int end = page.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
            throw new IOException($"{path} has no marks {Begin} and {End}, between which the tables are written.");
        File.WriteAllText(path, $"{page[..(begin + Begin.Length)]}\n{string.Join('\n', Tables(report))}\n{page[end..]}");
    }

    private static IEnumerable<string> Tables(Report report)
    {
        yield return $"Measured {report.Time:yyyy-MM-dd} on {report.Machine}; medians{(report.IsQuick ? " of a quick run" : "")}.\n";
        yield return "| figure | what is measured; what it is compared with | cost | limit | ratio | bar | pairs |";
        yield return "| --- | --- | --- | --- | --- | --- | --- |";
        foreach (Result result in report.Results)
            yield return Row(result);
        Result[] trips = [.. report.Results.Where(result => result.Latencies.Count > 0)];
        if (trips.Length == 0)
            yield break;
        yield return "\n| single round trips, ns | p50 | p99 | p99.9 | max |";
        yield return "| --- | --- | --- | --- | --- |";
        foreach (Result result in trips)
        {
            IEnumerable<string> times = TextReport.Percentiles.Select(percentile => $"{TextReport.At(result, percentile):N0}");
            yield return $"| `{result.Figure.Name}` | {string.Join(" | ", times)} |";
        }
    }

    private static string Row(Result result)
    {
        string unit = result.Figure.Unit == "ns" ? " ns" : "";
        string met = result.IsMet switch { true => ", met", false => ", missed", null => "" };
        string bar = result.Figure.Bar is { } most ? $"{most}{met}" : "";
        string figures = result.Missing is { } why
            ? $"not measured: {OnOneLine(why)} | | "
            : $"{Cost(result.Value)}{unit} | {Cost(result.Limit)}{unit} | {Cost(result.Ratio)}";
        return $"| `{result.Figure.Name}` | {result.Figure.What} | {figures} | {bar} | {result.Pairs.Count} |";
    }

    private static string OnOneLine(string text) => text.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);

    private static string Cost(double? value) => value switch
    {
        null => "",
        < 10 => $"{value:F2}",
        < 100 => $"{value:F1}",
        _ => $"{value:N0}",
    };
}
