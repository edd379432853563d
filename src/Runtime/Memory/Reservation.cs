using TypedShm.Interop;

namespace TypedShm.Memory;

/// <summary>
/// One range of reserved address space, handed out from its start to its end, once. Not thread-safe: see <see cref="AddressArena"/>.
/// </summary>
/// <remarks>
/// <para>
/// It is a ring. Positions count the bytes from its start and go on counting in a next lap; what lies between <c>_tail</c> and <c>_head</c>
/// was handed out (in use, or retired and zero pages), the rest is reserved and cannot be accessed. Nothing but <see cref="TakeBack"/>
/// moves the tail, and that is the last resort: a process that does without it hands no address out twice.
/// </para>
/// <para>
/// Page tables: a retired range keeps the page table (4 KiB for each 2 MiB of addresses) that its mapping had, as the kernel frees a table
/// only when nothing else is mapped around it. So once nothing in such a chunk is in use, the chunk as a whole is mapped anew, which frees
/// its table.
/// </para>
/// </remarks>
internal sealed class Reservation
{
    /// <summary>What one page table maps, and the size of a huge page, on x64 and on arm64 with pages of 4 KiB.</summary>
    public const long Chunk = 2L << 20;

    private readonly nint _start;
    private readonly bool _writable;
    private readonly SortedSet<Place> _taken = new(Comparer<Place>.Create((one, other) => one.Start.CompareTo(other.Start)));
    private readonly Dictionary<long, int> _takenInChunk = [];
    private long _head;
    private long _tail;

    private Reservation(nint start, long length, bool writable)
    {
        _start = start;
        Length = length;
        _writable = writable;
    }

    /// <summary>Bytes of address space, a multiple of <see cref="Chunk"/>.</summary>
    public long Length { get; }

    /// <summary>How often all of it has been handed out.</summary>
    public long Laps => _head / Length;

    /// <summary>Reserves address space.</summary>
    /// <returns>Null if the kernel refuses.</returns>
    public static Reservation? TryMake(long length, bool writable)
    {
        // The kernel aligns to pages only.
        nint start = Native.TryReserve(length + Chunk);
        return start == 0 ? null : new Reservation((nint)Align.Up(start, Chunk), length, writable);
    }

    /// <summary>Hands out the next addresses.</summary>
    /// <returns>Null if there are not enough left in one piece.</returns>
    public Place? TryTake(long size)
    {
        // A large mapping begins where a huge page could, and where its page tables are its own.
        long alignment = size >= Chunk ? Chunk : Native.PageSize;
        long from = _head;
        while (true)
        {
            long lap = from - (from % Length);
            long position = lap + Align.Up(from - lap, alignment);
            if (position + size > lap + Length)
            {
                // No mapping spans the end; the next lap begins at the start.
                from = lap + Length;
                if (size > Length || from - _tail >= Length)
                    return null;
                continue;
            }

            if (position + size > _tail + Length)
                return null;
            // In the first lap nothing is in use ahead of the head.
            if (position >= Length && FirstIn(AddressOf(position), AddressOf(position) + (nint)size) is { } obstacle)
            {
                from = position + (obstacle.End - AddressOf(position));
                continue;
            }

            return Take(from, position, size);
        }
    }

    /// <summary>Says that zero pages have taken the place of a mapping.</summary>
    public void Retire(Place place)
    {
        Remove(place);
        FreePageTable(ChunkOf(place.Address));
        FreePageTable(ChunkOf(place.End - 1));
    }

    /// <summary>Makes the addresses that were retired first free again: a stale reference to them is no longer harmless.</summary>
    /// <returns>How many bytes; 0 if nothing is retired.</returns>
    public long TakeBack(long size)
    {
        long done = 0;
        while (done < size && _tail < _head)
        {
            nint address = AddressOf(_tail);
            long most = Math.Min(_head - _tail, Length - (_tail % Length));
            Place? next = FirstIn(address, address + (nint)most);
            if (next is not null && next.Start <= address)
            {
                _tail += next.End - address;
                continue;
            }

            long length = Math.Min(Math.Min(size - done, next is null ? most : next.Start - address), most);
            if (!Native.TryReserveAgain(address, length))
                break;
            _tail += length;
            done += length;
        }

        return done;
    }

    private nint AddressOf(long position) => _start + (nint)(position % Length);

    private long ChunkOf(nint address) => (address - _start) / Chunk;

    // The first of the places in use that overlap a range.
    private Place? FirstIn(nint start, nint end)
    {
        Place? before = _taken.GetViewBetween(Limit(0), Limit(start)).Max;
        if (before is not null && before.End > start)
            return before;
        Place? within = start == end ? null : _taken.GetViewBetween(Limit(start), Limit(end - 1)).Min;
        return within;

        Place Limit(nint at) => new(this, at, at, at);
    }

    private Place Take(long from, long position, long size)
    {
        // What is skipped for alignment belongs to the place, and so becomes zero pages with it: a gap would keep retired neighbours apart.
        Place place = new(this, AddressOf(from), AddressOf(position), AddressOf(position) + (nint)size);
        long chunk = _head > 0 ? ChunkOf(AddressOf(_head - 1)) : 0;
        _taken.Add(place);
        Count(place, 1);
        _head = position + size;
        if (chunk != ChunkOf(place.End - 1))
            FreePageTable(chunk);
        return place;
    }

    private void Remove(Place place)
    {
        _taken.Remove(place);
        Count(place, -1);
    }

    // Chunks that lie wholly within one place need no count: their tables go with the mapping.
    private void Count(Place place, int change)
    {
        long first = ChunkOf(place.Address);
        long last = ChunkOf(place.End - 1);
        Add(first);
        if (last != first)
            Add(last);

        void Add(long chunk)
        {
            int count = _takenInChunk.GetValueOrDefault(chunk) + change;
            if (count == 0)
                _takenInChunk.Remove(chunk);
            else
                _takenInChunk[chunk] = count;
        }
    }

    // A failure only leaves the table where it is.
    private void FreePageTable(long chunk)
    {
        long lap = _head / Length;
        long position = (lap * Length) + (chunk * Chunk);
        if (position + Chunk > _head)
            position -= Length;
        if (position >= _tail && !_takenInChunk.ContainsKey(chunk))
            Native.TryReplaceByZeros(AddressOf(position), Chunk, _writable);
    }
}
