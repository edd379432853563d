using System.Diagnostics;
using System.Reflection;

namespace TypedShm.Mutants;

/// <summary>
/// Plants the bugs of tests/Mutants/bugs, one at a time, in a copy of the sources, and runs the check that has to catch each. It fails if
/// one survives or no longer applies, or if a check fails without any.
/// <c>--list</c> names them, <c>--applies</c> looks only whether each could be planted and its tests are there, <c>--only NAME…</c>
/// takes some of them.
/// </summary>
internal static class Program
{
    private const string Caught = "caught";

    private static string Root { get; } = typeof(Program).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data =>
        data.Key == "Root").Value!;

    private static int Main(string[] arguments)
    {
        string[] files = Directory.GetFiles(Path.Combine(Root, "tests/Mutants/bugs"), "*.txt");
        Array.Sort(files, StringComparer.Ordinal);
        Mutant[] mutants = [.. files.Select(Mutant.Parse)];
        if (arguments is ["--only", ..])
        {
            string[] unknown = [.. arguments.Skip(1).Where(name => mutants.All(mutant => mutant.Name != name))];
            if (unknown.Length > 0)
                return Complain($"There is no bug '{string.Join("', '", unknown)}'; --list names those that there are.");
            mutants = [.. mutants.Where(mutant => arguments.Contains(mutant.Name))];
        }

        return arguments switch
        {
            ["--list"] => List(mutants),
            ["--applies"] => ReportWhetherTheyApply(mutants),
            [] or ["--only", _, ..] => RunAll(mutants),
            _ => Complain("Mutants [--list | --applies | --only NAME…]"),
        };
    }

    private static int List(Mutant[] mutants)
    {
        foreach (Mutant mutant in mutants)
            Console.WriteLine($"{mutant.Name}: {mutant.What} ({mutant.Check})");
        return 0;
    }

    private static int ReportWhetherTheyApply(Mutant[] mutants)
    {
        using TestNames tests = new(Root);
        return Report(mutants.Select(mutant => (mutant, Applies(mutant, tests))));
    }

    private static string Applies(Mutant mutant, TestNames tests) =>
        Tree.WhyNot(Root, mutant) is { } file ? $"DOES NOT APPLY to {file}"
        : mutant.Check.Filters.FirstOrDefault(filter => !tests.Has(mutant.Check.Project!, filter)) is { } filter
            ? $"NO TEST of {mutant.Check.Project} has '{filter}' in its name; is it built?"
        : "applies";

    private static int RunAll(Mutant[] mutants)
    {
        using Tree tree = Tree.Copy(Root);
        string log = $"{tree.Path}.log";
        return Report(mutants.GroupBy(mutant => mutant.Check.Project).SelectMany(group => RunGroup([.. group], tree, log)));
    }

    // Those whose checks are in one project, which is built once.
    private static IEnumerable<(Mutant Mutant, string Verdict)> RunGroup(Mutant[] mutants, Tree tree, string log)
    {
        string? fault = WhyNotReady(mutants, tree, log);
        foreach (Mutant mutant in mutants)
            yield return (mutant, fault ?? Run(mutant, tree, log));
    }

    // A check that fails without the bug catches nothing.
    private static string? WhyNotReady(Mutant[] mutants, Tree tree, string log)
    {
        if (mutants[0].Check.Project is { } project && !tree.Build(project, log))
            return $"ITS CHECK DOES NOT BUILD WITHOUT IT, see {log}";
        foreach (Check check in Check.Together(mutants.Select(mutant => mutant.Check)))
        {
            Answer answer = check.Run(tree, log);
            if (answer.Outcome != Outcome.Passed)
                return $"ITS CHECK FAILS WITHOUT IT: {answer.By}";
        }

        return null;
    }

    private static string Run(Mutant mutant, Tree tree, string log)
    {
        if (Tree.WhyNot(tree.Path, mutant) is { } file)
            return $"DOES NOT APPLY to {file}";
        File.AppendAllLines(log, [$"== {mutant.Name}"]);
        using IDisposable? planted = tree.Plant(mutant, log);
        if (planted is null)
            return $"DOES NOT BUILD, see {log}";
        Answer answer = mutant.Check.Run(tree, log);
        return answer.Outcome == Outcome.Failed ? $"{Caught} by {answer.By}" : $"SURVIVED {mutant.Check}";
    }

    private static int Report(IEnumerable<(Mutant Mutant, string Verdict)> verdicts)
    {
        int wrong = 0, all = 0;
        long begun = Stopwatch.GetTimestamp();
        foreach ((Mutant mutant, string verdict) in verdicts)
        {
            Console.WriteLine($"{Stopwatch.GetElapsedTime(begun).TotalSeconds,5:0} s  {mutant.Name}: {verdict}");
            all++;
            if (verdict != "applies" && !verdict.StartsWith(Caught, StringComparison.Ordinal))
                wrong++;
            begun = Stopwatch.GetTimestamp();
        }

        Console.WriteLine($"{all} planted bugs, {wrong} not as they should be");
        return wrong == 0 ? 0 : 1;
    }

    private static int Complain(string what)
    {
        Console.Error.WriteLine(what);
        return 2;
    }
}
