using System.Runtime.InteropServices;
using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace TypedShm.Tool.Output;

/// <summary>
/// A picture that is drawn anew again and again, on the terminal's other screen, so that nothing of what was there before is lost. What it
/// showed last stays when it ends. Thread-safe.
/// </summary>
internal sealed partial class LiveScreen : IDisposable
{
    // DEC private modes: 1049 the other screen, 25 the cursor, 2026 nothing is shown until the frame is whole (where that is unknown, it is
    // ignored).
    private const string Enter = "\e[?1049h\e[?25l";
    private const string Leave = "\e[?1049l\e[?25h";
    private const string Begin = "\e[?2026h\e[H";
    private const string End = "\e[J\e[?2026l";
    private const string Clear = "\e[2J";
    private const string EraseLine = "\e[K";

    // The same on x64 and arm64.
    private const int StopSignal = 20;

    private static LiveScreen? s_shown;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _redraw = new(0);
    private readonly Func<Size, IRenderable> _render;
    private readonly PosixSignalRegistration[] _signals;
    private PosixSignalRegistration _stopSignal;
    private Size _size;
    private string[] _lines = [];
    private bool _isEntered;
    private bool _isSuspended;
    private bool _isOver;

    private LiveScreen(Func<Size, IRenderable> render)
    {
        _render = render;
        _signals =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => _redraw.Release()),

            PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => Resume()),

            // These end the process without asking; Ctrl-C and SIGTERM cancel what it does.
            PosixSignalRegistration.Create(PosixSignal.SIGQUIT, _ => EndForGood()),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, _ => EndForGood()),
        ];
        _stopSignal = OnStopSignal();
    }

    /// <summary>Shows a picture until it is cancelled, or over.</summary>
    /// <param name="look">Looks at what is shown; false at the end.</param>
    /// <param name="render">The picture of the last look for a terminal of a size, in columns and rows.</param>
    /// <param name="interval">Between two looks.</param>
    /// <param name="cancellationToken">Ctrl-C.</param>
    public static async Task Run(
        Func<bool> look, Func<Size, IRenderable> render, TimeSpan interval, CancellationToken cancellationToken)
    {
        using LiveScreen screen = s_shown = new LiveScreen(render);
        while (!cancellationToken.IsCancellationRequested && look())
        {
            // A new size of the terminal is no reason to look again.
            do
                screen.Draw();
            while (await screen.IsWantedAgain(interval, cancellationToken).ConfigureAwait(false));
        }
    }

    /// <summary>Puts the terminal back, if a picture is still shown: its thread may be stuck.</summary>
    public static void Restore() => s_shown?.Dispose();

    public void Dispose()
    {
        lock (_gate)
        {
            if (_isOver)
                return;
            _isOver = true;
            Hide();
            foreach (string line in _lines)
                Console.Out.WriteLine(line);
            Console.Out.Flush();
            _stopSignal.Dispose();
        }

        foreach (PosixSignalRegistration signal in _signals)
            signal.Dispose();
    }

    private async Task<bool> IsWantedAgain(TimeSpan interval, CancellationToken cancellationToken)
    {
        try
        {
            return await _redraw.WaitAsync(interval, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Draw()
    {
        Size size = Screen.Size;
        Screen.Output.Profile.Width = size.Width;
        IRenderable picture = _render(size);
        lock (_gate)
        {
            if (_isOver || _isSuspended)
                return;
            StringBuilder frame = new(Begin);
            if (!_isEntered)
                frame.Insert(0, Enter);
            if (!_isEntered || (size.Width, size.Height) != (_size.Width, _size.Height))
                frame.Append(Clear);
            _isEntered = true;
            _size = size;
            _lines = [.. Screen.Output.ToAnsi(picture).TrimEnd('\n').Split('\n').Take(size.Height)];

            // Erased before it is written: after a character in the last column, the cursor stands on that character.
            frame.AppendJoin("\r\n", _lines.Select(line => EraseLine + line)).Append(End);
            Console.Out.Write(frame.ToString());
            Console.Out.Flush();
        }
    }

    // Ctrl-Z: the shell gets its screen back, and this one is there again after fg.
    private PosixSignalRegistration OnStopSignal() => PosixSignalRegistration.Create(PosixSignal.SIGTSTP, _ => Suspend());

    // .NET stops no process that has a handler for it. So the kernel is asked, without one: where no shell could continue the process, it
    // does not stop it either.
    private void Suspend()
    {
        lock (_gate)
        {
            if (_isOver)
                return;
            _isSuspended = true;
            Hide();
            _stopSignal.Dispose();
        }

        _ = kill(Environment.ProcessId, StopSignal);
        lock (_gate)
        {
            if (_isOver)
                return;
            _stopSignal = OnStopSignal();
        }

        Resume();
    }

    private void Resume()
    {
        lock (_gate)
            _isSuspended = false;
        _redraw.Release();
    }

    private void EndForGood()
    {
        try
        {
            Dispose();
        }
        catch (IOException)
        {
            // There is no terminal any more.
        }
    }

    private void Hide()
    {
        if (!_isEntered)
            return;
        _isEntered = false;
        Console.Out.Write(Leave);
        Console.Out.Flush();
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}
