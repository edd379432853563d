using System.Runtime.CompilerServices;
using TypedShm.Interop;
using TypedShm.Layout;
using TypedShm.Memory;

namespace TypedShm.Rings;

/// <summary>The cells of a state, of whatever struct.</summary>
internal static class StateCells
{
    /// <summary>
    /// So many that a copy takes less time than the writer takes to come round. Of copies under a writer that never rests, with values of
    /// 64 bytes to 1 KiB, up to 454 in a row failed with 4 cells, up to 51 with 8, up to 16 with 16; and the writer, whose next cell is
    /// then in nobody's cache, became four times as fast.
    /// </summary>
    public const int CountIfSmall = 16;

    /// <summary>Large values take memory, and are seldom written in a hot loop.</summary>
    public const int CountIfLarge = 4;

    public const int LargestSmall = 4096;

    public const int ControlLength = ControlWords.Spacing;

    public static int CountOf(int size) => size <= LargestSmall ? CountIfSmall : CountIfLarge;

    // Each cell on lines of its own: the writer fills one while readers copy another.
    public static (SlotLayout Layout, long Stride) Layout(int size, int alignment, bool times)
    {
        (SlotLayout layout, long stride) = SlotLayout.Of(SlotFields.Sequence | (times ? SlotFields.Time : 0), size, alignment, 0, 1);
        return (layout, Align.Up(stride, 64));
    }

    /// <summary>Maps the region of a state whose writer has this layout.</summary>
    public static SharedRegion Attach(SafeDescriptor file, long size, LayoutDescriptor layout, bool times) =>
        SharedRegion.Attach(file, "the state", RegionKind.State, size, layout, ControlLength, CountOf(layout.Size),
            Layout(layout.Size, layout.Alignment, times));
}

