using System.Diagnostics;
using TypedShm.TestKit;
using Xunit;

namespace TypedShm.Tool.Tests.Terminals;

/// <summary>A test that needs tmux, and is skipped where there is none.</summary>
internal sealed class TerminalFactAttribute : FactAttribute
{
    public TerminalFactAttribute() => Skip = Terminal.Obstacle;
}

/// <inheritdoc cref="TerminalFactAttribute"/>
internal sealed class TerminalTheoryAttribute : TheoryAttribute
{
    public TerminalTheoryAttribute() => Skip = Terminal.Obstacle;
}

/// <summary>A terminal, which tmux is, with a shell in it that knows <c>typedshm</c>: what a person would see and type.</summary>
internal sealed class Terminal : IDisposable
{
    public const string Prompt = "$";

    private const string Tmux = "/usr/bin/tmux";

    private readonly string _directory = Directory.CreateTempSubdirectory("typedshm-terminal-").FullName;

    /// <param name="columns">Its width.</param>
    /// <param name="rows">Its height.</param>
    /// <param name="variables">Of the environment of the shell, each as NAME=VALUE.</param>
    public Terminal(int columns = 80, int rows = 24, params string[] variables)
    {
        Command.Install(_directory);
        File.WriteAllText(Path.Combine(_directory, "conf"), "set -g status off\nset -g default-terminal tmux-256color\n");

        // A job of the shell gets its signals as a person's would; with what the tests were started by, SIGINT may be ignored.
        Ask(["-f", Path.Combine(_directory, "conf"), "new-session", "-d", "-x", $"{columns}", "-y", $"{rows}",
            "env", "--default-signal=INT", "-u", "NO_COLOR", $"PATH={_directory}:{Environment.GetEnvironmentVariable("PATH")}", "PS1=$ ",
            "LC_ALL=C.UTF-8", .. variables, "bash", "--norc", "--noprofile", "-i"]);
        Ask("set", "-g", "window-size", "manual");
    }

    /// <summary>Why there is no terminal; null if there is one.</summary>
    public static string? Obstacle { get; } = File.Exists(Tmux) ? null : "There is no tmux on this machine (apt-get install tmux).";

    /// <summary>The lines that it shows, without blanks at their ends.</summary>
    public string[] Lines => Ask("capture-pane", "-p").Split('\n');

    public string Text => string.Join('\n', Lines).TrimEnd();

    /// <summary>The same, with the escape sequences of colours.</summary>
    public string Coloured => Ask("capture-pane", "-p", "-e");

    /// <summary>Whether the cursor is shown.</summary>
    public bool HasCursor => Ask("display", "-p", "#{cursor_flag}").Trim() == "1";

    /// <summary>Whether it shows its other screen.</summary>
    public bool IsOther => Ask("display", "-p", "#{alternate_on}").Trim() == "1";

    /// <summary>Whether the shell waits for a command.</summary>
    public bool IsAtPrompt => Text.EndsWith($"\n{Prompt}", StringComparison.Ordinal) || Text == Prompt;

    /// <summary>Types a command and enters it, when the shell waits for one.</summary>
    public async Task Enter(string command)
    {
        await Until.Holds(() => IsAtPrompt);
        Ask("send-keys", "-l", command);

        // Once it is there the prompt before it is none to wait for any more.
        await Until.Holds(() => WithoutBlanks(Text).EndsWith(WithoutBlanks(command), StringComparison.Ordinal));
        Press("Enter");
    }

    /// <summary>Presses a key, C-c for instance.</summary>
    public void Press(string key) => Ask("send-keys", key);

    public void Resize(int columns, int rows) => Ask("resize-window", "-x", $"{columns}", "-y", $"{rows}");

    /// <summary>Waits until it shows something.</summary>
    public async Task Shows(Func<string, bool> what)
    {
        string text = "";
        try
        {
            await Until.Holds(() => what(text = Text));
        }
        catch (TimeoutException error)
        {
            throw new TimeoutException($"{error.Message} The terminal shows:\n{text}", error);
        }
    }

    public Task Shows(string text) => Shows(shown => shown.Contains(text, StringComparison.Ordinal));

    public void Dispose()
    {
        Ask("kill-server");
        Directory.Delete(_directory, recursive: true);
    }

    // A long line goes on in the next one.
    private static string WithoutBlanks(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));

    private string Ask(params string[] arguments)
    {
        ProcessStartInfo start = new(Tmux, ["-S", Path.Combine(_directory, "socket"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process tmux = Process.Start(start)!;
        Task<string> errors = tmux.StandardError.ReadToEndAsync();
        string output = tmux.StandardOutput.ReadToEnd();
        tmux.WaitForExit();
        return tmux.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"tmux {arguments[0]} failed: {errors.GetAwaiter().GetResult()}");
    }
}
