using System.Diagnostics;
using System.Globalization;
using TypedShm;
using TypedShm.ParkedReaders;

const int EndedWithParent = 3;

// What sleeping readers cost, and what it costs to wake them.
const string Usage = """
    Parked READERS SECONDS [--async] [--fence full|barrier]  ->  NAME VALUE UNIT
    READERS in another process sleep for so many seconds, each on a thread of its own or, with --async, in an await
    """;

if (args is ["peer", string peerName, string peerReaders, string peerSeconds, string peerThreads, string peerFence])
{
    // Ends with its parent, whose end of the pipe is closed then.
    new Thread(() =>
    {
        Console.OpenStandardInput().ReadByte();
        Environment.Exit(EndedWithParent);
    })
    { IsBackground = true }.Start();
    Parked.Parse(peerReaders, peerSeconds, bool.Parse(peerThreads), Enum.Parse<WaitFence>(peerFence)).Peer(peerName);
    return 0;
}

List<string> rest = [.. args];
bool threads = !rest.Remove("--async");
WaitFence fence = WaitFence.Auto;
if (rest is [.., "--fence", "full" or "barrier"])
{
    fence = Enum.Parse<WaitFence>(rest[^1], ignoreCase: true);
    rest.RemoveRange(rest.Count - 2, 2);
}

if (rest is not [string readers, string seconds] || !rest.TrueForAll(number => int.TryParse(number, out int value) && value > 0))
{
    Console.Error.WriteLine(Usage);
    return 2;
}

string name = $"parked-{Environment.ProcessId}";
ProcessStartInfo start = new(Environment.ProcessPath!, ["peer", name, readers, seconds, $"{threads}", $"{fence}"])
{
    RedirectStandardInput = true,
};
using Process peer = Process.Start(start)!;
foreach ((string label, double value, string unit) in Parked.Parse(readers, seconds, threads, fence).Measure(name))
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"typedshm_{label} {value:F2} {unit}"));

// A peer that has nothing more to do has ended by itself.
peer.StandardInput.Close();
peer.WaitForExit();
return peer.ExitCode is 0 or EndedWithParent ? 0 : peer.ExitCode;
