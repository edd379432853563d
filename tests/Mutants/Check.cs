namespace TypedShm.Mutants;

/// <summary>What a check has said.</summary>
/// <param name="Outcome">How it has ended.</param>
/// <param name="By">What it was in it that noticed, if it failed.</param>
internal readonly record struct Answer(Outcome Outcome, string By = "");

/// <summary>How a check has ended.</summary>
internal enum Outcome
{
    Passed,
    Failed,
}

/// <summary>
/// What has to catch a bug: <c>test PROJECT FILTER</c>, tests whose full names contain one of the words of the filter, which are separated
/// by <c>|</c>; <c>sweep ARGUMENTS</c>, a run of tests/CrashSweep; <c>hostile ARGUMENTS</c>, one of tests/HostilePeer; <c>script PATH
/// ARGUMENTS</c>, a program of the repository.
/// </summary>
internal sealed record Check(string Kind, string Arguments)
{
    // A check that hangs has noticed the bug. Without it the longest takes a fraction of this.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(6);

    /// <summary>The words of the filter.</summary>
    public IEnumerable<string> Filters => Kind == "test" ? Words[1].Split('|') : [];

    private string[] Words => Arguments.Split(' ');

    /// <summary>The project that has the check; null if it builds what it needs itself.</summary>
    public string? Project => Kind switch
    {
        "test" => Words[0],
        "sweep" => "tests/CrashSweep",
        "hostile" => "tests/HostilePeer",
        _ => null,
    };

    public static Check Parse(string text)
    {
        string[] parts = text.Split(' ', 2);
        return parts is ["test" or "sweep" or "hostile" or "script", _]
            ? new Check(parts[0], parts[1])
            : throw new FormatException($"There is no check '{text}'.");
    }

    /// <summary>The tests of a project in one run; whatever else there is once.</summary>
    public static IEnumerable<Check> Together(IEnumerable<Check> checks) => checks.Distinct()
        .GroupBy(check => check.Kind == "test" ? check.Project : check.ToString())
        .Select(group => group.First() with
        {
            Arguments = group.First().Kind == "test"
                ? $"{group.Key} {string.Join('|', group.SelectMany(check => check.Filters).Distinct())}"
                : group.First().Arguments,
        });

    public override string ToString() => $"{Kind} {Arguments}";

    /// <summary>Runs it, on what is built.</summary>
    /// <param name="tree">The sources.</param>
    /// <param name="log">Where the output goes.</param>
    public Answer Run(Tree tree, string log)
    {
        Command command = new(tree.Path, log, s_patience);
        int code = command.Run(Kind switch
        {
            "test" => ["dotnet", "test", tree.AssemblyOf(Project!, log), "--filter", FilterOf(Words[1]), "--", "xUnit.StopOnFail=true"],
            "sweep" or "hostile" => ["dotnet", tree.AssemblyOf(Project!, log), .. Words],
            _ => [Path.Combine(tree.Path, Words[0]), .. Words[1..]],
        });

        // A filter that finds nothing catches nothing, however it is taken.
        if (command.Output.Any(line => line.Contains("No test matches", StringComparison.Ordinal)))
            return new Answer(Outcome.Passed);
        return code == 0 ? new Answer(Outcome.Passed) : new Answer(Outcome.Failed, command.HasEnded ? ByOf(command.Output) : "a hang");
    }

    private static string FilterOf(string words) => string.Join('|', words.Split('|').Select(word => $"FullyQualifiedName~{word}"));

    private static string ByOf(IEnumerable<string> output)
    {
        string? line = output.FirstOrDefault(line => line.StartsWith("  Failed ", StringComparison.Ordinal))
            ?? output.FirstOrDefault(line => line.StartsWith("FAIL ", StringComparison.Ordinal))
            ?? output.FirstOrDefault(line => line.StartsWith("  input ", StringComparison.Ordinal))
            ?? output.FirstOrDefault(line => line.Contains("crashed", StringComparison.OrdinalIgnoreCase))
            ?? output.LastOrDefault(line => line.Length > 0);
        return (line ?? "").Trim();
    }
}
