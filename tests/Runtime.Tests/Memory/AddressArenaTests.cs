using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace TypedShm.Tests.Memory;

/// <summary>No address is used twice, and what is retired costs nothing.</summary>
public sealed class AddressArenaTests(ITestOutputHelper output) : SharingTest(output)
{
    /// <summary>How many regions come and go; <c>TYPEDSHM_REGIONS</c> asks for more.</summary>
    private static int Regions => int.Parse(Environment.GetEnvironmentVariable("TYPEDSHM_REGIONS") ?? "5000", CultureInfo.InvariantCulture);

    [Fact]
    public unsafe void Regions_that_come_and_go_leave_nothing_but_zeros_at_addresses_of_their_own()
    {
        (SharedRegion first, SharedRegion firstReceived) = MakeBoth(1);
        byte* own = (byte*)first.Address;
        byte* received = (byte*)firstReceived.Address;
        Assert.NotEqual(0, own[0]);
        Assert.NotEqual(0, received[0]);
        first.Dispose();
        firstReceived.Dispose();
        HashSet<nint> used = [(nint)own, (nint)received];

        // The first half is for the runtime too, which compiles meanwhile, and maps memory for that.
        Turn(Regions / 2, used);
        Cost before = Cost.Now();
        Stopwatch clock = Stopwatch.StartNew();
        Turn(Regions / 2, used);
        clock.Stop();
        Cost after = Cost.Now();

        double each = clock.Elapsed.TotalMicroseconds / (Regions / 2);
        Output.WriteLine($"{before}\n{after}\n{each:F1} µs for two regions, created and retired");
        Assert.InRange(after.Mappings, 0, before.Mappings + 50);
        Assert.InRange(after.Descriptors, 0, before.Descriptors + 5);
        Assert.InRange(after.PageTables, 0, before.PageTables + 100);

        // The runtime keeps its code in shared memory, too.
        Assert.InRange(after.Shared, 0, before.Shared + 5000);

        // What was kept is zeros for ever; a late store goes nowhere.
        Assert.False(new Span<byte>(own, 4096).ContainsAnyExcept((byte)0));
        Assert.False(new Span<byte>(received, 4096).ContainsAnyExcept((byte)0));
        own[100] = 1;
    }

    [Fact]
    public void A_region_larger_than_a_page_table_begins_where_its_own_begins()
    {
        using SafeDescriptor file = NewFile(3 << 20);
        AddressArena arena = New(writable: true);
        Place small = arena.Map(file, 4096);
        Place large = arena.Map(file, 3 << 20);
        Place next = arena.Map(file, 4096);

        Assert.Equal(0, large.Address % Reservation.Chunk);
        Assert.Equal(small.End, large.Start);
        Assert.Equal(large.End, next.Address);

        // The gap is retired with the region, so that the neighbours become one mapping.
        foreach (Place place in (Place[])[small, large, next])
            arena.Retire(place);
        Assert.Contains($"{small.Start:x}-{next.End:x} rw-p", File.ReadAllText("/proc/self/maps"), StringComparison.Ordinal);
    }

    [Fact]
    public unsafe void Guards_stay_out_of_reach_between_regions_that_are_used_and_that_are_retired()
    {
        using SafeDescriptor file = NewFile(3 << 20);
        AddressArena arena = new(writable: true, static () => long.MaxValue, guard: Native.PageSize);
        Place first = arena.Map(file, 4096);
        Place second = arena.Map(file, 3 << 20);
        Place third = arena.Map(file, 4096);
        Assert.Equal(3 << 20, second.Size - Native.PageSize);
        CheckGuards();

        arena.Retire(second);
        CheckGuards();
        arena.Retire(first);
        arena.Retire(third);

        void CheckGuards()
        {
            foreach (Place place in (Place[])[first, second, third])
            {
                ((byte*)place.Address)[place.Size - Native.PageSize - 1] = 1;
                Action read = () => Native.PopulateByReading((byte*)place.End - Native.PageSize, Native.PageSize);
                Assert.Equal(Errno.EFAULT, Assert.Throws<SystemCallException>(read).Errno);
            }
        }
    }

