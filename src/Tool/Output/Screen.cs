using Spectre.Console;
using Spectre.Console.Rendering;

namespace TypedShm.Tool.Output;

/// <summary>The terminal, or the pipe or file that stands for it: then there is no colour, and a line is as long as it has to be.</summary>
internal static class Screen
{
    private const int PipeWidth = 10_000;

    private static readonly Lazy<IAnsiConsole> s_console = new(Make);

    /// <summary>Whether somebody looks at a terminal that can be redrawn.</summary>
    public static bool IsLive { get; } = !Console.IsOutputRedirected
        && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

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
        foreach (string head in heads)
            table.AddColumn(new TableColumn(
                new Text(head, new Style(decoration: Decoration.Bold)))
            { NoWrap = true, Padding = new Padding(0, 0, 2, 0) });
        return table;
    }

    /// <summary>
    /// Redraws something until it is cancelled or says that it is over; the cursor is there again afterwards, however that ends.
    /// </summary>
    /// <param name="frame">Makes the next frame; null at the end.</param>
    /// <param name="interval">Between two frames.</param>
    /// <param name="cancellationToken">Ctrl-C.</param>
    public static async Task Redraw(Func<IRenderable?> frame, TimeSpan interval, CancellationToken cancellationToken)
    {
        await Output.Live(new Text("")).Overflow(VerticalOverflow.Crop).StartAsync(async context =>
        {
            while (!cancellationToken.IsCancellationRequested && frame() is { } next)
            {
                context.UpdateTarget(next);
                await Task.Delay(interval, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }).ConfigureAwait(false);
    }

    /// <summary>Puts the terminal back as it was.</summary>
    public static void Restore()
    {
        if (s_console.IsValueCreated && IsLive)
            Output.Cursor.Show();
    }

    private static IAnsiConsole Make() => AnsiConsole.Create(new AnsiConsoleSettings
    {
        ColorSystem = Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 }
            ? ColorSystemSupport.NoColors
            : ColorSystemSupport.Detect,
        Out = new AnsiConsoleOutput(Console.Out),
    });
}
