using TypedShm.Interop;

namespace TypedShm.Memory;

/// <summary>
/// The pages of a region that was not allocated as a whole: a slot gets those of its payload when a message first needs them, and keeps
/// them. For the writer, one thread at a time.
/// </summary>
/// <remarks>
/// Through the descriptor, before the mapping is touched: that the machine is full is an error of the call, while the first store into a
/// page that cannot be had would be a SIGBUS. The seals allow it, since the size stays as it is.
/// </remarks>
internal sealed class SparseSlots
{
    private readonly SharedRegion _region;
    private readonly int[] _ends;

    public SparseSlots(SharedRegion region)
    {
        _region = region;
        _ends = new int[region.Header.Count];
        Array.Fill(_ends, region.Header.Slot.HeadLength);
    }

    /// <summary>Bytes of payload for which every slot has had pages from the start.</summary>
    public int PreallocatedPayload => Room(_region.Header.Slot.HeadLength);

    /// <summary>Bytes of payload for which a slot has pages.</summary>
    public int RoomOf(int slot) => Room(_ends[slot]);

    /// <summary>Gives a slot pages for a payload, unless it has them.</summary>
    /// <exception cref="MemoryLimitException">There is no memory for them. The slot is as before.</exception>
    /// <exception cref="SystemCallException">The kernel refuses. The slot is as before.</exception>
    public void Reserve(int slot, int length)
    {
        ref readonly RegionHeader header = ref _region.Header;
        int from = _ends[slot];
        int to = (int)Align.Up(header.Slot.PayloadOffset + length, Native.PageSize);
        if (to <= from)
            return;
        try
        {
            MemoryUse use = new(header.Kind, 1, to - from, IsSparse: true);
            long offset = header.DataOffset + (slot * header.Stride) + from;
            MemoryBudget.Process.Allocate((SafeDescriptor)_region.Descriptor, offset, to - from, use);
        }
        catch (ObjectDisposedException)
        {
            // The region was given up. Before its descriptor was closed, zero pages have taken the place of its mapping: they want no room.
            // Whether its writer is disposed too, or has another region by now, is for the writer to say.
        }

        _ends[slot] = to;
    }

    private int Room(int end) => Math.Min(end - _region.Header.Slot.PayloadOffset, _region.Header.Slot.PayloadCapacity);
}