    [Fact]
    public unsafe void A_region_larger_than_what_is_left_gets_another_reservation()
    {
        const long Limit = 128L << 20; // An eighth is for the arena, a quarter of that a reservation: 4 MiB.
        AddressArena arena = new(writable: true, () => Limit);
        using SafeDescriptor file = NewFile(8 << 20);
        Place small = arena.Map(file, 3 << 20);
        Place second = arena.Map(file, 3 << 20);
        Place large = arena.Map(file, 8 << 20);
        Place last = arena.Map(file, 1 << 20);

        Assert.NotSame(small.Owner, second.Owner);
        Assert.NotSame(second.Owner, large.Owner);
        Assert.Contains(last.Owner, (Reservation[])[small.Owner, second.Owner]);
        *(byte*)(large.End - 1) = 7;
        foreach (Place place in (Place[])[small, second, large, last])
            arena.Retire(place);
        Assert.Equal(0, *(byte*)(large.End - 1));
    }

    /// <summary>
    /// The last resort: where addresses are limited, those that were retired first are used again, and none that is in
    /// use.
    /// </summary>
    [Theory]
    [InlineData(64 << 10)]
    [InlineData(900 << 10)]
    [InlineData(3 << 20)]
    public unsafe void Where_addresses_are_limited_the_oldest_are_used_again(int size)
    {
        const long Limit = 128L << 20;
        AddressArena arena = new(writable: true, () => Limit);
        using SafeDescriptor file = NewFile(size);
        Place lasting = arena.Map(file, size);
        *(int*)lasting.Address = 77;
        Queue<nint> recent = [];
        HashSet<nint> all = [];
        int again = 0;
        for (int i = 0; i < 1000; i++)
        {
            Place place = arena.Map(file, size);
            Assert.Equal(77, *(int*)place.Address);
            Assert.False(place.Start < lasting.End && lasting.Start < place.End);
            Assert.DoesNotContain(place.Address, recent);
            again += all.Add(place.Address) ? 0 : 1;
            arena.Retire(place);
            Assert.Equal(0, *(int*)place.Address);

            recent.Enqueue(place.Address);
            while (recent.Count > (4 << 20) / size)
                recent.Dequeue();
        }

        Assert.InRange(again, 500, 1000);
        Assert.Equal(77, *(int*)lasting.Address);
        arena.Retire(lasting);
    }

    [Fact]
    public void Whatever_is_in_use_is_mapped_even_beyond_the_part_of_the_limit()
    {
        AddressArena arena = new(writable: false, () => 16 << 20);
        using SafeDescriptor file = NewFile(1 << 20);
        Place[] places = [.. Enumerable.Range(0, 40).Select(_ => arena.Map(file, 1 << 20))];
        Assert.Equal(40, places.Select(place => place.Address).Distinct().Count());
        foreach (Place place in places)
            arena.Retire(place);
    }

    /// <summary>A child would keep the pages alive, and could write where only this process may.</summary>
    [Fact]
    public void No_child_inherits_a_region()
    {
        AddressArena arena = New(writable: true);
        using SafeDescriptor file = NewFile(4096);
        Place place = arena.Map(file, 4096);
        Assert.True(IsDontCopy(place));
        arena.Retire(place);
        Assert.False(IsDontCopy(place));

        static bool IsDontCopy(Place place) => File.ReadLines("/proc/self/smaps")
            .SkipWhile(line => !line.StartsWith($"{place.Start:x}-", StringComparison.Ordinal))
            .First(line => line.StartsWith("VmFlags:", StringComparison.Ordinal))
            .Contains(" dc", StringComparison.Ordinal);
    }

