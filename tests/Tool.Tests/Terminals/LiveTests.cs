using System.Diagnostics;
using System.Text.RegularExpressions;
using TypedShm.TestKit;
using Xunit;

namespace TypedShm.Tool.Tests.Terminals;

/// <summary>The live verbs in a terminal: what they show, and how they leave it.</summary>
public sealed partial class LiveTests
{
    [TerminalTheory]
    [InlineData("INT")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public async Task A_watch_that_is_ended_leaves_the_terminal_as_it_was_and_its_last_values(string signal)
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "state");
        peer.Ask("7");
        using Terminal terminal = new();
        await terminal.Enter("echo before");
        await terminal.Enter($"typedshm watch {name}");
        await terminal.Shows("Square");
        Assert.Equal((true, false), (terminal.IsOther, terminal.HasCursor));
        Assert.DoesNotContain("before", terminal.Text, StringComparison.Ordinal);

        if (signal == "INT")
            terminal.Press("C-c");
        else
            Signal(signal, name);
        await Until.Holds(() => terminal.IsAtPrompt);

        Assert.Equal((false, true), (terminal.IsOther, terminal.HasCursor));
        Assert.Equal([$"{Terminal.Prompt} echo before", "before"], terminal.Lines[..2]);
        Assert.Single(terminal.Lines, line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["Square", "49", ..]);
    }

    [TerminalTheory]
    [InlineData("", true)]
    [InlineData("NO_COLOR=1", false)]
    public async Task Colours_are_for_those_who_want_them(string variable, bool isColoured)
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "state");
        peer.Ask("7");
        using Terminal terminal = new(80, 24, [.. variable.Length > 0 ? (string[])[variable] : []]);
        await terminal.Enter($"typedshm watch {name}");
        await terminal.Shows("int64");

        Assert.Equal(isColoured, Colour().IsMatch(terminal.Coloured));

        terminal.Press("C-c");
        await terminal.Enter($"clear; typedshm show {name} | cat");
        await terminal.Shows($"{name}: state of process");
        await Until.Holds(() => terminal.IsAtPrompt);
        Assert.DoesNotMatch(Colour(), terminal.Coloured);
    }

    private static void Signal(string signal, string name)
    {
        string process = Directory.EnumerateDirectories("/proc").Select(path => Path.GetFileName(path))
            .Single(entry => CommandLine(entry) is [_, var assembly, "watch", var watched, ..]
                && assembly == Command.Assembly && watched == name);
        using Process kill = Process.Start("kill", [$"-{signal}", process]);
        kill.WaitForExit();
    }

    private static string[] CommandLine(string process)
    {
        try
        {
            return char.IsAsciiDigit(process[0]) ? File.ReadAllText($"/proc/{process}/cmdline").Split('\0') : [];
        }
        catch (IOException)
        {
            return [];
        }
    }

    [GeneratedRegex(@"\e\[(?:\d+;)*(?:3[0-8]|4[0-8]|9[0-7])(?:;\d+)*m")]
    private static partial Regex Colour();
}
