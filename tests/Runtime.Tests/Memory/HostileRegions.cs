namespace TypedShm.Tests.Memory;

/// <summary>What may come with a message instead of a region: checked by the code that both sides use.</summary>
public sealed class HostileRegions(ITestOutputHelper output) : SharingTest(output)
{
    /// <summary>For each field of the header, lies of every kind: offset, size, value.</summary>
    public static TheoryData<string, int, int, ulong> Lies => new()
    {
        { "magic", 0, 8, 0 },
        { "magic", 0, 8, 0x6D68536465707955 },
        { "major", 8, 2, 0 },
        { "major", 8, 2, 2 },
        { "kind", 12, 2, (ulong)RegionKind.None },
        { "kind", 12, 2, (ulong)RegionKind.Control },
        { "kind", 12, 2, (ulong)RegionKind.StructDescription },
        { "kind", 12, 2, 0xFFFF },
        { "region size", 16, 8, 0 },
        { "region size", 16, 8, 4096 },
        { "region size", 16, 8, 1UL << 40 },
        { "region size", 16, 8, ulong.MaxValue },
        { "fingerprint", 24, 8, 0 },
        { "fingerprint", 24, 8, 1 },
        { "layout offset", 40, 4, 0 },
        { "layout offset", 40, 4, 64 },
        { "layout offset", 40, 4, 129 },
        { "layout offset", 40, 4, 8191 },
        { "layout offset", 40, 4, 0x7FFFFFFF },
        { "layout offset", 40, 4, 0xFFFFFFFF },
        { "layout length", 44, 4, 0 },
        { "layout length", 44, 4, 1 },
        { "layout length", 44, 4, 8065 },
        { "layout length", 44, 4, 0x7FFFFFFF },
        { "layout length", 44, 4, 0x80000000 },
        { "control offset", 48, 8, 0 },
        { "control offset", 48, 8, 129 },
        { "control offset", 48, 8, 8192 },
        { "control offset", 48, 8, 0x7FFFFFFFFFFFFF80 },
        { "control offset", 48, 8, 0xFFFFFFFFFFFFFF80 },
        { "control length", 56, 8, 0 },
        { "control length", 56, 8, 127 },
        { "control length", 56, 8, 8192 },
        { "control length", 56, 8, 0x7FFFFFFFFFFFFFFF },
        { "control length", 56, 8, ulong.MaxValue },
        { "data offset", 64, 8, 0 },
        { "data offset", 64, 8, 4104 },
        { "data offset", 64, 8, 8192 },
        { "data offset", 64, 8, 0x7FFFFFFFFFFFF000 },
        { "data offset", 64, 8, 0xFFFFFFFFFFFFF000 },
        { "stride", 72, 8, 0 },
        { "stride", 72, 8, 143 },
        { "stride", 72, 8, 8193 },
        { "stride", 72, 8, 0x7FFFFFFFFFFFFFFF },
        { "stride", 72, 8, ulong.MaxValue },
        { "count", 80, 8, 0 },
        { "count", 80, 8, 2 },
        { "count", 80, 8, 0x7FFFFFFFFFFFFFFF },
        { "count", 80, 8, ulong.MaxValue },
        { "value size", 88, 4, 0 },
        { "value size", 88, 4, 143 },
        { "value size", 88, 4, 0x80000000 },
        { "value alignment", 92, 4, 0 },
        { "value alignment", 92, 4, 16 },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public void A_header_that_lies_is_found_out(string field, int offset, int size, ulong value)
    {
        SafeDescriptor forged = Forgery.Struct(lie: address => Forgery.Write(address + offset, size, value));
        long length = Forgery.SizeOf(forged);

        RegionInvalidException error = Assert.Throws<RegionInvalidException>(() => AttachStruct(forged, length));

        Assert.True(forged.IsClosed);
        Output.WriteLine($"{field}: {error.Message}");
    }

    [Theory]
    [InlineData(130, (byte)'x')]
    [InlineData(129, 0xFF)]
    [InlineData(128, (byte)'[')]
    public void A_region_that_describes_itself_wrongly_is_found_out(int offset, byte value)
    {
        SafeDescriptor forged = Forgery.Struct(lie: address => Forgery.Write(address + offset, 1, value));
        long length = Forgery.SizeOf(forged);

        Assert.Throws<RegionInvalidException>(() => AttachStruct(forged, length));

        Assert.True(forged.IsClosed);
    }

    [Fact]
    public void A_region_that_describes_another_layout_than_agreed_is_found_out()
    {
        // The name of the first field, in the JSON only: the fingerprint in the header is the right one.
        SafeDescriptor forged = Forgery.Struct(lie: address => Replace(address, "\"Tick\""u8, "\"Tock\""u8));
        long length = Forgery.SizeOf(forged);

        Assert.Contains("was agreed on", Assert.Throws<RegionInvalidException>(() => AttachStruct(forged, length)).Message,
            StringComparison.Ordinal);

        Assert.True(forged.IsClosed);
    }

    /// <summary>The positive control: what the forgeries start from is accepted.</summary>
    [Fact]
    public void A_region_that_does_not_lie_is_accepted()
    {
        SafeDescriptor genuine = Forgery.Struct(lie: address => Forgery.Write(address + 10, 2, 7)); // a higher minor version is no lie
        SharedRegion region = AttachStruct(genuine, Forgery.SizeOf(genuine));
        region.Dispose();

        SafeDescriptor control = Forgery.Control();
        ControlWords.Attach(control, Forgery.SizeOf(control)).Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Native.SealShrink)]
    [InlineData(Native.SealShrink | Native.SealGrow)]
    [InlineData(Native.SealShrink | Native.SealGrow | Native.SealSeal)]
    [InlineData(Native.SealFutureWrite | Native.SealGrow | Native.SealSeal)]
    [InlineData(Forgery.AllSeals & ~Native.SealGrow)]
    [InlineData(Forgery.AllSeals & ~Native.SealSeal)]
    public async Task A_region_with_a_seal_missing_is_refused(int seals)
    {
        SafeDescriptor forged = Forgery.Struct(seals);
        long length = Forgery.SizeOf(forged);

        Assert.Contains("seals", Assert.Throws<RegionInvalidException>(() => AttachStruct(forged, length)).Message,
            StringComparison.Ordinal);

        await Until(() => forged.IsClosed, "the descriptor is closed");
    }

