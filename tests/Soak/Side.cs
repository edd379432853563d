using System.Diagnostics;
using System.Globalization;
using TypedShm.TestKit;

namespace TypedShm.Soak;

/// <summary>One of the two processes of a run.</summary>
internal sealed class Side : IDisposable
{
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    private Side(Process process)
    {
        Process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        _errors = process.StandardError.ReadToEndAsync();
    }

    public Process Process { get; }

    public static Side Start(string side, Plan plan, bool filtered)
    {
        string[] arguments =
        [
            typeof(Side).Assembly.Location, .. filtered ? ["filtered"] : Array.Empty<string>(),
            side, $"{plan.Channel}", $"{plan.Waits}", $"{plan.Fences}", plan.Messages.ToString(CultureInfo.InvariantCulture),
                $"{plan.Fault}", plan.Name,
        ];
        return new Side(Process.Start(new ProcessStartInfo(Peer.DotNet, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        })!);
    }

    /// <summary>What a process was told by <see cref="Start"/>.</summary>
    public static Plan Plan(string[] arguments) => new(
        Enum.Parse<Channel>(arguments[1]), Enum.Parse<Waits>(arguments[2]), Enum.Parse<Fences>(arguments[3]),
            long.Parse(arguments[4], CultureInfo.InvariantCulture), Enum.Parse<Fault>(arguments[5]), arguments[6]);

    /// <summary>Ends this process when the driver does, whose end of the pipe is closed then: a side may spin for ever.</summary>
    public static void EndWithDriver() => new Thread(() =>
    {
        Console.OpenStandardInput().ReadByte();
        Environment.Exit(1);
    })
    { IsBackground = true }.Start();

    /// <summary>What it has seen, once it has ended.</summary>
    public async Task<Tally> Report(CancellationToken cancellationToken)
    {
        await Process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        return Process.ExitCode == 0
            ? Tally.FromJson(await _output.ConfigureAwait(false))
            : new Tally { Complaint = $"exit code {Process.ExitCode}: {await _errors.ConfigureAwait(false)}" };
    }

    public void Dispose()
    {
        if (!Process.HasExited)
            Process.Kill();
        Process.Dispose();
    }
}
