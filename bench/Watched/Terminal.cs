using System.Diagnostics;

namespace TypedShm.WatchedChannels;

/// <summary><c>typedshm watch</c> in a terminal of its own, which <c>script</c> makes: it redraws as it does for a person.</summary>
internal sealed class Terminal : IDisposable
{
    // Enough that it is compiled and draws at its pace.
    private const int FramesBefore = 10;

    private readonly Process _process;
    private readonly Task _reading;
    private long _bytes;

    private Terminal(Process process)
    {
        _process = process;
        _reading = Task.Run(Read);
    }

    /// <summary>Starts it, and waits until it has drawn some frames.</summary>
    public static Terminal Watch(string name)
    {
        string tool = Path.Combine(
            AppContext.BaseDirectory.Replace("bench/Watched", "src/Tool", StringComparison.Ordinal), "TypedShm.Tool.dll");
        ProcessStartInfo start = new("script", ["-qefc", $"exec '{Environment.ProcessPath}' '{tool}' watch {name}", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["TERM"] = "xterm-256color";
        Terminal terminal = new(Process.Start(start)!);
        for (int frame = 0; frame < FramesBefore; frame++)
        {
            long before = Interlocked.Read(ref terminal._bytes);
            SpinWait.SpinUntil(() => Interlocked.Read(ref terminal._bytes) > before || terminal._process.HasExited);
            Thread.Sleep(200);
        }

        return terminal._process.HasExited
            ? throw new InvalidOperationException($"The watch ended with exit code {terminal._process.ExitCode}.")
            : terminal;
    }

    /// <summary>How much it has drawn so far.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public void Dispose()
    {
        // Ctrl-C, as a person ends it.
        _process.StandardInput.Write('\u0003');
        _process.StandardInput.Flush();
        _process.WaitForExit();
        _reading.Wait();
        _process.Dispose();
    }

    private void Read()
    {
        byte[] buffer = new byte[1 << 16];
        Stream output = _process.StandardOutput.BaseStream;
        while (output.Read(buffer) is > 0 and int length)
            Interlocked.Add(ref _bytes, length);
    }
}
