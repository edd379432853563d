using TypedShm.Interop;
using TypedShm.Memory;

namespace TypedShm;

public sealed unsafe partial class SharedRegion
{
    /// <summary>
    /// What is mapped at once, whatever was asked for: the first store to each of two or three pages would be a page fault, of which one
    /// alone takes longer than this, on a virtual machine 30 times as long.
    /// </summary>
    private const long Small = 64L << 10;

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
    /// <param name="memory">What else is asked of the memory; null for nothing.</param>
    /// <exception cref="MemoryLimitException">There is not enough memory.</exception>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    internal static SharedRegion Create(
        string name, RegionKind kind, ReadOnlySpan<byte> layout, LayoutDescriptor? descriptor, int controlLength, long stride, long count,
        SlotLayout slot = default, bool sparse = false, MemoryOptions? memory = null)
    {
        long controlOffset = Align.Up(RegionHeader.Length + layout.Length, ControlWords.Spacing);
        long dataOffset = count > 0 ? Align.UpToPage(controlOffset + controlLength) : 0;
        long size = Align.UpToPage(count > 0 ? checked(dataOffset + (stride * count)) : controlOffset + controlLength);
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

        MemoryUse use = sparse ? new(kind, count, slot.HeadLength, IsSparse: true) : new(kind, count, stride);
        long allocated = sparse ? dataOffset + (count * slot.HeadLength) : size;
        MemoryBudget.Process.Require(allocated, use);
        (SafeDescriptor file, Mapping mapping) = CreateMapped(name, size, sparse ? dataOffset : size, use, memory);
        try
        {
            for (long i = 0; sparse && i < count; i++)
                MemoryBudget.Process.Allocate(file, dataOffset + (i * stride), slot.HeadLength, use);
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
    /// <exception cref="MemoryLimitException">There is not enough memory.</exception>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    internal static SharedRegion CreateForSeveralWriters(
        string name, long length, LayoutDescriptor descriptor, MemoryOptions? memory = null)
    {
        long size = Align.UpToPage(length);
        (SafeDescriptor file, Mapping mapping) = CreateMapped(name, size, size, new MemoryUse(RegionKind.None, 1, length), memory);
        try
        {
            // No seal keeps a peer that may read, and got a descriptor that may not write, from opening the file again through /proc. Its
            // mode does, unless it is a process of the same user.
            Native.SetMode(file, OwnerOnly);
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

    /// <summary>Says which region this one goes on from. For its creator, before anybody is sent it.</summary>
    /// <param name="predecessor">The other region.</param>
    /// <param name="version">The version that this one begins with.</param>
    internal void GoOnFrom(SharedRegion predecessor, ulong version)
    {
        _header.PredecessorEpoch = predecessor._header.Epoch;
        _header.FirstVersion = version;
        *(RegionHeader*)_mapping.Address = _header;
    }

    private static (SafeDescriptor File, Mapping Mapping) CreateMapped(
        string name, long size, long allocated, in MemoryUse use, MemoryOptions? options)
    {
        MemoryOptions memory = options ?? MemoryOptions.Default;
        SafeDescriptor file = Native.CreateMemfd(name);
        Mapping? mapping = null;
        try
        {
            Native.Resize(file, size);
            mapping = new Mapping(file, size, writable: true);

            // Where pages come from, before there are any.
            if (memory.NumaNode is { } node)
                Native.BindToNode(mapping.Address, size, node);
            if (memory.HugePages)
                Native.AdviseHugePages(mapping.Address, size);
            MemoryBudget.Process.Allocate(file, 0, allocated, use);

            // Before they are mapped.
            if (memory.HugePages)
                Native.Collapse(mapping.Address, size);
            if (memory.Prefault)
                Native.PopulateForWriting(mapping.Address, size);
            else if (allocated <= Small)
                Native.PopulateForWriting(mapping.Address, allocated);
            if (memory.Lock)
                Native.LockPages(mapping.Address, size);
            return (file, mapping);
        }
        catch
        {
            mapping?.Dispose();
            file.Dispose();
            throw;
        }
    }
}
