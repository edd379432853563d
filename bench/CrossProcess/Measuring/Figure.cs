namespace TypedShm.CrossProcess.Measuring;

/// <summary>One figure: what it costs us, beside what it is compared with.</summary>
/// <param name="Name">Its name.</param>
/// <param name="What">What is measured, and what it is compared with.</param>
/// <param name="Bar">The ratio that it has to keep below; null if it is there to be known.</param>
/// <param name="Unit">The unit of values and limits.</param>
/// <param name="Ours">What is measured.</param>
/// <param name="Limit">What it is compared with.</param>
internal sealed record Figure(string Name, string What, double? Bar, string Unit, Func<Source> Ours, Func<Source> Limit)
{
    /// <summary>What has to hold while a pair is taken.</summary>
    public Needs Needs { get; init; } = Needs.OnePlacement | Needs.FreeCores;

    /// <summary>It is part of a quick run.</summary>
    public bool IsQuick { get; init; } = true;
}

[Flags]
internal enum Needs
{
    /// <summary>Nothing: it is a count, of which one is enough.</summary>
    None = 0,

    /// <summary>The cores stay as near to each other as they were.</summary>
    OnePlacement = 1,

    /// <summary>Nobody waits for a core. Where threads of the measured processes share cores, they do by themselves.</summary>
    FreeCores = 2,
}

/// <summary>Two samples, one right after the other, and the round trip between the cores meanwhile.</summary>
internal readonly record struct Pair(double Value, double Limit, double Probe);

/// <summary>What came of a figure.</summary>
internal sealed record Result(Figure Figure, IReadOnlyList<Pair> Pairs, int Rejected)
{
    /// <summary>Single round trips; empty if there are none.</summary>
    public IReadOnlyList<Latency> Latencies { get; init; } = [];

    public double? AllocatedPerMessage { get; init; }

    public double? SuspendedShare { get; init; }

    /// <summary>What has kept it from being measured, or from being measured further; null if nothing has.</summary>
    public string? Failure { get; init; }

    /// <summary>Why there is no value; null if there is one.</summary>
    public string? Missing => Ratio is not null
        ? null
        : Failure ?? $"{Pairs.Count} pairs, {Rejected} rejected";

    public double? Value => Median(pair => pair.Value);

    public double? Limit => Median(pair => pair.Limit);

    public double? Ratio => Median(pair => pair.Value / pair.Limit);

    public bool? IsMet => Figure.Bar is { } bar && Ratio is { } ratio ? ratio <= bar : null;

    public string Placement => Median(pair => pair.Probe) is { } probe ? Measuring.Placement.Name(probe) : "";

    private double? Median(Func<Pair, double> of)
    {
        double[] sorted = [.. Pairs.Select(of).Order()];
        return sorted.Length == 0 ? null : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
