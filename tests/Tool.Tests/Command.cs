using System.Diagnostics;
using System.Text.Json;
using TypedShm.TestKit;

namespace TypedShm.Tool.Tests;

/// <summary>What a run of the tool has come to.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it wrote.</param>
/// <param name="Errors">What it wrote as errors.</param>
internal sealed record Outcome(int ExitCode, string Output, string Errors)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The lines as JSON, each an object.</summary>
    public JsonElement[] Objects => [.. Lines.Select(line => JsonDocument.Parse(line).RootElement)];
}

/// <summary>Runs the built tool, and what it looks at.</summary>
internal static class Command
{
    private const string Tests = "tests/Tool.Tests";

    /// <summary>Where the sources are.</summary>
    public static string Root { get; } = AppContext.BaseDirectory[..AppContext.BaseDirectory.IndexOf(Tests, StringComparison.Ordinal)];

    public static string Assembly { get; } = BinOf("src/Tool", "TypedShm.Tool.dll");

    public static string PeerAssembly { get; } = BinOf("tests/ChannelPeer", "TypedShm.ChannelPeer.dll");

    /// <summary>A process that offers a channel of a kind, see Offers of ChannelPeer.</summary>
    public static Peer Offer(string name, string kind)
    {
        Peer peer = Peer.Start(PeerAssembly, ["offer", name, kind]);
        peer.Expect("ready");
        return peer;
    }

    public static Process Start(params string[] arguments)
    {
        // Whoever runs the tests in the background of a shell has SIGINT ignored, and a process inherits that.
        ProcessStartInfo start = new("env", ["--default-signal=INT", Peer.DotNet, Assembly, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        return Process.Start(start)!;
    }

    public static async Task<Outcome> Run(params string[] arguments)
    {
        using Process process = Start(arguments);
        return await End(process).ConfigureAwait(false);
    }

    public static async Task<Outcome> End(Process process)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await Until.Soon(process.WaitForExitAsync()).ConfigureAwait(false);
        return new Outcome(process.ExitCode, await output.ConfigureAwait(false), await errors.ConfigureAwait(false));
    }

    /// <summary>Makes a command of the tool, <c>typedshm</c>, for those who have the directory in their PATH.</summary>
    public static void Install(string directory)
    {
        string command = Path.Combine(directory, "typedshm");
        File.WriteAllText(command, $"#!/bin/sh\nexec env --default-signal=INT '{Peer.DotNet}' '{Assembly}' \"$@\"\n");
        File.SetUnixFileMode(command, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Sends SIGINT, as Ctrl-C does.</summary>
    public static void Interrupt(Process process)
    {
        using Process kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
        kill.WaitForExit();
    }

    private static string BinOf(string project, string assembly) =>
        Path.Combine(AppContext.BaseDirectory.Replace(Tests, project, StringComparison.Ordinal), assembly);
}
