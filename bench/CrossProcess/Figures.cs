using TypedShm.CrossProcess.Measuring;
using TypedShm.CrossProcess.Workloads;

namespace TypedShm.CrossProcess;

/// <summary>All figures, each with what it is compared with and its bar.</summary>
internal static class Figures
{
    private const string Nanoseconds = "ns";
    private const string Count = "instructions";

    /// <summary>What the names of figures of several sizes begin with.</summary>
    public const string SizePrefix = "size.";

    /// <summary>What the names of figures of several lanes begin with.</summary>
    public const string LanePrefix = "lanes.";

    /// <summary>What the names of figures of tables of several sizes begin with.</summary>
    public const string ElementPrefix = "elements.";

    /// <summary>What the names of figures of several readers of a broadcast begin with.</summary>
    public const string ReaderPrefix = "readers.";

    /// <summary>What the names of figures of many connected readers begin with.</summary>
    public const string PeerPrefix = "peers.";

    private static readonly Func<Source> s_slotRoundTrip = () => YardstickSource.Nanoseconds("slotrtt 56", "rtt_slotring_56");

    public static IReadOnlyList<Figure> All { get; } =
    [
        Counted("queue.write.instructions", "user instructions of a write, 56 B; spscseq", false),
        Counted("queue.read.instructions", "user instructions of a TryRead, 56 B; spscseq", true),
        OfViews("view.access", "a field through a view; through a pointer in a class", 1.05, views => views.View, views => views.Pointer),
        OfViews("view.accessor", "the same; MemoryMappedViewAccessor", 0.05, views => views.View, views => views.Accessor),
        OfViews("view.copy", "56 B by value; MemoryMappedViewAccessor", null, views => views.ViewOfAll, views => views.AccessorOfAll)
            with { IsQuick = false },
        Of("queue.rtt.spin", "56 B there and back, spinning; slotrtt 56", 1.05, s_slotRoundTrip),
        Of("queue.rtt.park", "the same on one core, parking; futexpp 0 0", 1.15,
            () => YardstickSource.Nanoseconds("futexpp 0 0", "rtt_futex_samecore"))
            with { Needs = Needs.OnePlacement },
        Of("queue.rtt.async", "await on both sides; .NET's Unix socket with await", 0.5,
            () => new Duet("unix.async")) with { Needs = Needs.OnePlacement },
        Of("queue.rtt.async.nospin", "the same, always suspended; .NET's Unix socket", 1.25,
            () => new Duet("unix.async")) with { Needs = Needs.OnePlacement },
        Of("queue.throughput.24", "24 B, one after another, in place; spscseq 24", 1.05, Sequenced(24)),
        Of("queue.throughput.56", "56 B; spscseq 56", 1.05, Sequenced(56)),
        Of("queue.throughput.120", "120 B; spscseq 120", 1.05, Sequenced(120)),
        .. new[] { 24, 56, 120 }.Select(WithStores),
        Of("queue.throughput.batch32.56", "56 B in batches of 32; spscbatch", 1.10,
            () => PerSecond("spscbatch 56 1024 32", "spscbatch_56B_cap1024_b32")),
        Of("queue.fanin.4", "four lanes to one reader, per message; one lane", 1.25, () => new Duet("queue.throughput.56")),
        new("queue.fanin.4.limit", "the same; lanes 4", null, Nanoseconds,
            () => new Duet("queue.fanin.4"), () => PerSecond("lanes 4", "lanes_4_56B")) { IsQuick = false },
        Of("broadcast.throughput.56", "a lossy write, one reader; broadcast 1 1024", 1.10,
            () => PerSecond("broadcast 1 1024", "bcast_r1_cap1024_writes")),
        Of("broadcast.read.56", "a lossy read; the same", null,
            () => PerSecond("broadcast 1 1024", "bcast_r1_cap1024_reads")) with { IsQuick = false },
        Of("broadcast.lossless.56", "a lossless write, one reader; spscseq 56", null, Sequenced(56)) with { IsQuick = false },
        Of("state.read.64", "a snapshot while the writer never rests; seqlock 64 0 4", 1.10, Snapshots(64, 4)),
        new("state.read.64.limit", "the same; seqlock 64 0 16, as many cells", null, Nanoseconds,
            () => new Duet("state.read.64"), Snapshots(64, 16)) { IsQuick = false },
        Of("state.read.256", "the same of 256 B; seqlock 256 0 4", 1.10, Snapshots(256, 4)),
        new("state.read.256.limit", "the same; seqlock 256 0 16, as many cells", null, Nanoseconds,
            () => new Duet("state.read.256"), Snapshots(256, 16)) { IsQuick = false },
        Of("table.read.56", "an element of 1,024, the writer never rests; table 1024 1, which locks", null, Elements(1024))
            with { IsQuick = false },
        Of("call.rtt.spin", "request and response, 56 B; slotrtt 56", 1.15, s_slotRoundTrip),
        new("call.rtt.limit", "the same; callrtt", null, Nanoseconds,
            () => new Duet("call.rtt.spin"), () => YardstickSource.Nanoseconds("callrtt", "rtt_call_56"))
        {
            IsQuick = false,
        },
        new("call.rtt.grpc", "the same; gRPC over a Unix socket", 0.02, Nanoseconds,
            () => new Duet("call.rtt.spin"), () => new Duet("grpc")) { Needs = Needs.OnePlacement },
        Of("payload.rtt.1MiB", "a claimed 1 MiB there and back, untouched; 56 B", 1.25, () => new Duet("queue.rtt.spin")),
        Of("payload.fill.1MiB", "filled by one side, read by the other; bulk", 1.10,
            () => YardstickSource.Microseconds("bulk", "xfer_1MiB_loan_fill_rot8")),
        Of("connect", "create to first value read; setup 65536", 3,
            () => YardstickSource.Microseconds("setup 65536", "setup_64K")) with { Needs = Needs.OnePlacement },
        new("connect.limit", "the same; connect, the calls of the kernel alone", null, Nanoseconds,
            () => new Duet("connect"), () => YardstickSource.Microseconds("connect", "connect"))
        {
            IsQuick = false,
            Needs = Needs.OnePlacement,
        },
        Rival("unix", "Unix stream socket"),
        Rival("seqpacket", "Unix seqpacket socket"),
        Rival("tcp", "TCP over loopback"),
        Rival("pipe", "two pipes"),
        Rival("unix.async", "Unix stream socket with await"),
        Rival("grpc", "gRPC over a Unix socket"),
        .. Catalog.Lengths.Select(length => Growth(SizePrefix, length, $"a payload of {length} B, filled and read; sizes",
            () => YardstickSource.Nanoseconds($"sizes {length}", $"sizes_{length}"))),
        .. Catalog.Lanes.Select(lanes => Growth(LanePrefix, lanes, $"{lanes} lanes to one reader, 56 B; lanes",
            () => PerSecond($"lanes {lanes}", $"lanes_{lanes}_56B"))),
        .. Catalog.Elements.Select(elements => Growth(ElementPrefix, elements, $"as table.read.56, of {elements} elements; table",
            Elements(elements))),
        .. Catalog.Readers.Select(readers => Growth(ReaderPrefix, readers, $"a lossy write, {readers} readers; one",
            () => new Duet($"{ReaderPrefix}1"))),
        .. Catalog.Peers.Select(peers => Growth(PeerPrefix, peers, $"a state's write, {peers} connected readers; one",
            () => new Duet($"{PeerPrefix}1"))),
    ];

