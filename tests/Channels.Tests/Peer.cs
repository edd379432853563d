using System.Diagnostics;
using System.Runtime.InteropServices;

namespace TypedShm.Channels.Tests;

/// <summary>The other process of a test. Killed when it is disposed.</summary>
internal sealed partial class Peer : IDisposable
{
    private const int SigStop = 19;
    private const int SigContinue = 18;

    private readonly Process _process;

    private Peer(Process process) => _process = process;

    public int Id => _process.Id;

    public static Peer Start(params string[] arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory.Replace("Channels.Tests", "ChannelPeer", StringComparison.Ordinal), "TypedShm.ChannelPeer.dll");
        ProcessStartInfo start = new(Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? Environment.ProcessPath : "dotnet", [program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return new Peer(Process.Start(start)!);
    }

    /// <summary>What it says next.</summary>
    public string? Read() => _process.StandardOutput.ReadLine();

    /// <summary>Waits until it says something.</summary>
    public void Expect(string line)
    {
        string? said = Read();
        if (said != line)
            throw new InvalidOperationException($"The peer said '{said}' instead of '{line}'.");
    }

    public void Tell(string line) => _process.StandardInput.WriteLine(line);

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void WaitForExit()
    {
        if (!_process.WaitForExit(60_000) || _process.ExitCode != 0)
            throw new InvalidOperationException("The peer did not end well.");
    }

    public void Stop()
    {
        _ = kill(_process.Id, SigStop);

        // The signal is sent when kill returns; that all threads have stopped can be read.
        while (!File.ReadAllText($"/proc/{_process.Id}/stat").Contains(") T ", StringComparison.Ordinal))
            Thread.Yield();
    }

    public void Continue() => _ = kill(_process.Id, SigContinue);

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}
