using System.Diagnostics;

namespace TypedShm.WatchedChannels;

/// <summary><c>typedshm watch</c> in a terminal of its own, which <c>script</c> makes: it redraws as it does for a person.</summary>
internal sealed class Terminal : IDisposable
{
    // Enough that it is compiled and draws at its pace.
    private const long FramesBefore = 10;

    private readonly ManualResetEventSlim _isUnderWay = new();
    private readonly Process _process;
    private readonly string _mark;
    private readonly Task _reading;
    private long _frames;

    private Terminal(Process process, string channel)
    {
        _process = process;
        _mark = $"{channel}: ";
        _reading = Task.Run(Read);
    }

    /// <summary>Starts it, and waits until it has drawn some frames.</summary>
    public static Terminal Watch(string name)
    {
        string tool = Path.Combine(
            AppContext.BaseDirectory.Replace("bench/Watched", "src/Tool", StringComparison.Ordinal), "TypedShm.Tool.dll");
        ProcessStartInfo start = new("script", ["-qefc", $"stty cols 80 rows 24; exec dotnet '{tool}' watch {name}", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["TERM"] = "xterm-256color";
        Terminal terminal = new(Process.Start(start)!, name);
        terminal._isUnderWay.Wait();
        return terminal.Frames >= FramesBefore
            ? terminal
            : throw new InvalidOperationException($"The watch ended after {terminal.Frames} frames.");
    }

    /// <summary>How many frames it has drawn so far.</summary>
    public long Frames => Interlocked.Read(ref _frames);

    public void Dispose()
    {
        // Ctrl-C, as a person ends it.
        _process.StandardInput.Write('\u0003');
        _process.StandardInput.Flush();
        _process.WaitForExit();
        _reading.Wait();
        _process.Dispose();
        _isUnderWay.Dispose();
    }

    // Each frame has one line that begins with the name of the channel.
    private void Read()
    {
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            if (line.Contains(_mark, StringComparison.Ordinal) && Interlocked.Increment(ref _frames) == FramesBefore)
                _isUnderWay.Set();
        }

        _isUnderWay.Set();
    }
}
