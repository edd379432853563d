using System.Diagnostics;
using System.Globalization;
using TypedShm;
using TypedShm.Pairs;

const int EndedWithParent = 3;

// One figure of two processes, each on a core of its own (with "park" on the same one). For comparison with a C program
// that does the same on bare memory: run them in turn, and compare only figures from the same placement of the cores.
const string Usage = """
    Pairs rtt|call|queue|lossless|lossy|state|park [--fence full|barrier]  ->  NAME VALUE UNIT
    Pairs parked:READERS:SECONDS | parked-async:READERS:SECONDS    what sleeping readers cost, and what it costs to wake them
    """;

if (args is ["peer", string what, string peerName, string fence])
{
    // Ends with its parent, whose end of the pipe is closed then.
    new Thread(() =>
    {
        Console.OpenStandardInput().ReadByte();
        Environment.Exit(EndedWithParent);
    })
    { IsBackground = true }.Start();
    Benchmark.Of(what)!.Peer(new Setting(peerName, Enum.Parse<WaitFence>(fence)));
    return 0;
}

if (args is not ([var name, ..] and ([_] or [_, "--fence", "full" or "barrier"])) || Benchmark.Of(name) is not { } benchmark)
{
    Console.Error.WriteLine(Usage);
    return 2;
}

Setting setting = new($"pairs-{Environment.ProcessId}", args.Length > 1
    ? Enum.Parse<WaitFence>(args[2], ignoreCase: true)
    : WaitFence.Auto);
using Process peer = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["peer", name, setting.Name,
    $"{setting.Fence}"]) { RedirectStandardInput = true })!;
foreach ((string label, double value, string unit) in benchmark.Measure(setting))
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"typedshm_{label} {value:F2} {unit}"));

// A peer that has nothing more to do has ended by itself.
peer.StandardInput.Close();
peer.WaitForExit();
return peer.ExitCode is 0 or EndedWithParent ? 0 : peer.ExitCode;
