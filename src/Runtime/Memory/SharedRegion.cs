using System.Diagnostics;
using System.Runtime.CompilerServices;
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
[DebuggerDisplay("{Name}, {Size} bytes")]
public sealed unsafe partial class SharedRegion
{
    private const int CommonSeals = Native.SealSeal | Native.SealShrink | Native.SealGrow;
    private const uint OwnerOnly = 0x180; // 0600

    private readonly SafeDescriptor _descriptor;
    private readonly Mapping _mapping;
    private RegionHeader _header;

    private SharedRegion(string name, SafeDescriptor descriptor, Mapping mapping, in RegionHeader header, LayoutDescriptor? layout)
    {
        Name = name;
        _descriptor = descriptor;
        _mapping = mapping;
        _header = header;
        Layout = layout;
        Inode = (long)Native.FileStatus(descriptor).Inode;
    }

    /// <summary>
    /// The name that /proc/PID/maps shows for the region, after <c>memfd:</c>; for a received region what it was received
    /// as.
    /// </summary>
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
    /// <exception cref="InvalidOperationException">
    /// Not all of the region is allocated (<see cref="MessageOptions.SparsePayloads"/>): a load from elsewhere would allocate it.
    /// </exception>
    public ReadOnlySpan<byte> Bytes => IsSparse
        ? throw new InvalidOperationException($"Of the region {Name} only that is allocated which messages need "
            + "(MessageOptions.SparsePayloads); reading all of it would allocate the rest. Read messages, or from Address what you "
            + "know to be there.")
        : new((void*)Address, (int)Math.Min(Size, int.MaxValue));

    internal ref readonly RegionHeader Header => ref _header;

    /// <summary>Whether the peers it is sent to may write it too.</summary>
    internal bool IsForSeveralWriters { get; private init; }

    /// <summary>Whether payloads are allocated only as messages need them, see <see cref="SparseSlots"/>.</summary>
    internal bool IsSparse { get; private init; }

    // Apart: uses of an end lead here once in its life, and what is inlined into them, is so into the loops of users.
    [MethodImpl(MethodImplOptions.NoInlining)]
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

    /// <summary>
    /// Whether who knows another region up to a version knows all that this one began with: it goes on from that region, and its first
    /// version is that one or a later one.
    /// </summary>
    /// <param name="epoch">The epoch of the other region.</param>
    /// <param name="version">Up to which version it is known; a negative one knows nothing.</param>
    internal bool Continues(long epoch, long version) =>
        epoch != 0 && (long)_header.PredecessorEpoch == epoch && version >= 0 && (ulong)version <= _header.FirstVersion;

    /// <summary>Gives the descriptor up, unless pages are still to be allocated through it; the mapping stays.</summary>
    internal void CloseDescriptor()
    {
        if (!IsSparse || !IsWritable)
            _descriptor.Dispose();
    }
}