    // What a claim stores besides: that it is open, that it is over, and how many messages there are.
    private static Figure WithStores(int size) =>
        new($"queue.throughput.{size}.limit", $"the same; spscstores {size}, 3 stores a message", null, Nanoseconds,
            () => new Duet($"queue.throughput.{size}"), () => PerSecond($"spscstores {size} 1024 3", $"spscstores_{size}B_cap1024_s3"))
        {
            IsQuick = false,
        };

    private static Figure Growth(string prefix, int amount, string what, Func<Source> limit) =>
        new($"{prefix}{amount}", what, null, Nanoseconds, () => new Duet($"{prefix}{amount}"), limit) { IsQuick = false };

    private static Figure Of(string name, string what, double? bar, Func<Source> limit) =>
        new(name, what, bar, Nanoseconds, () => new Duet(name), limit);

    private static Figure OfViews(string name, string what, double? bar, Func<Views, Func<double>> ours, Func<Views, Func<double>> limit) =>
        new(name, what, bar, Nanoseconds, Local(ours), Local(limit)) { Needs = Needs.FreeCores };

    private static Figure Rival(string workload, string what) =>
        new($"rival.{workload}", $"{what}, there and back; slotrtt 56", null, Nanoseconds, () => new Duet(workload), s_slotRoundTrip)
        {
            IsQuick = false,
            Needs = Needs.OnePlacement,
        };

    private static Figure Counted(string name, string what, bool ofReader) => new(
        name,
        what,
        1.3,
        Count,
        () => new Instructions(ofReader),
        () => new YardstickSource("steps", ofReader ? "spscseq_56_read" : "spscseq_56_write", value => value))
    { Needs = Needs.None };

    private static Func<Source> Local(Func<Views, Func<double>> sample) => () =>
    {
        Views views = new();
        return new LocalSource(sample(views), views);
    };

    private static Func<Source> Sequenced(int size) => () => PerSecond($"spscseq {size} 1024", $"spscseq_{size}B_cap1024");

    private static Func<Source> Snapshots(int size, int cells) =>
        () => PerSecond($"seqlock {size} 0 {cells}", $"seqlock_{size}_slots{cells}_snapshots");

    // Our writer may be used by several threads.
    private static Func<Source> Elements(int count) => () => PerSecond($"table {count} 1", $"table_{count}_locked_snapshots");

    private static YardstickSource PerSecond(string command, string line) => YardstickSource.PerSecond(command, line);
}
