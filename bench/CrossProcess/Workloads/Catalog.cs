using System.Globalization;

namespace TypedShm.CrossProcess.Workloads;

/// <summary>The workloads by name, which is how the other process is told.</summary>
internal static class Catalog
{
    private const int Far = 1;
    private const int Same = 0;

    private static readonly Dictionary<string, Func<string, Workload>> s_all = new()
    {
        ["queue.rtt.spin"] = name => new RoundTrip(name, WaitMode.Spin, Count(300_000), Far),
        ["queue.rtt.park"] = name => new RoundTrip(name, WaitMode.Park, Count(12_000), Same),
        ["queue.rtt.async"] = name => new AsyncRoundTrip(name, WaitMode.SpinThenPark, Count(100_000)),
        ["queue.rtt.async.nospin"] = name => new AsyncRoundTrip(name, WaitMode.Park, Count(8_000)),
        ["queue.throughput.24"] = name => new Throughput<Message24>(name, 1, 1, Count(6_000_000)),
        ["queue.throughput.56"] = name => new Throughput<Message56>(name, 1, 1, Count(6_000_000)),
        ["queue.throughput.120"] = name => new Throughput<Message120>(name, 1, 1, Count(6_000_000)),
        ["queue.throughput.batch32.56"] = name => new Throughput<Message56>(name, 1, 32, Count(6_000_000)),
        ["queue.fanin.4"] = name => new Throughput<Message56>(name, 4, 1, Count(6_000_000)),
        ["broadcast.throughput.56"] = name => new Broadcast(name, lossless: false, ofReader: false, Count(6_000_000)),
        ["broadcast.read.56"] = name => new Broadcast(name, lossless: false, ofReader: true, Count(6_000_000)),
        ["broadcast.lossless.56"] = name => new Broadcast(name, lossless: true, ofReader: false, Count(6_000_000)),
        ["state.read.64"] = name => new StateReads<Value64>(name, Count(2_000_000)),
        ["state.read.256"] = name => new StateReads<Value256>(name, Count(2_000_000)),
        ["table.read.56"] = name => new TableReads(name, 1_024, Count(2_000_000)),
        ["call.rtt.spin"] = name => new Calls(name, Count(300_000)),
        ["payload.rtt.1MiB"] = name => new Payloads(name, false, Count(200_000)),
        ["payload.fill.1MiB"] = name => new Payloads(name, true, Count(1_200)),
        ["connect"] = name => new Connecting(name, Count(200)),
        ["unix"] = name => new StreamRoundTrip(name, Carrier.Unix, Count(4_000)),
        ["seqpacket"] = name => new StreamRoundTrip(name, Carrier.SeqPacket, Count(4_000)),
        ["tcp"] = name => new StreamRoundTrip(name, Carrier.Tcp, Count(4_000)),
        ["pipe"] = name => new StreamRoundTrip(name, Carrier.Pipe, Count(4_000)),
        ["unix.async"] = name => new AsyncSocketRoundTrip(name, Count(8_000)),
        ["grpc"] = name => new GrpcCalls(name, Count(2_000)),
    };

    /// <summary>How long the payloads are whose cost is measured.</summary>
    public static IReadOnlyList<int> Lengths { get; } = [8, 64, 512, 4096, 32_768, 262_144, 4_194_304];

    /// <summary>Through how many lanes messages go whose cost is measured.</summary>
    public static IReadOnlyList<int> Lanes { get; } = [1, 2, 4, 8, 16, 32, 64];

    /// <summary>How many elements the tables have a read of which is measured.</summary>
    public static IReadOnlyList<int> Elements { get; } = [10, 1_000, 100_000, 1_000_000];

    /// <summary>How many readers the broadcasts have a write of which is measured.</summary>
    public static IReadOnlyList<int> Readers { get; } = [1, 2, 4, 8, 16];

    /// <summary>How many readers the states have a write of which is measured: connected, with nothing to do.</summary>
    public static IReadOnlyList<int> Peers { get; } = [1, 10, 100, 1_000];

    /// <summary>Both processes do so much less in a round.</summary>
    public static int Divisor { get; set; } = 1;

    public static Workload Create(string workload, string name) => (workload.Split('.'), Divisor) switch
    {
        (["size", string length], int divisor) => new Sizes(name, Number(length), divisor),
        (["lanes", string lanes], _) => new Throughput<Message56>(name, Number(lanes), 1, Count(6_000_000)),
        (["elements", string elements], _) => new TableReads(name, Number(elements), Count(2_000_000)),
        (["readers", string readers], _) => new ManyReaders(name, Number(readers), Count(2_000_000)),
        (["peers", string peers], _) => new Audience(name, Number(peers), Count(500_000)),
        _ => s_all[workload](name),
    };

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    // Whole chunks, and a tenth of it as well, which is the part of a round trip's round that is not measured.
    private static int Count(int count) => count >= 100_000 ? count / Divisor / 10_000 * 10_000 : count / Divisor / 10 * 10;
}
