using System.Globalization;
using System.Runtime.InteropServices;
using TypedShm.CrashSweep.Scenes;

namespace TypedShm.CrashSweep.Driving;

/// <summary>What a run has come to.</summary>
internal static class Report
{
    /// <summary>The last line.</summary>
    public static string Result(Sweep sweep) => string.Create(
        CultureInfo.InvariantCulture,
        $"kills {sweep.Tally.Kills} lost {sweep.Findings.Lost} doubled {sweep.Findings.Doubled} torn {sweep.Findings.Torn} "
            + $"stuck {sweep.Findings.Stuck} leaked {sweep.Findings.Leaked}");

    /// <summary>The document, every figure of which is of this run.</summary>
    public static void Write(string file, Sweep sweep, int seed, double patience, string result) => File.WriteAllText(file, $"""
        # Crash matrix

        What was left of processes that ended at every step of every protocol. A step is what a process has done last; what the other side
        is promised for it stands beside it. Each of the steps is a point in the code (`CrashStep` in `src/Runtime/Interop`), where
        [tests/CrashSweep](../tests/CrashSweep) ends a real process by SIGKILL, or stops it by SIGSTOP, finds that it is taken for alive,
        and ends it then; others are killed at any time. Afterwards the surviving side has to know within the time that the run allows, by
        waits without a limit of time; to have everything that was committed, once and whole, and nothing that was not; and to work with a
        successor in the same name. After each of them the surviving process holds the descriptors, mappings and threads that it held
        before, and no file of a name is left.

        This file is written by the run itself, on {DateTime.UtcNow:yyyy-MM-dd}, Linux {Environment.OSVersion.Version.ToString(2)},
        {RuntimeInformation.OSArchitecture}, {Environment.ProcessorCount} processors, .NET {Environment.Version}:

        ```
        dotnet run -c Release --project tests/CrashSweep -- --kills {sweep.Tally.Kills} --seed {seed} --patience {patience} \
            --matrix docs/crash-matrix.md
        ```

        Of {sweep.Tally.Kills} processes {sweep.Tally.Stops} were stopped first, and {sweep.Tally.AnyTime} were killed at any time. It ended
        with

        ```
        {result}
        ```

        *Lost*, *doubled* and *torn* are messages that were committed, or values that were published, *stuck* are survivors that did not
        know in time or were wrong about it, *leaked* is what was held or left afterwards.

        {sweep.Tally.Promises()}
        Who ended where, and how often: {Legend}.

        {sweep.Tally.Grid()}
        """.TrimEnd() + "\n");

    private static string Legend =>
        string.Join(",\n", Scene.All.Select(scene => $"{scene.Code} {scene.Name}").Chunk(5).Select(line => string.Join(", ", line)));
}
