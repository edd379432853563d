namespace TypedShm.Tests.Memory;

/// <summary>What cannot be had is refused before it is allocated. Nothing here allocates more than some MiB.</summary>
public sealed class MemoryBudgetTests(ITestOutputHelper output) : SharingTest(output)
{
    private const long GiB = 1L << 30;

    [Fact]
    public void Too_much_is_refused_with_the_arithmetic_and_the_remedy()
    {
        MemoryBudget budget = new(() => (22 * GiB, "this machine"));
        using SafeDescriptor file = Native.CreateMemfd("typedshm-test");
        MemoryUse use = new(RegionKind.QueueLane, 1 << 20, 1_048_640);

        MemoryLimitException error = Assert.Throws<MemoryLimitException>(() => budget.Allocate(file, 0, use.Count * use.Stride, use));

        Assert.Equal(
            "1,048,576 slots of 1,048,640 bytes are 1.0 TiB, but this machine has 21 GiB available. "
            + "Lower Capacity or PayloadCapacity, or set SparsePayloads.",
            error.Message);
        Assert.Equal(use.Count * use.Stride, error.Needed);
        Assert.Equal(22 * GiB / 16 * 15, error.Available);
        Assert.Equal((0, 0), (Native.FileStatus(file).Size, Native.FileStatus(file).Allocated));
    }

    [Fact]
    public void What_others_take_meanwhile_is_noticed_between_two_steps()
    {
        long available = 3 * MemoryBudget.Step;
        int looks = 0;
        MemoryBudget budget = new(() => (looks++ == 0 ? available : MemoryBudget.Step / 2, "this machine"));
        using SafeDescriptor file = Native.CreateMemfd("typedshm-test");

        const long Length = 2 * MemoryBudget.Step;
        Assert.Throws<MemoryLimitException>(() => budget.Allocate(file, 0, Length, new(RegionKind.Struct, 1, Length)));

        Assert.Equal(2, looks);
        Assert.Equal(MemoryBudget.Step, Native.FileStatus(file).Allocated);
    }

    [Fact]
    public void Small_allocations_are_added_up()
    {
        int looks = 0;
        MemoryBudget budget = new(() =>
        {
            looks++;
            return (GiB, "this machine");
        });
        for (int i = 0; i < 1024; i++)
            budget.Require(4096, new(RegionKind.Control, 0, 0));

        Assert.Equal(4, looks);
    }

    /// <summary>The options are legal. What they ask for is so much that no machine would try.</summary>
    [Fact]
    public void Options_that_no_machine_can_serve_are_refused_at_once()
    {
        SharedQueueOptions options = new() { Capacity = 1 << 30, PayloadCapacity = 1 << 26 };
        string message = Assert.Throws<MemoryLimitException>(() => SharedQueue.CreatePair<Telemetry>(options)).Message;
        Assert.StartsWith("1,073,741,824 slots of 67,", message, StringComparison.Ordinal);
        Assert.Contains(" are 64 PiB, but ", message, StringComparison.Ordinal);

        options = options with { SparsePayloads = true };
        message = Assert.Throws<MemoryLimitException>(() => SharedQueue.CreatePair<Telemetry>(options)).Message;
        Assert.StartsWith("1,073,741,824 slots of 4,096 bytes are 4.0 TiB, but ", message, StringComparison.Ordinal);
        Assert.EndsWith("Lower Capacity or PayloadCapacity.", message, StringComparison.Ordinal);
    }

    /// <summary>A sparse region of 2 TiB has 8 MiB of pages. What is left of it are zeros, and of the others too.</summary>
    [Fact]
    public unsafe void A_sparse_region_of_terabytes_comes_and_goes_like_any_other()
    {
        SharedRegion first = SharedRegion.Create("typedshm:first", RegionKind.Control, default, null, 128, 0, 0);
        byte* kept = (byte*)first.Address;
        first.Dispose();
        byte* sparse = null;
        for (int i = 0; i < 3; i++)
        {
            (SharedQueueWriter<Telemetry> writer, SharedQueueReader<Telemetry> reader) =
                SharedQueue.CreatePair<Telemetry>(new() { Capacity = 2048, PayloadCapacity = 1 << 30, SparsePayloads = true });
            using (writer)
            using (reader)
            {
                Assert.InRange(writer.Region.Size, 2L << 40, 3L << 40);
                sparse = (byte*)writer.Region.Address;
            }
        }

        Assert.Equal((0, 0, 0), (kept[0], sparse[0], sparse[2L << 40]));
    }

    /// <summary>A group of 300 MiB, made for the test where this user may: 1 GiB is refused, and the process lives on.</summary>
    [Fact]
    public void In_a_control_group_its_limit_counts()
    {
        using ControlGroup? group = ControlGroup.TryMake(300 << 20);
        if (group is null)
        {
            Output.WriteLine("This user may not make control groups.");
            return;
        }

        // Killed before the group is taken away, whatever fails.
        using Peer peer = StartPeer();
        group.Add(peer.Id);
        string message = peer.AskInVain($"queue {1 << 30}");
        Assert.StartsWith("MemoryLimitException", message, StringComparison.Ordinal);
        Assert.Contains(group.Directory, message, StringComparison.Ordinal);
        Assert.Equal("ready", peer.Ask($"queue {32 << 20}"));
        peer.Exit();
    }

    /// <summary>A memory group below that of this process.</summary>
    private sealed class ControlGroup(string directory) : IDisposable
    {
        public string Directory => directory;

        public static ControlGroup? TryMake(long limit)
        {
            (string, string)[] hierarchies = [("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")];
            foreach ((string root, string file) in hierarchies)
            {
                string directory = $"{root}/typedshm-test-{Environment.ProcessId}";
                try
                {
                    if (!File.Exists($"{root}/cgroup.procs"))
                        continue;
                    System.IO.Directory.CreateDirectory(directory);
                    if (File.Exists($"{directory}/{file}"))
                    {
                        File.WriteAllText($"{directory}/{file}", $"{limit}");
                        return new ControlGroup(directory);
                    }

                    System.IO.Directory.Delete(directory);
                }
                catch (Exception error) when (error is IOException or UnauthorizedAccessException)
                {
                    continue;
                }
            }

            return null;
        }

        public void Add(int process) => File.WriteAllText($"{directory}/cgroup.procs", $"{process}");

        // The kernel takes a group away only when nothing is in it any more.
        public void Dispose() => Assert.True(SpinWait.SpinUntil(TryDelete, Peer.Patience));

        private bool TryDelete()
        {
            try
            {
                System.IO.Directory.Delete(directory);
                return true;
            }
            catch (IOException)
            {
                return false;
            }
        }
    }
}
