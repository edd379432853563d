using System.Diagnostics;
using System.Runtime.InteropServices;
using Xunit;

namespace TypedShm.Channels.Tests.Broadcast;

/// <summary>The other process of a test, see the project BroadcastPeer. Killed when it is disposed.</summary>
internal sealed partial class BroadcastPeer : IDisposable
{
    private const int SigStop = 19;
    private const int SigContinue = 18;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    private readonly Process _process;

    private BroadcastPeer(Process process) => _process = process;

    public static BroadcastPeer Start(params string[] arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory.Replace("Channels.Tests", "BroadcastPeer", StringComparison.Ordinal), "TypedShm.BroadcastPeer.dll");
        ProcessStartInfo start = new(Path.GetFileName(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet", [program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return new BroadcastPeer(Process.Start(start)!);
    }

    /// <summary>Waits until it says something.</summary>
    public async Task Expect(string line) => Assert.Equal(line, await _process.StandardOutput.ReadLineAsync().WaitAsync(s_patience));

    public void Tell(string line) => _process.StandardInput.WriteLine(line);

    /// <summary>Kills it (SIGKILL) and returns when the kernel has cleaned up after it.</summary>
    public void Kill()
    {
        _process.Kill();
        Assert.True(_process.WaitForExit(s_patience));
    }

    /// <summary>Stops it (SIGSTOP): it stays alive, but does nothing.</summary>
    public async Task Stop()
    {
        Assert.Equal(0, kill(_process.Id, SigStop));

        // That all threads have stopped can be read.
        while (!File.ReadAllText($"/proc/{_process.Id}/stat").Contains(") T ", StringComparison.Ordinal))
            await Task.Delay(1);
    }

    public void Continue() => Assert.Equal(0, kill(_process.Id, SigContinue));

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.StandardInput.Dispose();
        _process.StandardOutput.Dispose();
        _process.Dispose();
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}
