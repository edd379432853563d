using Spectre.Console;
using Spectre.Console.Rendering;

namespace TypedShm.Tool.Output;

/// <summary>The terminal, or the pipe or file that stands for it: then there is no colour, and a line is as long as it has to be.</summary>
internal static class Screen
{
    /// <summary>Columns between two of a table.</summary>
    public const int Gap = 2;

    private const int PipeWidth = 10_000;

    private static readonly Lazy<IAnsiConsole> s_console = new(Make);

    /// <summary>Whether somebody looks at a terminal that can be redrawn.</summary>
    public static bool IsLive { get; } = !Console.IsOutputRedirected
        && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    /// <summary>How many columns a line may have.</summary>
    public static int Width => Console.IsOutputRedirected ? PipeWidth : Size.Width;

    /// <summary>Columns and rows of the terminal: the usual ones where it does not know them, as behind a serial line.</summary>
    public static Size Size => new(
        Console.WindowWidth is > 0 and var columns ? columns : 80,
        Console.WindowHeight is > 0 and var rows ? rows : 24);

    public static IAnsiConsole Output => s_console.Value;

    /// <summary>Writes something; without the blanks at the ends of lines, where no terminal is.</summary>
    public static void Write(IRenderable what)
    {
        if (!Console.IsOutputRedirected)
        {
            Output.Write(what);
            return;
        }

        using StringWriter text = new();
        IAnsiConsole plain = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem =
            ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(text)
        });
        plain.Profile.Width = PipeWidth;
        plain.Write(what);
        foreach (string line in text.ToString().TrimEnd('\n').Split('\n'))
            Console.Out.WriteLine(line.TrimEnd());
    }

    /// <summary>A table as this tool has them: heads, columns, no lines around.</summary>
    public static Table Table(params ReadOnlySpan<string> heads)
    {
        Table table = new() { Border = TableBorder.None, ShowRowSeparators = false };
        for (int i = 0; i < heads.Length; i++)
        {
            table.AddColumn(new TableColumn(new Text(heads[i], new Style(decoration: Decoration.Bold)))
            {
                NoWrap = true,
                Padding = new Padding(0, 0, i < heads.Length - 1 ? Gap : 0, 0),
            });
        }

        return table;
    }

    /// <summary>Shows a line that changes, until something has ended; then it is gone.</summary>
    /// <param name="line">The line, of plain text.</param>
    /// <param name="interval">Between two looks at it.</param>
    /// <param name="end">What it tells of.</param>
    public static async Task Progress(Func<string> line, TimeSpan interval, Task end)
    {
        while (!end.IsCompleted)
        {
            Console.Out.Write($"\r{Format.Fit(line(), Size.Width - 1)}\e[K");
            Console.Out.Flush();
            await Task.WhenAny(end, Task.Delay(interval)).ConfigureAwait(false);
        }

        Console.Out.Write("\r\e[K");
    }

    private static IAnsiConsole Make()
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            ColorSystem = Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 }
                ? ColorSystemSupport.NoColors
                : ColorSystemSupport.Detect,
            Out = new AnsiConsoleOutput(Console.Out),
        });
        console.Profile.Width = Width;
        return console;
    }
}
