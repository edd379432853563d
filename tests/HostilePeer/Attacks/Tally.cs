using System.Text.Json;

namespace TypedShm.HostilePeer.Attacks;

/// <summary>What has become of the inputs of one attacker, by kind. It travels to the driver as JSON.</summary>
internal sealed class Tally
{
    private const int MostViolations = 20;

    public Dictionary<string, Dictionary<string, long>> Outcomes { get; set; } = [];

    public Dictionary<string, long[]> Steps { get; set; } = [];

    public Dictionary<string, long> Inputs { get; set; } = [];

    /// <summary>How long they took, in milliseconds.</summary>
    public Dictionary<string, double> Times { get; set; } = [];

    public List<string> Violations { get; set; } = [];

    public int Hangs { get; set; }

    public static Tally Parse(string json) => JsonSerializer.Deserialize<Tally>(json)!;

    public string ToJson() => JsonSerializer.Serialize(this);

    public void Begin(string kind) => Inputs[kind] = Inputs.GetValueOrDefault(kind) + 1;

    public void End(string kind, TimeSpan time) => Times[kind] = Times.GetValueOrDefault(kind) + time.TotalMilliseconds;

    public void Outcome(string kind, string outcome) => Add(kind, outcome, 1);

    public void Step(string kind, Step step) => StepsOf(kind)[(int)step]++;

    public void Violation(string what)
    {
        if (Violations.Count < MostViolations)
            Violations.Add(what);
    }

    public void Add(Tally other)
    {
        foreach ((string kind, long count) in other.Inputs)
            Inputs[kind] = Inputs.GetValueOrDefault(kind) + count;
        foreach ((string kind, double time) in other.Times)
            Times[kind] = Times.GetValueOrDefault(kind) + time;
        foreach ((string kind, Dictionary<string, long> outcomes) in other.Outcomes)
        {
            foreach ((string outcome, long count) in outcomes)
                Add(kind, outcome, count);
        }

        foreach ((string kind, long[] steps) in other.Steps)
        {
            for (int i = 0; i < steps.Length; i++)
                StepsOf(kind)[i] += steps[i];
        }

        Violations.AddRange(other.Violations);
        Hangs += other.Hangs;
    }

    public long[] StepsOf(string kind)
    {
        if (!Steps.TryGetValue(kind, out long[]? steps))
            Steps[kind] = steps = new long[Enum.GetValues<Step>().Length];
        return steps;
    }

    private void Add(string kind, string outcome, long count)
    {
        if (!Outcomes.TryGetValue(kind, out Dictionary<string, long>? outcomes))
            Outcomes[kind] = outcomes = [];
        outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + count;
    }
}
