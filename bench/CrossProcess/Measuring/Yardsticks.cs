using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace TypedShm.CrossProcess.Measuring;

/// <summary>The C programs of <c>bench/limit</c>.</summary>
internal static class Yardsticks
{
    public static string Directory { get; } = typeof(Yardsticks).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "Limit").Value!;

    /// <summary>What counts instructions, as a library.</summary>
    public const string StepsLibrary = "libsteps.so";

    // Some take a second. On a machine that is busy with other things some never end, as each of their steps waits for a core.
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(20);
    private const int Killed = 128 + 9;

    /// <summary>Builds them.</summary>
    /// <exception cref="MissingToolException">That is not possible here; the message says why.</exception>
    public static void Build()
    {
        string[] programs = [.. System.IO.Directory.GetFiles(Directory, "*.c").Select(path => Path.GetFileNameWithoutExtension(path)!)];
        try
        {
            Run("make", Timeout.InfiniteTimeSpan, ["-s", "-C", Directory, "CC=gcc", StepsLibrary, .. programs]);
        }
        catch (Exception exception) when (exception is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            throw new MissingToolException(
                $"The C programs in {Directory} could not be built, with which the figures are compared. That takes make and gcc " +
                $"(apt-get install gcc make), and writing to that directory. {exception.Message}");
        }
    }

    /// <summary>Runs one, and gives the lines that it prints, as names and values.</summary>
    public static Dictionary<string, double> Measure(string program, params IEnumerable<string> arguments) =>
        Run(program, arguments)
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split(' '))
        .ToDictionary(words => words[0], words => double.Parse(words[1], CultureInfo.InvariantCulture));

    /// <summary>Runs one to its end, and gives what it prints.</summary>
    public static string Run(string program, params IEnumerable<string> arguments) =>
        Run(Path.Combine(Directory, program), s_longest, arguments);

    private static string Run(string program, TimeSpan longest, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        using Timer tooLong = new(_ => process.Kill(), null, longest, Timeout.InfiniteTimeSpan);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException(
                $"{Path.GetFileName(program)} ended with {process.ExitCode}" +
                (process.ExitCode == Killed ? $", because it was killed after {longest.TotalSeconds} s" : $": {errors.Result.Trim()}"));
    }
}

internal sealed class MissingToolException(string message) : Exception(message);
