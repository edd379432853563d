using TypedShm.Interop;

namespace TypedShm.Memory;

/// <summary>
/// Address space for mappings, of which no address is used twice. A mapping that is retired becomes pages of zeros for as long as the
/// process lives, so that whatever is late, a stale reference, a handler, a claim, reads zeros or writes to nowhere, and never meets the
/// memory of somebody else. Lifetimes are counted all the same: this is the net under them. Thread-safe.
/// </summary>
/// <remarks>
/// <para>
/// What it costs: address space, of which there is plenty (32 TiB a reservation, of the 128 TiB of a process), and no memory. Neighbours
/// that are retired have the same protection and are one mapping to the kernel. For that there are two arenas: own regions can be written
/// and received ones cannot, and a stale reference may do afterwards what it could do before. A stale store costs a page, which is never
/// freed.
/// </para>
/// <para>
/// Reserved and retired pages are private and anonymous; a forked child gets them as they are. Regions themselves are not inherited
/// (MADV_DONTFORK): in the child there is a hole in their place. A child that only executes another program, as all that .NET starts do,
/// touches neither. The lock below may be held by another thread at the fork, so a child must not use the library without executing first.
/// </para>
/// <para>
/// Where the kernel refuses large reservations (RLIMIT_AS, an address space of 39 bits), smaller ones are made on demand, as often as it
/// grants them. Where address space is limited by RLIMIT_AS, what is retired takes it away from everything else in the process, so that
/// only a part of what is left is used. After that, and where retired pages are refused because they count as private data (RLIMIT_DATA,
/// vm.overcommit_memory=2), the addresses that were retired first are taken back: the only case in which an address is used again.
/// </para>
/// </remarks>
internal sealed class AddressArena
{
    private const long Largest = 32L << 40;

    /// <summary>An arena takes at most one in so many of the addresses that RLIMIT_AS leaves, unless more is in use at once.</summary>
    private const int PartOfRest = 8;

    private readonly Lock _gate = new();
    private readonly List<Reservation> _reservations = [];
    private readonly List<Place> _stuck = [];
    private readonly bool _writable;
    private readonly Func<long> _left;
    private readonly long _guard;
    private long _reserved;

    /// <param name="writable">Whether the mappings may be written.</param>
    /// <param name="left">How many bytes of addresses the process may still use.</param>
    /// <param name="guard">How many bytes, whole pages, stay reserved behind each mapping: an access behind its end is a crash.</param>
    internal AddressArena(bool writable, Func<long> left, long guard = 0)
    {
        _writable = writable;
        _left = left;
        _guard = guard;
    }

    /// <summary>For regions that this process may write.</summary>
    public static AddressArena Writable { get; private set; } = new(writable: true, Native.AddressSpaceLeft);

    /// <summary>For regions that it may only read.</summary>
    public static AddressArena ReadOnly { get; private set; } = new(writable: false, Native.AddressSpaceLeft);

    /// <summary>
    /// Keeps all regions of this process apart by pages that cannot be accessed, so that a byte out of range is a crash. For processes
    /// that are under test, before they map anything.
    /// </summary>
    internal static void UseGuards(long bytes) =>
        (Writable, ReadOnly) = (new(writable: true, Native.AddressSpaceLeft, bytes), new(writable: false, Native.AddressSpaceLeft, bytes));

    /// <summary>Maps a file, from its start.</summary>
    /// <exception cref="SystemCallException">The kernel refuses.</exception>
    public Place Map(SafeDescriptor file, long size)
    {
        Place place = Take(Align.UpToPage(size) + _guard);

        // If this fails the place stays taken for good. A MAP_FIXED that fails may have unmapped the range, and a stranger may have mapped
        // something there since: it must neither be handed out again nor be replaced by zeros.
        Native.MapAt(file, place.Address, place.Size - _guard, _writable);
        return place;
    }

    /// <summary>
    /// Puts zero pages in the place of a mapping, in one step. If the kernel refuses them, the mapping stays until it grants them: that is
    /// tried again whenever something is mapped or retired. Never throws.
    /// </summary>
    public void Retire(Place place)
    {
        // Outside of the lock: freeing the pages of a large region takes a while.
        bool done = TryReplace(place);
        lock (_gate)
        {
            RetryStuck();
            if (!done)
            {
                TakeBack(place.Size);
                done = TryReplace(place);
            }

            if (done)
                place.Owner.Retire(place);
            else
                _stuck.Add(place);
        }
    }

    private Place Take(long size)
    {
        lock (_gate)
        {
            RetryStuck();
            foreach (Reservation reservation in _reservations)
            {
                if (reservation.TryTake(size) is { } place)
                    return place;
            }

            long left = _left();
            long most = (left == long.MaxValue ? left : left + _reserved) / PartOfRest;
            return TakeNew(size, Math.Min(Largest, most / 4), most - _reserved) ?? TakeUsed(size) ?? TakeNew(size, 0, long.MaxValue)
                ?? throw SystemCallException.Create("mmap", Errno.ENOMEM, $"reserving {size} bytes of address space for a region");
        }
    }

    // From a new reservation, as large a one as the kernel grants.
    private Place? TakeNew(long size, long wanted, long most)
    {
        long least = Align.Up(size, Reservation.Chunk);
        long length = Math.Max(Align.Down(wanted, Reservation.Chunk), least);
        while (length <= most)
        {
            if (Reservation.TryMake(length, _writable) is { } reservation)
            {
                _reservations.Insert(0, reservation);
                _reserved += length;
                return reservation.TryTake(size);
            }

            if (length == least)
                break;
            length = Math.Max(Align.Down(length / 32, Reservation.Chunk), least);
        }

        return null;
    }

    // From what was retired, the oldest reservation first.
    private Place? TakeUsed(long size)
    {
        for (int i = _reservations.Count - 1; i >= 0; i--)
        {
            Reservation reservation = _reservations[i];
            long laps = reservation.Laps;
            while (reservation.TakeBack(size) > 0)
            {
                if (reservation.TryTake(size) is not { } place)
                    continue;
                if (reservation.Laps != laps)
                {
                    // All of it has been used again: the next one is the oldest now.
                    _reservations.RemoveAt(i);
                    _reservations.Insert(0, reservation);
                }

                return place;
            }
        }

        return null;
    }

    private void TakeBack(long size)
    {
        for (int i = _reservations.Count - 1; i >= 0 && size > 0; i--)
            size -= _reservations[i].TakeBack(size);
    }

    private void RetryStuck()
    {
        while (_stuck.Count > 0 && TryReplace(_stuck[^1]))
        {
            Place place = _stuck[^1];
            _stuck.RemoveAt(_stuck.Count - 1);
            place.Owner.Retire(place);
        }
    }

    // With the padding before it, which would keep it apart from its neighbour.
    private bool TryReplace(Place place) => Native.TryReplaceByZeros(place.Start, place.End - place.Start - _guard, _writable);
}
