using System.Globalization;

namespace TypedShm.Tests.Memory;

/// <summary>What else can be asked of the memory of a channel, as the kernel shows it, and what is said where it is not granted.</summary>
public sealed class MemoryOptionsTests(ITestOutputHelper output) : SharingTest(output)
{
    // 1,024 slots, together some 4 MiB.
    private static readonly SharedQueueOptions s_large = new() { Capacity = 1024, PayloadCapacity = 4000 };

    [Fact]
    public void Pages_are_mapped_at_once_if_that_is_asked_for()
    {
        Assert.True(Mapped(new MemoryOptions(), out long size) < size / 2);
        Assert.Equal(size, Mapped(new MemoryOptions { Prefault = true }, out _));
        Assert.Equal(size, Mapped(new MemoryOptions { Lock = true }, out _));

        static long Mapped(MemoryOptions memory, out long size)
        {
            (SharedQueueWriter<Telemetry> writer, SharedQueueReader<Telemetry> reader) =
                SharedQueue.CreatePair<Telemetry>(s_large with { Memory = memory });
            using (writer)
            using (reader)
            {
                size = writer.Region.Size;
                return Kilobytes(writer.Region, "Rss") * 1024;
            }
        }
    }

    [Fact]
    public void The_lane_that_a_writer_brings_along_is_as_that_writer_asks()
    {
        string name = NewName();
        using SharedQueueReader<Telemetry> reader = SharedQueue.CreateReader<Telemetry>(name, s_large);
        using SharedQueueWriter<Telemetry> writer = SharedQueue.OpenWriter<Telemetry>(
            name, new OpenOptions { Memory = new MemoryOptions { Prefault = true } });

        Assert.Equal(writer.Region.Size, Kilobytes(writer.Region, "Rss") * 1024);
    }

    [Fact]
    public void Every_kind_of_channel_locks_its_pages_and_gives_them_back()
    {
        MemoryOptions memory = new() { Lock = true };
        Func<SharedEnd[]>[] kinds =
        [
            () => Both(SharedStruct.CreatePair<Telemetry>(new() { Memory = memory })),
            () => Both(SharedStruct.CreatePair<Telemetry>(new() { Memory = memory, AllowPeersToWrite = true })),
            () => Both(SharedState.CreatePair<Telemetry>(new() { Memory = memory })),
            () => Both(SharedTable.CreatePair<Telemetry>(100, new() { Memory = memory })),
            () => Both(SharedQueue.CreatePair<Telemetry>(new() { Capacity = 16, Memory = memory })),
            () => Both(SharedBroadcast.CreatePair<Telemetry>(new() { Capacity = 16, Memory = memory })),
            () => Both(SharedCall.CreatePair<Telemetry, Telemetry>(new() { Capacity = 16, Memory = memory })),
        ];
        foreach (Func<SharedEnd[]> create in kinds)
        {
            long without = LockedKilobytes();
            SharedEnd[] ends = create();
            Assert.True(LockedKilobytes() > without, $"{ends[0]} has locked nothing.");
            foreach (SharedEnd end in ends)
                end.Dispose();
            Assert.Equal(without, LockedKilobytes());
        }

        static SharedEnd[] Both<TFirst, TSecond>((TFirst First, TSecond Second) pair)
            where TFirst : SharedEnd
            where TSecond : SharedEnd => [pair.First, pair.Second];
    }

    [Fact]
    public void Huge_pages_are_advice_and_change_nothing_else()
    {
        (SharedQueueWriter<Telemetry> writer, SharedQueueReader<Telemetry> reader) =
            SharedQueue.CreatePair<Telemetry>(s_large with { Memory = new MemoryOptions { HugePages = true } });
        using (writer)
        using (reader)
        {
            writer.Write(Telemetry.Of(7));
            Assert.Equal(7, reader.Read().Tick);
            if (Directory.Exists("/sys/kernel/mm/transparent_hugepage"))
                Assert.Contains(" hg", Line(writer.Region, "VmFlags"), StringComparison.Ordinal);
            Output.WriteLine($"{Kilobytes(writer.Region, "ShmemPmdMapped")} KiB are mapped as huge pages.");
        }
    }

