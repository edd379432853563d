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
    DoesNotBuild,
}

/// <summary>
/// What has to catch a bug: <c>test PROJECT FILTER</c>, tests whose full names contain one of the words of the filter, which are separated
/// by <c>|</c>; <c>soak ARGUMENTS</c>, a run of tests/Soak; <c>script PATH ARGUMENTS</c>, a program of the repository.
/// </summary>
internal sealed record Check(string Kind, string Arguments)
{
    // A check that hangs has noticed the bug. Without it the longest takes a fraction of this.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(6);

    // Bugs may make the compiler or an analyzer complain, which is not what is asked here.
    private static readonly string[] s_build =
        ["-v", "q", "-nologo", "-p:RunAnalyzers=false", "-p:TreatWarningsAsErrors=false", "-p:GenerateDocumentationFile=false"];

    private string[] Words => Arguments.Split(' ');

    /// <summary>The project that has the check; null if it builds what it needs itself.</summary>
    public string? Project => Kind switch
    {
        "test" => Words[0],
        "soak" => "tests/Soak",
        _ => null,
    };

    private string Configuration => Kind == "soak" ? "Release" : "Debug";

    public static Check Parse(string text)
    {
        string[] parts = text.Split(' ', 2);
        return parts is ["test" or "soak" or "script", _]
            ? new Check(parts[0], parts[1])
            : throw new FormatException($"There is no check '{text}'.");
    }

    /// <summary>
    /// Several at once: the tests of a project in one run, whatever else there is once.
    /// </summary>
    public static IEnumerable<Check> Together(IEnumerable<Check> checks) => checks.GroupBy(check => check.Kind == "test"
        ? new Check("test", check.Words[0] + " ")
        : check).Select(group => group.Key.Kind == "test"
            ? new Check("test", group.Key.Arguments + string.Join('|', group.SelectMany(check => check.Words[1].Split('|')).Distinct()))
            : group.Key);

    public override string ToString() => $"{Kind} {Arguments}";

    /// <summary>Builds what the check needs, and runs it.</summary>
    /// <param name="tree">The sources.</param>
    /// <param name="log">Where the output goes.</param>
    public Answer Run(string tree, string log)
    {
        Command command = new(tree, log, s_patience);
        if (Project is not null && command.Run(["dotnet", "build", Project, "-c", Configuration, .. s_build]) != 0)
            return new Answer(Outcome.DoesNotBuild);
        int code = Kind switch
        {
            "test" => command.Run(
                ["dotnet", "test", Project!, "--no-build", "--filter", FilterOf(Words[1]), "--", "xUnit.StopOnFail=true"]),
            "soak" => command.Run(["dotnet", "run", "-c", Configuration, "--no-build", "--project", Project!, "--", .. Words]),
            _ => command.Run([Path.Combine(tree, Words[0]), .. Words[1..]]),
        };

        // Of a filter that finds nothing, it is what is tested here that fails.
        if (Kind == "test" && code == 0 && !command.Output.Any(line => line.StartsWith("Passed!", StringComparison.Ordinal)))
            throw new InvalidOperationException($"There is no test for '{this}'.");
        return code == 0 ? new Answer(Outcome.Passed) : new Answer(Outcome.Failed, command.HasEnded ? ByOf(command.Output) : "a hang");
    }

    private static string FilterOf(string words) => string.Join('|', words.Split('|').Select(word => $"FullyQualifiedName~{word}"));

    private static string ByOf(IEnumerable<string> output)
    {
        string? line = output.FirstOrDefault(line => line.StartsWith("  Failed ", StringComparison.Ordinal))
            ?? output.FirstOrDefault(line => line.StartsWith("FAIL ", StringComparison.Ordinal))
            ?? output.FirstOrDefault(line => line.Contains("crashed", StringComparison.OrdinalIgnoreCase))
            ?? output.LastOrDefault(line => line.Length > 0);
        return (line ?? "").Trim();
    }
}
