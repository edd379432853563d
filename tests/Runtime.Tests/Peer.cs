using System.Diagnostics;
using System.Text;
using Tmds.Linux;

namespace TypedShm.Tests;

/// <summary>Another process, see the project TestPeer: takes commands, and can be killed and stopped.</summary>
internal sealed class Peer : IDisposable
{
    /// <summary>How long anything may take before a test gives up on it; no test depends on how long it does take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private const int SigStop = 19;
    private const int SigContinue = 18;

    private readonly Process _process;
    private readonly StringBuilder _errors = new();

    private Peer(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
                _errors.AppendLine(line.Data);
        };
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    /// <summary>What it wrote to its standard error.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
                return _errors.ToString();
        }
    }

    public static Peer Start(string[] arguments, (string Name, string? Value)[] environment)
    {
        ProcessStartInfo start = new(DotNet, [Path.Combine(AppContext.BaseDirectory, "TestPeer.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        foreach ((string name, string? value) in environment)
        {
            if (value is null)
                start.Environment.Remove(name);
            else
                start.Environment[name] = value;
        }

        return new Peer(Process.Start(start)!);
    }

    /// <summary>Sends a command and returns its result; fails if the peer answers with an exception.</summary>
    public string Ask(string command) => Begin(command).GetAwaiter().GetResult();

    /// <summary>Sends a command that has to fail.</summary>
    /// <returns>The type of the exception and its message.</returns>
    public string AskInVain(string command)
    {
        Send(command);
        string answer = Answer(command).GetAwaiter().GetResult();
        return answer.StartsWith("! ", StringComparison.Ordinal) ? answer[2..] : throw new InvalidOperationException($"The command '{command}' did not fail but answered '{answer}'.");
    }

    /// <summary>Sends a command; the result comes later.</summary>
    public Task<string> Begin(string command)
    {
        Send(command);
        return Result();

        async Task<string> Result()
        {
            string answer = await Answer(command);
            return answer.StartsWith("= ", StringComparison.Ordinal) ? answer[2..] : throw new InvalidOperationException($"The peer answered '{command}' with {answer}");
        }
    }

    /// <summary>Kills it (SIGKILL) and returns when the kernel has cleaned up after it.</summary>
    public void Kill()
    {
        _process.Kill();
        Assert.True(_process.WaitForExit(Patience));
    }

    /// <summary>Stops it (SIGSTOP): it stays alive, but does nothing.</summary>
    public async Task Stop()
    {
        Assert.Equal(0, LibC.kill(Id, SigStop));

        // The signal is sent when kill returns; that all threads have stopped can be read.
        Deadline deadline = Deadline.After(Patience);
        while (!File.ReadAllText($"/proc/{Id}/stat").Contains(") T ", StringComparison.Ordinal))
        {
            Assert.False(deadline.IsOver);
            await Task.Delay(1);
        }
    }

    /// <summary>Lets it go on (SIGCONT).</summary>
    public void Continue() => Assert.Equal(0, LibC.kill(Id, SigContinue));

    /// <summary>Waits for its end.</summary>
    /// <returns>The exit code.</returns>
    public int Exit()
    {
        _process.StandardInput.Close();
        Assert.True(_process.WaitForExit(Patience));
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();

        // Process leaves open what it handed out.
        _process.StandardInput.Dispose();
        _process.StandardOutput.Dispose();
        _process.Dispose();
    }

    private static string DotNet => Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "dotnet";

    private void Send(string command)
    {
        _process.StandardInput.WriteLine(command);
        _process.StandardInput.Flush();
    }

    private async Task<string> Answer(string command)
    {
        string? answer = await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience).ConfigureAwait(false);
        return answer?.Replace("\\n", "\n", StringComparison.Ordinal)
            ?? throw new InvalidOperationException($"The peer ended instead of answering '{command}'. It wrote: {Errors}");
    }
}
