using System.Diagnostics;

namespace TypedShm.Growth.Tests;

/// <summary>Another process, compiled before or after the structs have grown; see tests/GrowthPeer.</summary>
internal sealed class Peer : IDisposable
{
    private readonly Process _process;

    /// <param name="version"><c>Old</c> or <c>New</c>.</param>
    /// <param name="type">The struct that it shares.</param>
    public Peer(string version, string type) =>
        _process = Process.Start(new ProcessStartInfo(AssemblySetup.DotNet, [Path.Combine(AppContext.BaseDirectory, $"GrowthPeer.{version}.dll"), type])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;

    /// <summary>Sends a command and returns its result; fails if the peer answers with an exception.</summary>
    public string Ask(string command)
    {
        string answer = Answer(command);
        return answer.StartsWith("= ", StringComparison.Ordinal) ? answer[2..] : throw new InvalidOperationException($"The peer answered '{command}' with {answer}");
    }

    /// <summary>Sends a command that has to fail.</summary>
    /// <returns>The type of the exception and its message.</returns>
    public string AskInVain(string command)
    {
        string answer = Answer(command);
        return answer.StartsWith("! ", StringComparison.Ordinal) ? answer[2..] : throw new InvalidOperationException($"The command '{command}' did not fail but answered '{answer}'.");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.StandardInput.Dispose();
        _process.StandardOutput.Dispose();
        _process.Dispose();
    }

    private string Answer(string command)
    {
        _process.StandardInput.WriteLine(command);
        _process.StandardInput.Flush();
        string? answer = _process.StandardOutput.ReadLineAsync().WaitAsync(AssemblySetup.Patience).GetAwaiter().GetResult();
        return answer?.Replace("\\n", "\n", StringComparison.Ordinal) ?? throw new InvalidOperationException($"The peer ended instead of answering '{command}'.");
    }
}
