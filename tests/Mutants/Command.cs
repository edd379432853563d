using System.Diagnostics;

namespace TypedShm.Mutants;

/// <summary>Runs programs in a directory, one after the other, and keeps what the last one printed.</summary>
internal sealed class Command(string directory, string log, TimeSpan patience)
{
    private readonly List<string> _output = [];

    /// <summary>What the last one printed.</summary>
    public IReadOnlyList<string> Output => _output;

    /// <summary>Whether the last one ended by itself.</summary>
    public bool HasEnded { get; private set; }

    /// <returns>Its exit code; -1 if it had to be ended.</returns>
    public int Run(string[] command)
    {
        _output.Clear();
        ProcessStartInfo start = new(command[0], command[1..])
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // What this run itself was started with is not meant for the builds.
        string[] inherited = [.. start.Environment.Keys.Where(name => name.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase))];
        Array.ForEach(inherited, name => start.Environment.Remove(name));
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        start.Environment["DiffEngine_Disabled"] = "true";
        start.Environment["TYPEDSHM_TEST_PATIENCE"] = "60";
        using Process process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        HasEnded = process.WaitForExit(patience);
        if (!HasEnded)
            process.Kill(entireProcessTree: true);
        process.WaitForExit();
        File.AppendAllLines(log, [string.Join(' ', command), .. _output]);
        return HasEnded ? process.ExitCode : -1;
    }

    private void Add(string? line)
    {
        lock (_output)
        {
            if (line is not null)
                _output.Add(line);
        }
    }
}
