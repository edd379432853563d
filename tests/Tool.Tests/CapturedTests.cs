using System.Diagnostics;
using System.Text.RegularExpressions;
using TypedShm.TestKit;
using TypedShm.Tool.Tests.Terminals;
using Xunit;

namespace TypedShm.Tool.Tests;

/// <summary>
/// What docs/tool.md shows of the command is what it prints: each line that begins with <c>$ typedshm</c> is run, one after the other,
/// while <c>typedshm demo --name engine</c> runs, and what follows on the page is compared with what it writes; <c>typedshm watch</c> in a
/// terminal. Numbers, times and what the demonstration changes may differ.
/// </summary>
public sealed partial class CapturedTests : IDisposable
{
    private static readonly string s_page = Path.Combine(Command.Root, "docs/tool.md");

    private readonly List<Process> _started = [];

    // A directory of its own for names, files and the command, so that the page's own names can be used.
    private readonly string _directory = Directory.CreateTempSubdirectory("typedshm-captured-").FullName;

    public CapturedTests() => Command.Install(_directory);

    [Fact]
    public async Task What_the_page_shows_is_what_it_prints()
    {
        (Process demo, Task rest) = await StartDemo();
        (string Line, string Output)[] captured = [.. Captured(File.ReadAllLines(s_page)).Where(captured => !IsDrawn(captured.Line))];
        Assert.True(captured.Length >= 8, $"{captured.Length} commands were found on the page.");

        foreach ((string line, string output) in captured)
        {
            // One that has no end of its own says at once what it has to say.
            bool isEndless = line.StartsWith("typedshm web", StringComparison.Ordinal);
            Process process = Start(isEndless ? $"exec {line}" : line);
            string printed = isEndless ? await FirstLine(process) : (await Command.End(process)).Output;

            // Others may have channels on this machine, too.
            if (line == "typedshm ls")
                printed = string.Join('\n', printed.Split('\n').Where(listed => listed.StartsWith("NAME ", StringComparison.Ordinal)
                    || listed.StartsWith("engine ", StringComparison.Ordinal)));
            Assert.Equal($"$ {line}\n{Mask(output)}", $"$ {line}\n{Mask(printed)}");
        }

        Command.Interrupt(demo);
        await Until.Soon(rest);
    }

    [TerminalFact]
    public async Task What_the_page_shows_of_a_terminal_is_what_a_terminal_shows()
    {
        (Process demo, Task rest) = await StartDemo();
        (string Line, string Output)[] captured = [.. Captured(File.ReadAllLines(s_page)).Where(captured => IsDrawn(captured.Line))];
        Assert.NotEmpty(captured);
        using Terminal terminal = new(variables: $"TYPEDSHM_DIR={_directory}");
        foreach ((string line, string output) in captured)
        {
            await terminal.Enter(line);
            await terminal.Shows(text => terminal.IsOther && Mask(text) == Mask(output));
            terminal.Press("C-c");
        }

        await Until.Holds(() => terminal.IsAtPrompt);
        Command.Interrupt(demo);
        await Until.Soon(rest);
    }

    [Theory]
    [InlineData("engine.arrows: 100 rows, 0 lost, 10.1 KiB, 2s", "engine.arrows: 9 rows, 12 lost, 512 B, 1m02s", true)]
    [InlineData("  Gear  First  int32", "  Gear  Third  int32", true)]
    [InlineData("[0.5,1E-05,5.18]", "[-0.25,1,12.34]", true)]
    [InlineData("[0.5,1.5,2.5]", "[0.5,1.5]", false)]
    [InlineData("Z,7,103,0.5", "Z,7,10,0.5", true)]
    [InlineData("Z,7,103,0.5", "Z,103,0.5", false)]
    [InlineData("published 1,275, peers 0", "published 99, peers 0", true)]
    [InlineData("published 275, peers 0", "published 275, readers 0", false)]
    [InlineData("Rpm  ▁▂▃  float64", "Rpm  ▃▃▂▁█  float64", true)]
    [InlineData("Rpm  ▁▂▃  float64", "Rpm  float64", false)]
    [InlineData("Tick,Rpm", "Rpm,Tick", false)]
    [InlineData("one\ntwo", "one", false)]
    public void Only_what_may_differ_is_let_go(string one, string other, bool same) => Assert.Equal(same, Mask(one) == Mask(other));

    public void Dispose()
    {
        foreach (Process process in _started)
        {
            // Still there if the test has failed.
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }

        Directory.Delete(_directory, recursive: true);
    }

    // What it says without a terminal is another matter.
    private static bool IsDrawn(string line) => line.StartsWith("typedshm watch", StringComparison.Ordinal);

    private static IEnumerable<(string Line, string Output)> Captured(string[] page)
    {
        for (int i = 0; i < page.Length; i++)
        {
            if (!page[i].StartsWith("$ typedshm ", StringComparison.Ordinal))
                continue;
            string[] output = [.. page[(i + 1)..].TakeWhile(line => line != "```" && !line.StartsWith("$ ", StringComparison.Ordinal))];
            yield return (page[i]["$ ".Length..], string.Join('\n', output));
        }
    }

    private static async Task<string> FirstLine(Process process)
    {
        string line = await Until.Soon(process.StandardOutput.ReadLineAsync()) ?? "";
        Command.Interrupt(process);
        return line + (await Command.End(process)).Output;
    }

    // A line that the page breaks is one: white space does not matter.
    private static string Mask(string text)
    {
        text = Number().Replace(text.Replace(Environment.UserName, "root", StringComparison.Ordinal), "0");
        text = Unit().Replace(text, "0");
        return Blank().Replace(Bars().Replace(Chosen().Replace(text, "*"), "▁"), "");
    }

    private async Task<(Process Demo, Task Output)> StartDemo()
    {
        Process demo = Start("exec typedshm demo --name engine --json");
        Assert.NotNull(await Until.Soon(demo.StandardOutput.ReadLineAsync()));
        return (demo, demo.StandardOutput.ReadToEndAsync());
    }

    private Process Start(string line)
    {
        ProcessStartInfo start = new("sh", ["-c", line])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = _directory,
        };
        start.Environment["PATH"] = $"{_directory}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["TYPEDSHM_DIR"] = _directory;
        Process process = Process.Start(start)!;
        _started.Add(process);
        return process;
    }

    // Tokens, and numbers with all that may belong to them: commas only between blanks, since elsewhere they divide.
    [GeneratedRegex(@"\b[0-9a-f]{32}\b|(?<!\S)\d{1,3}(?:,\d{3})+(?=,?(?:\s|$))|-?\d+(?:\.\d+)?(?:E[+-]?\d+)?")]
    private static partial Regex Number();

    // An age may have two of them.
    [GeneratedRegex(@"(?:0 ?(?:ns|µs|ms|s|m|h|d|B|KiB|MiB)\b)+|(?:0[mhd])+0[smh]\b")]
    private static partial Regex Unit();

    // Users, the program that is the other process, and the gears of the demonstration's engine.
    [GeneratedRegex(@"\b(?:root|Neutral|First|Second|Third)\b")]
    private static partial Regex Chosen();

    // The last values of a number.
    [GeneratedRegex("[▁▂▃▄▅▆▇█]+")]
    private static partial Regex Bars();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blank();
}