    [Fact]
    public void Pages_come_from_the_node_that_was_asked_for()
    {
        SharedQueueOptions options = s_large with { Memory = new MemoryOptions { NumaNode = 0 } };
        try
        {
            (SharedQueueWriter<Telemetry> writer, SharedQueueReader<Telemetry> reader) = SharedQueue.CreatePair<Telemetry>(options);
            using (writer)
            using (reader)
            {
                string start = writer.Region.Address.ToString("x", CultureInfo.InvariantCulture);
                string map = File.ReadLines("/proc/self/numa_maps").Single(line => line.StartsWith(start, StringComparison.Ordinal));
                Assert.Contains(" bind:0 ", map, StringComparison.Ordinal);
            }
        }
        catch (SystemCallException error) when (error.Errno is Errno.EPERM or Errno.ENOSYS)
        {
            Assert.Contains("do without Memory.NumaNode", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_node_that_is_not_there_is_an_error_that_says_where_they_are_listed()
    {
        SystemCallException error = Assert.Throws<SystemCallException>(
            () => SharedState.CreatePair<Telemetry>(new() { Memory = new MemoryOptions { NumaNode = 1023 } }));

        Assert.Equal("mbind", error.Call);
        Assert.Contains("Memory.NumaNode", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Root may lock what it likes, so this is another process, which is not root.</summary>
    [Fact]
    public void What_may_not_be_locked_is_an_error_that_says_the_limit_and_leaves_nothing_behind()
    {
        string answer = StartPeer().Ask("limit locked");

        Assert.StartsWith("0 regions more: mlock failed while keeping the ", answer, StringComparison.Ordinal);
        Assert.Contains("RLIMIT_MEMLOCK is 65536 bytes: raise it (ulimit -l, LimitMEMLOCK of systemd), or do without Memory.Lock.", answer,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1024)]
    public void A_node_that_no_machine_has_is_refused_by_name(int node)
    {
        MemoryOptions memory = new() { NumaNode = node };

        foreach (Action validate in new Action[]
        {
            memory.Validate, new SharedStateOptions { Memory = memory }.Validate, new OpenOptions { Memory = memory }.Validate,
        })
            Assert.Equal("NumaNode", Assert.Throws<ArgumentOutOfRangeException>(validate).ParamName);
    }

    [Fact]
    public void What_needs_all_pages_excludes_sparse_payloads()
    {
        foreach ((string option, MemoryOptions memory) in new (string, MemoryOptions)[]
        {
            ("Prefault", new() { Prefault = true }), ("Lock", new() { Lock = true }), ("HugePages", new() { HugePages = true }),
        })
        {
            SharedQueueOptions options = new() { PayloadCapacity = 8192, SparsePayloads = true, Memory = memory };

            string message = Assert.Throws<ArgumentException>(options.Validate).Message;
            Assert.StartsWith($"Memory.{option} and SparsePayloads exclude each other", message, StringComparison.Ordinal);
        }
    }

    private static long LockedKilobytes() =>
        Number(File.ReadLines("/proc/self/status").Single(line => line.StartsWith("VmLck:", StringComparison.Ordinal)));

    private static long Kilobytes(SharedRegion region, string field) => Number(Line(region, field));

    // One line of what the kernel says of a mapping.
    private static string Line(SharedRegion region, string field)
    {
        string start = region.Address.ToString("x", CultureInfo.InvariantCulture) + "-";
        return File.ReadLines("/proc/self/smaps").SkipWhile(line => !line.StartsWith(start, StringComparison.Ordinal))
            .First(line => line.StartsWith(field + ":", StringComparison.Ordinal));
    }

    private static long Number(string line) =>
        long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
}
