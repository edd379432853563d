using System.Runtime.InteropServices;
using TypedShm.Interop;
using TypedShm.Memory;

namespace TypedShm;

/// <summary>
/// One region of shared memory: a sealed memfd and this process's mapping of it. For interoperation with native code
/// and for tools; ordinary code uses the channel that owns it. Owned and disposed by its channel.
/// </summary>
/// <remarks>
/// The kernel, not this library, keeps a region's promises: its size is sealed, and unless it was created for several
/// writers, no mapping that writes can be made of it any more, by any process, through any descriptor.
/// </remarks>
public sealed unsafe class SharedRegion
{
    private const int CommonSeals = Native.SealSeal | Native.SealShrink | Native.SealGrow;
    private const long HugeTlbFs = 0x958458f6;

    private readonly SafeDescriptor _descriptor;
    private readonly Mapping _mapping;
    private readonly RegionHeader _header;

    private SharedRegion(string name, SafeDescriptor descriptor, Mapping mapping, in RegionHeader header, LayoutDescriptor? layout)
    {
        Name = name;
        _descriptor = descriptor;
        _mapping = mapping;
        _header = header;
        Layout = layout;
        Inode = (long)Native.FileStatus(descriptor).Inode;
    }

    /// <summary>The name that /proc/PID/maps shows for the region, after <c>memfd:</c>; for a received region what it was received as.</summary>
    public string Name { get; }

    /// <summary>The size in bytes, a multiple of the page size.</summary>
    public long Size => _mapping.Size;

    /// <summary>Whether this process may write the region.</summary>
    public bool IsWritable => _mapping.IsWritable;

    /// <summary>The layout that the region's header states, or null if it holds no struct.</summary>
    public LayoutDescriptor? Layout { get; }

    /// <summary>The offset in bytes of the shared struct.</summary>
    public long DataOffset => _header.DataOffset;

    /// <summary>The descriptor of the memfd. It stays this object's own: duplicate it to keep it.</summary>
    public SafeHandle Descriptor => _descriptor;

    /// <summary>The inode number of the memfd, the same in every process that shares the region.</summary>
    public long Inode { get; }

    /// <summary>The address of this process's mapping.</summary>
    /// <exception cref="ObjectDisposedException">The region's channel was disposed.</exception>
    public nint Address
    {
        get
        {
            nint address = (nint)_mapping.Address;
            ObjectDisposedException.ThrowIf(address == 0, this);
            return address;
        }
    }

    /// <summary>The first 2 GiB of the region, header included, as this process's mapping shows them.</summary>
    /// <exception cref="ObjectDisposedException">The region's channel was disposed.</exception>
    /// <exception cref="InvalidOperationException">Not all of the region is allocated (<see cref="MessageOptions.SparsePayloads"/>): a load from elsewhere would allocate it.</exception>
    public ReadOnlySpan<byte> Bytes => IsSparse
        ? throw new InvalidOperationException($"Of the region {Name} only that is allocated which messages need (MessageOptions.SparsePayloads); reading all of it would allocate the rest. Read messages, or from Address what you know to be there.")
        : new((void*)Address, (int)Math.Min(Size, int.MaxValue));

    internal ref readonly RegionHeader Header => ref _header;

    /// <summary>Whether the peers it is sent to may write it too.</summary>
    internal bool IsForSeveralWriters { get; private init; }

    /// <summary>Whether payloads are allocated only as messages need them, see <see cref="SparseSlots"/>.</summary>
    internal bool IsSparse { get; private init; }

    internal void Dispose()
    {
        _mapping.Dispose();
        _descriptor.Dispose();
    }

    /// <summary>
    /// What is sent to a peer. To one that only reads, a descriptor opened for reading where /proc allows it, which also
    /// passes security modules that would not let a writable one through; the seals hold either way.
    /// </summary>
    internal SafeDescriptor DescriptorForPeer(bool writable)
    {
        SafeDescriptor? readOnly = writable ? null : Native.ReopenReadOnly(_descriptor);
        return readOnly ?? Native.Duplicate(_descriptor);
    }

