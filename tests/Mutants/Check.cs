using System.Diagnostics;

namespace TypedShm.Mutants;

/// <summary>How a check has ended.</summary>
internal enum Outcome
{
    Passed,
    Failed,
    DoesNotBuild,
}

/// <summary>
/// What has to catch a bug: <c>test PROJECT FILTER</c>, tests whose full names contain one of the words of the filter, which are separated
/// by <c>|</c>; <c>soak ARGUMENTS</c>, a run of tests/Soak;
/// <c>script PATH</c>, a program of the repository.
/// </summary>
internal sealed record Check(string Kind, string Arguments)
{
    // A check that hangs has noticed the bug. Without it the longest takes a fraction of this.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(8);

    public static Check Parse(string text)
    {
        string[] parts = text.Split(' ', 2);
        return parts is ["test" or "soak" or "script", _]
            ? new Check(parts[0], parts[1])
            : throw new FormatException($"There is no check '{text}'.");
    }

    public override string ToString() => $"{Kind} {Arguments}";

    /// <summary>Builds what the check needs, and runs it.</summary>
    /// <param name="tree">The sources.</param>
    /// <param name="log">Where the output goes.</param>
    public Outcome Run(string tree, string log)
    {
        string[] words = Arguments.Split(' ');
        string? project = Kind switch
        {
            "test" => words[0],
            "soak" => "tests/Soak",
            _ => null,
        };
        string configuration = Kind == "soak" ? "Release" : "Debug";
        if (project is not null && Execute(tree, log, "dotnet", "build", project, "-c", configuration, "-v", "q", "-nologo") != 0)
            return Outcome.DoesNotBuild;
        int code = Kind switch
        {
            "test" => Execute(tree, log, "dotnet", "test", project!, "--no-build", "--filter", FilterOf(words[1])),
            "soak" => Execute(tree, log, ["dotnet", "run", "-c", "Release", "--no-build", "--project", project!, "--", .. words]),
            _ => Execute(tree, log, [Path.Combine(tree, words[0]), .. words[1..]]),
        };
        return code == 0 ? Outcome.Passed : Outcome.Failed;
    }

    private static string FilterOf(string words) => string.Join('|', words.Split('|').Select(word => $"FullyQualifiedName~{word}"));

    private static int Execute(string tree, string log, params string[] command)
    {
        ProcessStartInfo start = new(command[0], command[1..])
        {
            WorkingDirectory = tree,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // What this run itself was started with is not meant for the builds.
        string[] inherited = [.. start.Environment.Keys.Where(name => name.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase))];
        Array.ForEach(inherited, name => start.Environment.Remove(name));
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["TYPEDSHM_TEST_PATIENCE"] = "60";
        using Process process = Process.Start(start)!;
        using StreamWriter writer = new(log, append: true);
        process.OutputDataReceived += (_, line) => Write(line.Data);
        process.ErrorDataReceived += (_, line) => Write(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        bool ended = process.WaitForExit(s_patience);
        if (!ended)
        {
            Write($"It had not ended after {s_patience.TotalMinutes} minutes.");
            process.Kill(entireProcessTree: true);
        }

        process.WaitForExit();
        return ended ? process.ExitCode : -1;

        void Write(string? line)
        {
            lock (writer)
                writer.WriteLine(line);
        }
    }
}
