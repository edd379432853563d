using System.Diagnostics;
using System.Text;

namespace TypedShm.TestKit;

/// <summary>The other process of a test. Killed when it is disposed.</summary>
/// <remarks>
/// Two ways to talk: lines, for a program that says what it does (<see cref="Read"/>, <see cref="Expect"/>, <see cref="Tell"/>); commands,
/// for one that answers each with one line, "=" and the result or
/// "!" and the exception (<see cref="Ask"/>, <see cref="AskInVain"/>, <see cref="Begin"/>).
/// </remarks>
public sealed class Peer : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _errors = new();
    private readonly TaskCompletionSource _errorsEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isDisposed;

    private Peer(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
                _errorsEnded.TrySetResult();
            lock (_errors)
                _errors.AppendLine(line.Data);
        };
        process.BeginErrorReadLine();
    }

    /// <inheritdoc cref="Until.Patience"/>
    public static TimeSpan Patience => Until.Patience;

    /// <summary>The command that runs assemblies, which is what this process itself runs by, if it does.</summary>
    public static string DotNet => Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "dotnet";

    /// <summary>The number of the process.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has ended, by itself or not.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>What it has written to its standard error; all of it, once it has ended.</summary>
    public string Errors
    {
        get
        {
            // Its end and the last of what it wrote come over different ways. What it has started may have its standard error still.
            if (!_isDisposed && HasEnded)
                Task.WaitAny([_errorsEnded.Task], Until.Patience);
            lock (_errors)
                return _errors.ToString();
        }
    }

    /// <summary>Starts a program.</summary>
    /// <param name="program">The path of its assembly.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">What is different in its environment; null for what is not in it.</param>
    public static Peer Start(string program, string[] arguments, params ReadOnlySpan<(string Name, string? Value)> environment) =>
        Start([DotNet, program, .. arguments], environment);

    /// <summary>Runs a command, one that itself runs the program for instance.</summary>
    public static Peer Start(string[] command, params ReadOnlySpan<(string Name, string? Value)> environment)
    {
        ProcessStartInfo start = new(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string? value) in environment)
            start.Environment[name] = value;
        return new Peer(Process.Start(start)!);
    }

    /// <summary>What it says next; null if it has ended.</summary>
    public string? Read() => ReadAsync().GetAwaiter().GetResult();

    /// <inheritdoc cref="Read"/>
    public Task<string?> ReadAsync() => _process.StandardOutput.ReadLineAsync().WaitAsync(Until.Patience);

    /// <summary>Waits until it says something, which has to be this.</summary>
    public void Expect(string line)
    {
        string? said = Read();
        if (said != line)
            throw new InvalidOperationException($"The peer said '{said}' instead of '{line}'. It wrote: {Errors}");
    }

    /// <summary>Says something to it.</summary>
    public void Tell(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>Sends a command and returns its result; fails if the peer answers with an exception.</summary>
    public string Ask(string command) => Begin(command).GetAwaiter().GetResult();

    /// <summary>Sends a command that has to fail.</summary>
    /// <returns>The type of the exception and its message.</returns>
    public string AskInVain(string command)
    {
        Tell(command);
        string answer = Answer(command).GetAwaiter().GetResult();
        return answer.StartsWith("! ", StringComparison.Ordinal)
            ? answer[2..]
            : throw new InvalidOperationException($"The command '{command}' did not fail but answered '{answer}'.");
    }

    /// <summary>Sends a command; the result comes later.</summary>
    public Task<string> Begin(string command)
    {
        Tell(command);
        return Result();

        async Task<string> Result()
        {
            string answer = await Answer(command).ConfigureAwait(false);
            return answer.StartsWith("= ", StringComparison.Ordinal)
                ? answer[2..]
                : throw new InvalidOperationException($"The peer answered '{command}' with {answer}");
        }
    }

    /// <summary>Kills it (SIGKILL) and returns when the kernel has cleaned up after it.</summary>
    public void Kill()
    {
        _process.Kill();
        WaitUntilGone();
    }

    /// <summary>Stops it (SIGSTOP): it stays alive, but does nothing.</summary>
    public async Task Stop()
    {
        Signal(SystemCalls.SigStop);

        // The signal is sent when kill returns; that all threads have stopped can be read.
        await Until.Holds(
            () => Directory.EnumerateDirectories($"/proc/{Id}/task")
                .All(thread => File.ReadAllText($"{thread}/stat").Contains(") T ", StringComparison.Ordinal)),
            $"all threads of process {Id} have stopped").ConfigureAwait(false);
    }

    /// <summary>Lets it go on (SIGCONT).</summary>
    public void Continue() => Signal(SystemCalls.SigContinue);

    /// <summary>Closes its input and waits for its end.</summary>
    /// <returns>The exit code; 128 and the number of the signal if one ended it.</returns>
    public int Exit()
    {
        _process.StandardInput.Close();
        WaitUntilGone();
        return _process.ExitCode;
    }

    /// <summary>Waits until it ends by itself, without an error.</summary>
    public void WaitForExit()
    {
        WaitUntilGone();
        if (_process.ExitCode != 0)
            throw new InvalidOperationException($"The peer ended with exit code {_process.ExitCode}. It wrote: {Errors}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        if (!_process.HasExited)
            Kill();

        // Process leaves open what it handed out.
        _process.StandardInput.Dispose();
        _process.StandardOutput.Dispose();
        _process.Dispose();
    }

    private void WaitUntilGone()
    {
        if (!_process.WaitForExit(Until.Patience))
            throw new TimeoutException($"Process {Id} did not end within {Until.Patience.TotalSeconds} s. It wrote: {Errors}");
    }

    private void Signal(int signal)
    {
        if (SystemCalls.kill(Id, signal) != 0)
            throw new InvalidOperationException($"Process {Id} could not be sent signal {signal}.");
    }

    private async Task<string> Answer(string command)
    {
        string? answer = await ReadAsync().ConfigureAwait(false);
        return answer?.Replace("\\n", "\n", StringComparison.Ordinal)
            ?? throw new InvalidOperationException($"The peer ended instead of answering '{command}'. It wrote: {Errors}");
    }
}