/// <summary>
/// The memory of a state: N cells and the version, which is the number of values published. Value v stands in cell v % N, under the
/// sequence 2v; while the writer fills it in, the sequence is 2v - 1. So the writer fills cells that nobody reads, and what it leaves
/// when it is killed is the last good value.
/// </summary>
/// <remarks>
/// After iceoryx2's unrestricted atomic, with N cells instead of two, and with a seqlock in each of them instead of a check of the
/// version: the sequence stands on the line that the copy was loaded from, so it costs nothing to load it again. The version is on
/// a line that a hot writer takes away all the time; a check of that would come so late that the writer had gone round. With one
/// cell (a seqlock) a writer that never rests starves its readers.
/// </remarks>
internal sealed unsafe class StateMemory<T> : IVersionedMemory
    where T : unmanaged, ISharedLayout<T>
{
    // Twice a version is a number of 64 bits, and one more will always be.
    private const ulong MostVersions = long.MaxValue / 2;

    private readonly byte* _cells;
    private readonly nint _stride;
    private readonly nint _valueOffset;
    private readonly ulong _mask;
    private readonly ulong* _version;
    private long _seenVersion = -1;

    private StateMemory(SharedRegion region)
    {
        Region = region;
        Epoch = (long)region.Header.Epoch;
        Compatibility = LayoutCompatibility.For<T>(region.Layout!);
        HasTimes = (region.Header.Slot.Fields & SlotFields.Time) != 0;
        IsPlain = Compatibility.IsByReference && !HasTimes;
        _mask = (ulong)region.Header.Count - 1;
        _cells = (byte*)region.Address + region.Header.DataOffset;
        _stride = (nint)region.Header.Stride;
        _valueOffset = region.Header.Slot.ValueOffset;
        _version = (ulong*)((byte*)region.Address + region.Header.ControlOffset);
    }

    public static int Cells => StateCells.CountOf(sizeof(T));

    public SharedRegion Region { get; }

    /// <summary>How the writer's layout relates to that of <typeparamref name="T"/>.</summary>
    public LayoutCompatibility Compatibility { get; }

    public bool HasTimes { get; }

    /// <summary>Whether a value is read as it stands in its cell, and nothing with it.</summary>
    public bool IsPlain { get; }

    public long Epoch { get; }

    /// <summary>
    /// The last version that was read at this end; -1 for none. Kept with the memory, which has an epoch: the first version of a
    /// successor is another one than that of its predecessor. Any thread.
    /// </summary>
    public long SeenVersion
    {
        get => Volatile.Read(ref _seenVersion);
        set => Volatile.Write(ref _seenVersion, value);
    }

    /// <summary>Takes down that this version was read at this end. Any thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Saw(ulong version)
    {
        if (_seenVersion != (long)version)
            SeenVersion = (long)version;
    }

    /// <summary>How many values were published. Written by the creator alone.</summary>
    public ref ulong Version => ref *_version;

    public long PublishedVersion => (long)Volatile.Read(ref Version);

    public bool IsEmpty => PublishedVersion == 0;

    public bool Continues(long epoch, long version) => Region.Continues(epoch, version);

    public static StateMemory<T> Create(string name, bool times, MemoryOptions? memory = null)
    {
        (SlotLayout layout, long stride) = StateCells.Layout(T.Size, T.Alignment, times);
        return new StateMemory<T>(SharedRegion.Create($"typedshm:{name}", RegionKind.State, T.LayoutJson, CheckedLayout.Of<T>(),
            StateCells.ControlLength, stride, Cells, layout, memory: memory));
    }

    /// <summary>Takes over a region that was attached before, see <see cref="StateCells.Attach"/>.</summary>
    public static StateMemory<T> From(SharedRegion region) => new(region);

    /// <summary>Where the value of this version stands.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* ValueOf(ulong version) => CellOf(version) + _valueOffset;

    /// <summary>A copy of the value of this version, and its time, of memory that is not <see cref="IsPlain"/>.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public (T Value, long Time) CopyOf(ulong version, bool hasTime)
    {
        byte* value = ValueOf(version);
        return (Compatibility.IsByReference ? *(T*)value : Compatibility.Copy<T>(value),
            HasTimes && hasTime ? Volatile.Read(ref TimeOf(version)) : 0);
    }

    public ref long TimeOf(ulong version) => ref *(long*)(CellOf(version) + sizeof(ulong));

    /// <summary>Opens the cell of a version. Its writer's alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Fill(ulong version)
    {
        byte* cell = CellOf(version);

        // step: state.odd. From here on no reader takes what stands there for the value that it was.
        *(ulong*)cell = InProgress(version);
        CrashPoint.Reach(CrashStep.StateOdd);

        // step: state.barrier. The mark is stored before anything that is filled in. Pairs with state.order: who sees any of the new
        // bytes sees the mark too. Release does not order later stores.
        Volatile.WriteBarrier();

        // step: state.fill
        return cell + _valueOffset;
    }

    /// <summary>Closes it again: the value is whole. It counts once the version is published.</summary>
    /// <param name="value">Where it stands.</param>
    /// <param name="version">Its version.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Close(byte* value, ulong version)
    {
        // step: state.even. Release: pairs with state.look, so that what was filled in is seen.
        Volatile.Write(ref *(ulong*)(value - _valueOffset), Committed(version));
    }

    /// <summary>
    /// Begins with the value that was published last in another state, and its version. For the creator, before anybody is sent this
    /// memory: nothing that is stored here has a reader yet.
    /// </summary>
    /// <returns>The version.</returns>
    /// <exception cref="RegionInvalidException">No value can be had from the other state, or its version is impossible.</exception>
    public ulong BeginFrom(StateMemory<T> last)
    {
        RetryBudget budget = default;
        do
        {
            if (!last.TryFind(out ulong newest, out ulong version))
                continue;
            T value = *(T*)last.ValueOf(newest);
            long time = HasTimes && version != 0 ? last.TimeOf(newest) : 0;
            if (!last.IsIntact(newest, version))
                continue;
            if (version > MostVersions)
                throw new RegionInvalidException($"It states that {version} values were published, which is impossible.");
            if (version != 0)
            {
                byte* cell = Fill(version);
                *(T*)cell = value;
                Padding<T>.Clear(cell);
                if (HasTimes)
                    TimeOf(version) = time;
                Close(cell, version);
                Version = version;
            }

            Region.GoOnFrom(last.Region, version);
            return version;
        }
        while (budget.TryAgain());
        throw new RegionInvalidException("It holds no whole value, or somebody writes it without rest.");
    }

    /// <summary>Copies the value that was published last, of memory that <see cref="IsPlain"/>.</summary>
    /// <returns>False if the writer has come round, or just comes round, to its cell.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryCopyNewest(out T value, out ulong version)
    {
        // The steps of TryFind, a copy, and those of IsIntact, where the cell holds the very version that was published: then there is
        // nothing to ask about any other. Few instructions, since a reader of a writer that never rests waits for memory most of the
        // time: the fewer, the more reads wait for the same line.
        version = Volatile.Read(ref *_version);
        byte* cell = CellOf(version);
        if (Volatile.Read(ref *(ulong*)cell) == Committed(version))
        {
            value = *(T*)(cell + _valueOffset);
            CrashPoint.Reach(CrashStep.StateCopied);
            Volatile.ReadBarrier();
            if (Volatile.Read(ref *(ulong*)cell) == Committed(version))
                return true;
        }

        Unsafe.SkipInit(out value);
        return false;
    }

    /// <summary>Finds a value that is as new as the one that was published last, or newer.</summary>
    /// <param name="newest">The version that was published last.</param>
    /// <param name="version">The version of the value in its cell: a later one if the writer has come round meanwhile.</param>
    /// <returns>False if it is being overwritten.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryFind(out ulong newest, out ulong version)
    {
        // step: state.version. Acquire: pairs with state.publish, so that the cell holds this value or a later one.
        newest = Volatile.Read(ref *_version);

        // step: state.look. Acquire: pairs with state.even.
        ulong sequence = Volatile.Read(ref *(ulong*)CellOf(newest));
        version = sequence >> 1;

        // Less is something that only a hostile writer has there.
        return (sequence & 1) == 0 && version >= newest;
    }

    /// <summary>Whether all that was read of a value until now was of it alone, and whether it counts.</summary>
    /// <param name="newest">See <see cref="TryFind"/>.</param>
    /// <param name="version">See <see cref="TryFind"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsIntact(ulong newest, ulong version)
    {
        // step: state.order. What was loaded before is loaded before the sequence is loaded again. Pairs with state.barrier.
        Volatile.ReadBarrier();

        // step: state.check
        if (Volatile.Read(ref *(ulong*)CellOf(newest)) != Committed(version))
            return false;

        // step: state.published. A value that is whole but was not published is nobody's yet: another reader would find an older one
        // after it, and so would this one.
        return version == newest || Volatile.Read(ref *_version) >= version;
    }

    public void Dispose() => Region.Dispose();

    private static ulong InProgress(ulong version) => (2 * version) - 1;

    private static ulong Committed(ulong version) => 2 * version;

    // Both numbers of cells are powers of two.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* CellOf(ulong version) => _cells + ((nint)(version & _mask) * _stride);
}
