using System.Runtime.CompilerServices;
using TypedShm.Interop;
using TypedShm.Memory;

namespace TypedShm.Channels;

/// <summary>
/// The memory of a state: N cells and the version, which is the number of values published. Value v stands in cell v % N, so
/// that the writer fills cells that nobody reads, and what it leaves when it is killed is the last good value.
/// </summary>
/// <remarks>
/// After iceoryx2's unrestricted atomic, with N instead of two cells: a reader has to begin again only if the writer came round
/// all of them while it copied. With one cell (a seqlock) a writer that never rests starves its readers.
/// </remarks>
internal sealed unsafe class StateMemory<T> : IDisposable
    where T : unmanaged, ISharedLayout<T>
{
    /// <summary>More cells mean fewer repetitions, and more memory for large values, which are seldom written in a hot loop.</summary>
    public const int CellsIfSmall = 4;

    public const int CellsIfLarge = 3;

    private const int LargestSmall = 4096;
    private const int ControlLength = ControlWords.Spacing;

    private readonly byte* _cells;
    private readonly nint _stride;
    private readonly nint _valueOffset;
    private readonly ulong* _version;

    private StateMemory(SharedRegion region)
    {
        Region = region;
        HasTimes = (region.Header.Slot.Marks & SlotMarks.Time) != 0;
        _cells = (byte*)region.Address + region.Header.DataOffset;
        _stride = (nint)region.Header.Stride;
        _valueOffset = region.Header.Slot.ValueOffset;
        _version = (ulong*)((byte*)region.Address + region.Header.ControlOffset);
    }

    public static int Cells => sizeof(T) <= LargestSmall ? CellsIfSmall : CellsIfLarge;

    public SharedRegion Region { get; }

    public bool HasTimes { get; }

    public long Epoch => (long)Region.Header.Epoch;

    /// <summary>How many values were published. Written by the creator alone.</summary>
    public ref ulong Version => ref *_version;

    public static StateMemory<T> Create(string name, bool times)
    {
        (SlotLayout layout, long stride) = Layout(times);
        return new StateMemory<T>(SharedRegion.Create($"typedshm:{name}", RegionKind.State, T.LayoutJson, CheckedLayout.Of<T>(), ControlLength, stride, Cells, layout));
    }

    public static SharedRegion Attach(SafeDescriptor file, long size, bool times) =>
        SharedRegion.Attach(file, "the state", RegionKind.State, size, CheckedLayout.Of<T>(), ControlLength, Cells, Layout(times));

    /// <summary>Takes over a region that was attached before.</summary>
    public static StateMemory<T> From(SharedRegion region) => new(region);

    /// <summary>Where a value of this version stands.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* ValueOf(ulong version) => CellOf(version) + _valueOffset;

    public ref long TimeOf(ulong version) => ref *(long*)CellOf(version);

    /// <summary>Whether a value that was looked at from when its version was loaded until now was the writer's to change meanwhile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsIntact(ulong version)
    {
        // step: state.fence. Everything that was loaded from the cell before is loaded before the version is loaded again. Pairs with
        // the writer's: if anything of a later value in the same cell was seen, then the version is seen that came before it.
        Volatile.ReadBarrier();

        // step: state.version2. The cell is filled again after N - 1 more versions were published. A version that went backward, which
        // only a hostile writer has, comes out as a huge difference.
        return Volatile.Read(ref *_version) - version <= (ulong)(Cells - 2);
    }

    public void Dispose() => Region.Dispose();

    // Each cell on lines of its own: the writer fills one while readers copy another.
    private static (SlotLayout Layout, long Stride) Layout(bool times)
    {
        (SlotLayout layout, long stride) = SlotLayout.Of(times ? SlotMarks.Time : SlotMarks.None, T.Size, T.Alignment, 0, 1);
        return (layout, SharedRegion.AlignUp(stride, 64));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* CellOf(ulong version) => _cells + ((nint)(sizeof(T) <= LargestSmall ? version % CellsIfSmall : version % CellsIfLarge) * _stride);
}
