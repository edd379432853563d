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

    [TerminalFact]
    public async Task A_watch_that_waits_for_a_stopped_creator_leaves_the_terminal_too()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "state");
        peer.Ask("7");
        using Terminal terminal = new();
        await terminal.Enter($"typedshm watch {name}");
        await terminal.Shows("Square");
        await peer.Stop();
        Signal("TERM", name);

        await Until.Holds(() => terminal.IsAtPrompt);

        Assert.Equal((false, true), (terminal.IsOther, terminal.HasCursor));
        peer.Continue();
    }

    [TerminalFact]
    public async Task Ctrl_Z_gives_the_shell_its_screen_and_fg_the_watch_its_own()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "state");
        peer.Ask("7");
        using Terminal terminal = new();
        await terminal.Enter($"typedshm watch {name}");
        await terminal.Shows("Square");

        terminal.Press("C-z");
        await terminal.Shows("Stopped");
        await Until.Holds(() => terminal.IsAtPrompt);
        Assert.Equal((false, true), (terminal.IsOther, terminal.HasCursor));
        peer.Ask("1");
        await terminal.Enter("fg");
        await terminal.Shows(text => terminal.IsOther && text.Contains(" 64 ", StringComparison.Ordinal));

        terminal.Press("C-c");
        await Until.Holds(() => terminal.IsAtPrompt);
        Assert.Equal((false, true), (terminal.IsOther, terminal.HasCursor));
    }

    [TerminalFact]
    public async Task A_watch_fits_the_terminal_whatever_its_size_becomes()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "everything");
        peer.Ask("7");
        using Terminal terminal = new();
        await terminal.Enter($"typedshm watch {name}");
        await terminal.Shows("more fields");
        foreach ((int columns, int rows) in ((int, int)[])[(80, 24), (40, 10), (132, 50), (24, 4), (80, 24)])
        {
            terminal.Resize(columns, rows);

            // The rows of fields are one to a line, from the first one on, whatever their length.
            await terminal.Shows(text => IsWhole(text.Split('\n'), name, columns, rows));
        }

        terminal.Press("C-c");
        await Until.Holds(() => terminal.IsAtPrompt);
    }

    [TerminalTheory]
    [InlineData("watch")]
    [InlineData("show")]
    public async Task A_terminal_that_does_not_know_its_size_has_the_usual_one(string verb)
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "state");
        peer.Ask("7");
        using Terminal terminal = new();

        await terminal.Enter($"stty cols 0 rows 0; typedshm {verb} {name}");

        await terminal.Shows("Square");
        Assert.Equal(verb == "watch", terminal.IsOther);
    }

    [TerminalFact]
    public async Task Columns_stay_where_they_are_when_values_become_shorter()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "broadcast");
        peer.Ask("1");
        using Terminal terminal = new();
        await terminal.Enter($"typedshm watch {name} --interval 0.05");
        await terminal.Shows("Square");
        int kind = terminal.Lines[1].IndexOf("KIND", StringComparison.Ordinal);
        Assert.True(kind > 0, terminal.Text);
        for (int i = 0; i < 5; i++)
        {
            string number = peer.Ask("3");
            await terminal.Shows(text => text.Contains($"published {number}", StringComparison.Ordinal)
                && text.Split('\n')[1].IndexOf("KIND", StringComparison.Ordinal) == kind);
        }
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

    [TerminalTheory]
    [InlineData("ls")]
    [InlineData("top")]
    public async Task A_list_has_a_line_for_each_channel_with_its_whole_name(string verb)
    {
        string name = NamesDirectory.NewName("a-channel-of-a-longer-name");
        using Peer first = Command.Offer(name, "everything");
        using Peer second = Command.Offer($"{name}-2", "queue");
        using Terminal terminal = new(80, 40);
        await terminal.Enter($"typedshm {verb}");
        await terminal.Shows($"{name}-2 ");

        string[] lines = terminal.Lines;
        Assert.Single(lines, line => line.StartsWith("NAME ", StringComparison.Ordinal));
        string[][] words = [.. lines.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
        Assert.Single(words, row => row is [var listed, "broadcast", ..] && listed == name);
        Assert.Single(words, row => row is [var listed, "queue", ..] && listed == $"{name}-2");
        if (verb == "top")
            terminal.Press("C-c");
        await Until.Holds(() => terminal.IsAtPrompt);
    }

    [TerminalTheory]
    [InlineData("ls")]
    [InlineData("top")]
    public async Task A_name_that_has_no_room_goes_on_below_and_spoils_no_other_line(string verb)
    {
        string name = NamesDirectory.NewName();
        string longName = $"@{new string('a', 60)}{new string('z', 30)}-{Environment.ProcessId}";
        using Peer first = Command.Offer(name, "queue");
        using Peer second = Command.Offer(longName, "state");
        using Terminal terminal = new(80, 40);
        await terminal.Enter($"typedshm {verb}");
        await terminal.Shows($"{name} ");
        await terminal.Shows(" RATE");

        string[] lines = terminal.Lines;
        string heads = Assert.Single(lines, line => line.StartsWith("NAME ", StringComparison.Ordinal));
        int rate = heads.IndexOf("RATE", StringComparison.Ordinal);
        int row = Array.FindIndex(lines, line => line.StartsWith("@aaaa", StringComparison.Ordinal));
        Assert.InRange(row, 0, lines.Length - 2);
        Assert.Equal(longName, $"{lines[row].Split(' ')[0]}{lines[row + 1].Trim()}");
        Assert.Contains(" state ", lines[row], StringComparison.Ordinal);
        Assert.Single(lines, line => line.StartsWith($"{name} ", StringComparison.Ordinal)
            && line.Contains(" queue ", StringComparison.Ordinal) && line.Length > rate);
        if (verb == "top")
            terminal.Press("C-c");
        await Until.Holds(() => terminal.IsAtPrompt);
    }

    [TerminalFact]
    public async Task A_recorder_says_how_far_it_is_in_one_line()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "broadcast");
        peer.Ask("40");
        string path = Recordings.NewPath();
        using Terminal terminal = new();
        await terminal.Enter($"typedshm record {name} -o {path} --from-start");
        await terminal.Shows("\n40 rows, 0 lost, ");
        peer.Ask("2");
        await terminal.Shows("\n42 rows, 0 lost, ");
        Assert.DoesNotContain("40 rows", terminal.Text, StringComparison.Ordinal);

        terminal.Press("C-c");
        await Until.Holds(() => terminal.IsAtPrompt);

        Assert.Single(terminal.Lines, line => line.Contains(" rows, ", StringComparison.Ordinal));
    }

    // The summary, the heads, then fields in their order, and how many have no room.
    private static bool IsWhole(string[] lines, string name, int columns, int rows)
    {
        string[] fields = ["Bool", "Int8", "Int16", "Int32"];
        return lines.Length <= rows && lines.All(line => line.Length <= columns)
            && lines[0].StartsWith($"{name}: "[..Math.Min(columns - 1, name.Length)], StringComparison.Ordinal)
            && lines[1].StartsWith("FIELD ", StringComparison.Ordinal)
            && lines[2..^1].Zip(fields).All(pair => pair.First.StartsWith($"{pair.Second} ", StringComparison.Ordinal))
            && lines[^1].StartsWith("… ", StringComparison.Ordinal);
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