    [Fact]
    public void A_region_with_holes_is_refused()
    {
        SafeDescriptor sparse = Native.CreateMemfd("sparse");
        Assert.Equal(0, Tmds.Linux.LibC.ftruncate((int)sparse.DangerousGetHandle(), 1 << 20));
        Native.AddSeals(sparse, Forgery.AllSeals);

        Assert.Contains("allocated", Assert.Throws<RegionInvalidException>(() => ControlWords.Attach(sparse, 1 << 20)).Message,
            StringComparison.Ordinal);

        Assert.True(sparse.IsClosed);
    }

    /// <summary>
    /// What counts as allocated lies behind the end of the file: reading the region would allocate it, on the account of this
    /// process.
    /// </summary>
    [Theory]
    [InlineData(1 << 20, 1 << 20)]
    [InlineData(1 << 20, 8192)]
    public unsafe void A_region_whose_blocks_lie_behind_its_end_is_refused(int size, int hole)
    {
        SafeDescriptor forged = Native.CreateMemfd("forgery");
        Native.Resize(forged, size);
        if (hole < size)
            Native.AllocatePages(forged, hole, size - hole);
        Assert.Equal(0, Tmds.Linux.LibC.fallocate((int)forged.DangerousGetHandle(), 1, size, hole)); // FALLOC_FL_KEEP_SIZE
        Native.AddSeals(forged, Forgery.AllSeals);
        Assert.Equal((size, size), (Native.FileStatus(forged).Size, Native.FileStatus(forged).Allocated));

        string message = Assert.Throws<RegionInvalidException>(() => ControlWords.Attach(forged, size)).Message;
        Assert.Contains("allocated", message, StringComparison.Ordinal);

        Assert.True(forged.IsClosed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public unsafe void A_page_that_cannot_be_had_is_an_error_and_no_signal(bool old)
    {
        using SafeDescriptor file = Native.CreateMemfd("typedshm-test");
        Native.Allocate(file, 2 * Native.PageSize);
        using Mapping mapping = new(file, 4 * Native.PageSize, writable: false); // Two pages are behind the end of the file.
        Populate(2);
        Assert.Equal(Errno.EFAULT, Assert.Throws<SystemCallException>(() => Populate(4)).Errno);

        void Populate(int pages)
        {
            if (old)
                Native.PopulateByReading(mapping.Address, pages * Native.PageSize);
            else
                Native.Populate(mapping.Address, pages * Native.PageSize);
        }
    }

    [Fact]
    public void A_region_that_is_larger_than_any_that_keeps_the_rules_is_not_even_mapped()
    {
        SafeDescriptor forged = Native.CreateMemfd("forgery");
        Native.Resize(forged, 1L << 45);
        Native.AddSeals(forged, Forgery.AllSeals);
        MessageShape shape = new(16, 4096, 16, PublishTimes: false, IsSparse: true);

        string message = Assert.Throws<RegionInvalidException>(
            () => Lane.Attach(forged, 1L << 45, shape, LayoutDescriptor.Of<Telemetry>())).Message;

        Assert.Contains("larger than what it holds", message, StringComparison.Ordinal);
        Assert.True(forged.IsClosed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(1 << 30)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void A_region_of_another_size_than_announced_is_refused(long announced)
    {
        SafeDescriptor forged = Forgery.Struct();

        Assert.Contains("another size", Assert.Throws<RegionInvalidException>(() => AttachStruct(forged, announced)).Message,
            StringComparison.Ordinal);

        Assert.True(forged.IsClosed);
    }

    [Fact]
    public void Bare_data_that_is_shorter_than_the_struct_is_refused()
    {
        SafeDescriptor data = Native.CreateMemfd("short");
        Native.Allocate(data, Native.PageSize);
        Native.AddSeals(data, Forgery.AllSeals & ~Native.SealFutureWrite);

        Assert.Throws<RegionInvalidException>(() => SharedRegion.AttachForSeveralWriters(data, "the data", Native.PageSize,
            Native.PageSize + 1, LayoutDescriptor.Of<Telemetry>(), writable: true));

        Assert.True(SpinWait.SpinUntil(() => data.IsClosed, Peer.Patience));
    }

    [Theory]
    [InlineData("pipe")]
    [InlineData("/dev/null")]
    [InlineData("regular file")]
    [InlineData("socket")]
    public async Task A_descriptor_that_is_no_memfd_is_refused_and_closed_elsewhere(string what)
    {
        string file = Path.GetTempFileName();
        File.WriteAllBytes(file, new byte[Native.PageSize]);
        SafeDescriptor descriptor = what switch
        {
            "pipe" => Forgery.Pipe(),
            "/dev/null" => Forgery.Open("/dev/null"),
            "regular file" => Forgery.Open(file),
            _ => Forgery.Socket(),
        };

        Assert.Contains("no memfd", Assert.Throws<RegionInvalidException>(() => ControlWords.Attach(descriptor, Native.PageSize))
            .Message, StringComparison.Ordinal);

        await Until(() => descriptor.IsClosed, "the descriptor is closed");
        File.Delete(file);
    }

    private static SharedRegion AttachStruct(SafeDescriptor file, long size) =>
        SharedRegion.Attach(file, "the struct", RegionKind.Struct, size, LayoutDescriptor.Of<Telemetry>(),
            StructMemory<Telemetry>.ControlLength, 1);

    private static unsafe void Replace(nint address, ReadOnlySpan<byte> old, ReadOnlySpan<byte> by)
    {
        Span<byte> page = new((void*)address, Native.PageSize);
        by.CopyTo(page[page.IndexOf(old)..]);
    }
}