    /// <summary>Gives the descriptor up, unless pages are still to be allocated through it; the mapping stays.</summary>
    internal void CloseDescriptor()
    {
        if (!IsSparse || !IsWritable)
            _descriptor.Dispose();
    }

    /// <summary>Creates a region with one writer, this process: header, layout, control words, then page-aligned data.</summary>
    /// <param name="name">For people: shows in /proc/PID/maps.</param>
    /// <param name="kind">What the region holds.</param>
    /// <param name="layout">The JSON of the layout of what it holds, or empty.</param>
    /// <param name="descriptor">The same layout, parsed, or null.</param>
    /// <param name="controlLength">Bytes of control words.</param>
    /// <param name="stride">Bytes from one element of data to the next.</param>
    /// <param name="count">Elements of data; 0 for none.</param>
    /// <param name="slot">What stands where in an element, if it is more than the struct.</param>
    /// <param name="sparse">Whether only the heads of the slots are allocated; their stride is one of whole pages.</param>
    internal static SharedRegion Create(
        string name, RegionKind kind, ReadOnlySpan<byte> layout, LayoutDescriptor? descriptor, int controlLength, long stride, long count, SlotLayout slot = default, bool sparse = false)
    {
        long controlOffset = Align.Up(RegionHeader.Length + layout.Length, ControlWords.Spacing);
        long dataOffset = count > 0 ? Align.Up(controlOffset + controlLength, Native.PageSize) : 0;
        long size = Align.Up(count > 0 ? checked(dataOffset + (stride * count)) : controlOffset + controlLength, Native.PageSize);
        RegionHeader header = new()
        {
            Magic = RegionHeader.ExpectedMagic,
            Major = RegionHeader.CurrentMajor,
            Minor = RegionHeader.CurrentMinor,
            Kind = kind,
            RegionSize = size,
            Fingerprint = descriptor?.Fingerprint ?? 0,
            Epoch = Native.RandomNumber(),
            LayoutOffset = layout.IsEmpty ? 0 : RegionHeader.Length,
            LayoutLength = layout.Length,
            ControlOffset = controlOffset,
            ControlLength = controlLength,
            DataOffset = dataOffset,
            Stride = stride,
            Count = count,
            ValueSize = descriptor?.Size ?? 0,
            ValueAlignment = descriptor?.Alignment ?? 0,
            Slot = slot,
        };

        (SafeDescriptor file, Mapping mapping) = CreateMapped(name, size, sparse ? dataOffset : size);
        try
        {
            for (long i = 0; sparse && i < count; i++)
                Native.AllocatePages(file, dataOffset + (i * stride), slot.HeadLength);
            *(RegionHeader*)mapping.Address = header;
            layout.CopyTo(new Span<byte>(mapping.Address + RegionHeader.Length, layout.Length));

            // After this nobody, this process included, can make another mapping that writes; the one above still does.
            Native.AddSeals(file, CommonSeals | Native.SealFutureWrite);
            return new SharedRegion(name, file, mapping, header, descriptor) { IsSparse = sparse };
        }
        catch
        {
            mapping.Dispose();
            file.Dispose();
            throw;
        }
    }