    /// <summary>
    /// The kernel may have unmapped the range before it failed, and a stranger may have been first to map something
    /// there.
    /// </summary>
    [Fact]
    public unsafe void The_range_of_a_mapping_that_failed_is_never_touched_again()
    {
        const int Size = 64 << 10;
        AddressArena arena = new(writable: true, () => 128L << 20); // Reservations of 4 MiB, which are used again and again.
        using SafeDescriptor file = NewFile(Size);
        Place first = arena.Map(file, Size);
        using (SafeDescriptor reading = Native.ReopenReadOnly(file)!)
            Assert.Equal("mmap", Assert.Throws<SystemCallException>(() => arena.Map(reading, Size)).Call);
        nint lost = first.End;
        Assert.True(Native.TryReplaceByZeros(lost, Size, writable: true));
        new Span<byte>((void*)lost, Size).Fill(77);

        arena.Retire(first);
        int laps = 0;
        for (int i = 0; i < 1000; i++)
        {
            Place place = arena.Map(file, Size);
            Assert.False(place.Start < lost + Size && lost < place.End);
            laps += place.Address == first.Address ? 1 : 0;
            arena.Retire(place);
        }

        Assert.NotEqual(0, laps);
        Assert.False(new Span<byte>((void*)lost, Size).ContainsAnyExcept((byte)77));
        Assert.True(Native.TryReserveAgain(lost, Size));
    }

    [Fact]
    public async Task Many_threads_never_share_an_address()
    {
        AddressArena arena = new(writable: true, () => 1L << 30);
        using SafeDescriptor file = NewFile(64 << 10);
        await Task.WhenAll(Enumerable.Range(1, 4).Select(number => Task.Run(() => Work(number))));

        unsafe void Work(int number)
        {
            Random random = new(number);
            List<(Place Place, SafeDescriptor File)> open = [];
            for (int i = 0; i < 3000; i++)
            {
                if (open.Count < 20)
                {
                    SafeDescriptor own = NewFile(64 << 10);
                    Place place = arena.Map(own, 4096 * random.Next(1, 17));
                    *(int*)place.Address = (number << 16) + open.Count;
                    open.Add((place, own));
                }

                int which = random.Next(open.Count);
                Assert.Equal(number, *(int*)open[which].Place.Address >> 16);
                if (random.Next(2) == 0)
                    continue;
                arena.Retire(open[which].Place);
                open[which].File.Dispose();
                open.RemoveAt(which);
            }

            open.ForEach(pair => arena.Retire(pair.Place));
            open.ForEach(pair => pair.File.Dispose());
        }
    }

    /// <summary>Retired pages count as private data: where the kernel refuses them, the region stays mapped until it does not.</summary>
    [Fact]
    public void A_region_whose_zero_pages_are_refused_is_retired_later()
    {
        Peer peer = StartPeer();
        Assert.Equal("refused: True, then 0 regions and 0", peer.Ask("limit data"));
    }

    /// <summary>The case of <c>ulimit -v</c>: more regions come and go than the process has addresses for.</summary>
    [Fact]
    public void A_process_with_few_addresses_never_runs_out_of_them()
    {
        Peer peer = StartPeer();
        Assert.Equal("2000", peer.Ask("limit addresses"));
    }

    private static AddressArena New(bool writable) => new(writable, () => 16L << 30);

    private static SafeDescriptor NewFile(long size)
    {
        SafeDescriptor file = Native.CreateMemfd("typedshm-test");
        Native.Allocate(file, size);
        return file;
    }

    private static void Turn(int count, HashSet<nint> used)
    {
        for (int i = 0; i < count; i++)
        {
            (SharedRegion own, SharedRegion received) = MakeBoth(1 + (i % 4));
            Assert.True(used.Add(own.Address));
            Assert.True(used.Add(received.Address));
            received.Dispose();
            own.Dispose();
        }
    }

    private static (SharedRegion Own, SharedRegion Received) MakeBoth(int pages)
    {
        int length = pages * Native.PageSize / 2;
        SharedRegion own = SharedRegion.Create("typedshm:turn", RegionKind.Control, default, null, length, 0, 0);
        return (own, SharedRegion.Attach(own.DescriptorForPeer(writable: false), "turn", RegionKind.Control, own.Size, null, length, 0));
    }

    /// <summary>What the kernel keeps for this process, in mappings and KiB.</summary>
    private sealed record Cost(int Mappings, int Descriptors, long PageTables, long Shared)
    {
        public static Cost Now()
        {
            string status = File.ReadAllText("/proc/self/status");
            return new(File.ReadLines("/proc/self/maps").Count(), Directory.GetFiles("/proc/self/fd").Length, Of("VmPTE"), Of("RssShmem"));

            long Of(string name) => long.Parse(Regex.Match(status, name + @":\s+(\d+) kB").Groups[1].Value, CultureInfo.InvariantCulture);
        }
    }
}