    /// <summary>Creates a region without header that every peer it is sent to may write: nothing but the data.</summary>
    internal static SharedRegion CreateForSeveralWriters(string name, long length, LayoutDescriptor descriptor)
    {
        long size = Align.Up(length, Native.PageSize);
        (SafeDescriptor file, Mapping mapping) = CreateMapped(name, size, size);
        try
        {
            Native.AddSeals(file, CommonSeals);
            return new SharedRegion(name, file, mapping, default, descriptor) { IsForSeveralWriters = true };
        }
        catch
        {
            mapping.Dispose();
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Maps a region that a peer sent, after checking everything about it that could hurt. Takes the descriptor over,
    /// whatever happens.
    /// </summary>
    /// <param name="file">The received descriptor.</param>
    /// <param name="name">What it was received as, for messages.</param>
    /// <param name="kind">What it must hold.</param>
    /// <param name="size">The size that was announced.</param>
    /// <param name="layout">The layout that both sides agreed on, or null for a region without one.</param>
    /// <param name="controlLength">The least control words that it must have.</param>
    /// <param name="count">The number of elements of data that it must have.</param>
    /// <param name="slot">What must stand where in an element, and how long it must be, if it is more than the struct.</param>
    /// <param name="sparse">Whether it need not be allocated as a whole, which both sides have asked for.</param>
    /// <exception cref="RegionInvalidException">The region breaks a rule.</exception>
    internal static SharedRegion Attach(
        SafeDescriptor file, string name, RegionKind kind, long size, LayoutDescriptor? layout, int controlLength, long count, (SlotLayout Layout, long Stride)? slot = null, bool sparse = false)
    {
        Mapping mapping = MapReceived(file, name, size, writable: false, CommonSeals | Native.SealFutureWrite, sparse);
        try
        {
            // One copy of the header, checked and kept; the peer may go on changing its own.
            RegionHeader header = *(RegionHeader*)mapping.Address;
            Check(header, name, kind, size, layout, controlLength, count);
            if (slot is { } expected && (header.Slot != expected.Layout || header.Stride != expected.Stride))
                throw new RegionInvalidException($"The region {name} that the peer sent states other slots: found {header.Slot} every {header.Stride} bytes, expected {expected.Layout} every {expected.Stride}. It has been closed.");
            if (layout is not null)
                CheckLayout(mapping, header, name, layout);
            return new SharedRegion(name, file, mapping, header, layout) { IsSparse = sparse };
        }
        catch
        {
            mapping.Dispose();
            file.Dispose();
            throw;
        }
    }

    /// <summary>Maps a region without header that a peer sent for several writers. Takes the descriptor over, whatever happens.</summary>
    internal static SharedRegion AttachForSeveralWriters(SafeDescriptor file, string name, long size, long length, LayoutDescriptor layout, bool writable)
    {
        if (size < length)
        {
            DescriptorReaper.Close(file);
            throw new RegionInvalidException($"The region {name} that the peer sent has {size} bytes, but {length} are needed. It has been closed.");
        }

        Mapping mapping = MapReceived(file, name, size, writable, CommonSeals, sparse: false);
        return new SharedRegion(name, file, mapping, default, layout) { IsForSeveralWriters = true };
    }

    private static (SafeDescriptor File, Mapping Mapping) CreateMapped(string name, long size, long allocated)
    {
        SafeDescriptor file = Native.CreateMemfd(name);
        try
        {
            Native.Resize(file, size);
            Native.AllocatePages(file, 0, allocated);
            return (file, new Mapping(file, size, writable: true));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static Mapping MapReceived(SafeDescriptor file, string name, long size, bool writable, int neededSeals, bool sparse)
    {
        // The seals come first: the call is answered by the kernel for any file, while fstat and even close of a file on
        // a hostile FUSE mount can hang, so until the answer has proved a memfd nothing else is asked of it.
        int seals = Native.GetSeals(file);
        if (seals < 0 || (seals & Native.SealShrink) == 0)
        {
            DescriptorReaper.Close(file);
            throw new RegionInvalidException(seals < 0
                ? $"The descriptor that the peer sent as {name} is no memfd. It has been closed."
                : $"The region {name} that the peer sent may be shrunk under its readers: it has the seals 0x{seals:x}, but 0x{neededSeals:x} is needed. It has been closed.");
        }

        try
        {
            if ((seals & neededSeals) != neededSeals)
                throw new RegionInvalidException($"The region {name} that the peer sent has the seals 0x{seals:x}, but 0x{neededSeals:x} is needed. It has been closed.");
            if (Native.FileSystem(file) == HugeTlbFs)
                throw new RegionInvalidException($"The region {name} that the peer sent is on huge pages, which were not asked for. It has been closed.");

            (long actual, long allocated, bool regular, _) = Native.FileStatus(file);
            if (!regular)
                throw new RegionInvalidException($"The descriptor that the peer sent as {name} is no regular file. It has been closed.");
            if (actual != size || size <= 0)
                throw new RegionInvalidException($"The region {name} that the peer sent has {actual} bytes, but {size} were agreed on. It has been closed.");
            if (allocated < size && !sparse)
                throw new RegionInvalidException($"Of the {size} bytes of the region {name} only {allocated} are allocated; reading the others would cost this process memory. It has been closed.");
            return new Mapping(file, size, writable);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static void Check(in RegionHeader header, string name, RegionKind kind, long size, LayoutDescriptor? layout, int controlLength, long count)
    {
        if (size < RegionHeader.Length || header.Magic != RegionHeader.ExpectedMagic)
            throw Invalid("does not begin with the magic number", $"0x{header.Magic:x}", $"0x{RegionHeader.ExpectedMagic:x}");
        if (header.Major != RegionHeader.CurrentMajor)
            throw Invalid("is of another version of the format", $"{header.Major}.{header.Minor}", $"{RegionHeader.CurrentMajor}");
        if (header.Kind != kind)
            throw Invalid("is of another kind", $"{header.Kind}", $"{kind}");
        if (header.RegionSize != size)
            throw Invalid("states another size", $"{header.RegionSize}", $"{size}");
        if (header.Fingerprint != (layout?.Fingerprint ?? 0) || header.ValueSize != (layout?.Size ?? 0) || header.ValueAlignment != (layout?.Alignment ?? 0))
            throw Invalid("states another layout", $"fingerprint {header.Fingerprint:x16}, {header.ValueSize} bytes", $"fingerprint {layout?.Fingerprint ?? 0:x16}, {layout?.Size ?? 0} bytes");
        if (header.ControlLength < controlLength || !Contains(header.ControlOffset, header.ControlLength, ControlWords.Spacing))
            throw Invalid("has its control words in an impossible place", $"{header.ControlLength} bytes at {header.ControlOffset}", $"at least {controlLength} within the region");
        if (layout is not null && !Contains(header.LayoutOffset, header.LayoutLength, 1))
            throw Invalid("has its layout in an impossible place", $"{header.LayoutLength} bytes at {header.LayoutOffset}", $"within the {size} bytes of the region");
        if (header.Count != count)
            throw Invalid("has another number of elements", $"{header.Count}", $"{count}");
        if (count > 0 && (header.Stride < header.ValueSize || header.Stride > size / count || !Contains(header.DataOffset, header.Stride * count, Native.PageSize)))
            throw Invalid("has its data in an impossible place", $"{count} times {header.Stride} bytes at {header.DataOffset}", $"within the {size} bytes of the region");

        RegionInvalidException Invalid(string what, string found, string expected) =>
            new($"The region {name} that the peer sent {what}: found {found}, expected {expected}. It has been closed.");

        // No sum that could overflow: the length is compared with what is left behind the offset.
        bool Contains(long offset, long length, long alignment) =>
            offset >= RegionHeader.Length && length >= 0 && offset <= size && length <= size - offset && offset % alignment == 0;
    }

    private static void CheckLayout(Mapping mapping, in RegionHeader header, string name, LayoutDescriptor agreed)
    {
        ulong stated;
        try
        {
            byte[] copy = new ReadOnlySpan<byte>(mapping.Address + header.LayoutOffset, Math.Min(header.LayoutLength, LayoutDescriptor.MaxJsonLength + 1)).ToArray();
            stated = LayoutDescriptor.Parse(copy).Fingerprint;
        }
        catch (FormatException error)
        {
            throw new RegionInvalidException($"The region {name} that the peer sent describes itself wrongly. {error.Message} It has been closed.");
        }

        if (stated != agreed.Fingerprint)
            throw new RegionInvalidException($"The region {name} that the peer sent describes a layout with fingerprint {stated:x16}, but {agreed.Fingerprint:x16} was agreed on. It has been closed.");
    }
}
