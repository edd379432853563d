using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using TypedShm.Interop;
using TypedShm.Layout;
using TypedShm.Memory;

namespace TypedShm.Rings;

/// <summary>
/// The memory of a table: the elements, the number of changes, and which of them was the last in each block of 64 elements, of 64
/// such blocks, and so on. Who knows up to which change it has seen everything finds the elements that have changed since without
/// looking at those that have not.
/// </summary>
/// <remarks>
/// Changes are numbered from 1 throughout the table; an element's version is the number of its last change. In a table whose elements are
/// never torn each has two cells, and the lowest bit of its word says which one holds the value: the writer fills in the other one. Each
/// element is written far less often than all of them together, so readers hardly ever have to begin again, and what a writer leaves that
/// is killed is the last good value, which one cell with a lock of any kind could not promise.
/// </remarks>
internal sealed unsafe class TableMemory<T> : IVersionedMemory
    where T : unmanaged, ISharedLayout<T>
{
    // Twice the number of a change is one of 64 bits, and will always be.
    private const ulong MostChanges = long.MaxValue / 2;

    private readonly ulong* _changes;
    private readonly byte* _elements;
    private readonly nint _stride;
    private readonly nint _valueOffset;
    private readonly nint _cellSize;
    private readonly bool _isLive;
    private readonly int _inPlace;
    private readonly nint[] _levels;
    private long _seenVersion = -1;

    private TableMemory(SharedRegion region, TableShape shape)
    {
        Region = region;
        Shape = shape;
        byte* control = (byte*)region.Address + region.Header.ControlOffset;
        _changes = (ulong*)control;
        _elements = (byte*)region.Address + region.Header.DataOffset;
        _stride = (nint)region.Header.Stride;
        _valueOffset = region.Header.Slot.ValueOffset;
        _isLive = shape.IsLive;
        Compatibility = LayoutCompatibility.For<T>(region.Layout!);
        _cellSize = _isLive ? 0 : (nint)TableShape.CellSize(region.Layout!.Size, region.Layout.Alignment);
        _inPlace = Compatibility.IsByReference ? shape.Count : 0;
        _levels = [.. shape.Levels().Select(level => (nint)control + level.Offset)];
    }

    public SharedRegion Region { get; }

    public TableShape Shape { get; }

    /// <summary>How the writer's layout relates to that of <typeparamref name="T"/>.</summary>
    public LayoutCompatibility Compatibility { get; }

    public long Epoch => (long)Region.Header.Epoch;

    /// <summary>The last change that was taken at this end; -1 for none. Kept with the memory, which has an epoch. Any thread.</summary>
    public long SeenVersion
    {
        get => Volatile.Read(ref _seenVersion);
        set => Volatile.Write(ref _seenVersion, value);
    }

    /// <summary>The number of the last change that was announced. Written by the creator alone.</summary>
    public ref ulong Changes => ref *_changes;

    public long PublishedVersion => (long)Volatile.Read(ref Changes);

    // Its elements are there, as zeros, from the start.
    public bool IsEmpty => false;

    public bool Continues(long epoch, long version) => Region.Continues(epoch, version);

    public static TableMemory<T> Create(string name, TableShape shape, MemoryOptions? memory = null)
    {
        (SlotLayout layout, long stride) = shape.Layout(T.Size, T.Alignment);
        return new TableMemory<T>(SharedRegion.Create($"typedshm:{name}", RegionKind.Table, T.LayoutJson, CheckedLayout.Of<T>(),
            shape.ControlLength, stride, shape.Count, layout, memory: memory), shape);
    }

    /// <summary>Takes over a region that was attached before, see <see cref="TableShape.Attach"/>.</summary>
    public static TableMemory<T> From(SharedRegion region, TableShape shape) => new(region, shape);

    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CheckIndex(int index)
    {
        if ((uint)index >= (uint)Shape.Count)
            ThrowNoElement(index);
    }

    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    /// <exception cref="InvalidOperationException">The writer's struct is shorter than <typeparamref name="T"/>.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CheckInPlace(int index)
    {
        if ((uint)index >= (uint)_inPlace)
            ThrowNotInPlace(index);
    }

    /// <summary>The word of an element: twice its version, and which cell holds its value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref ulong WordOf(int index) => ref *(ulong*)(_elements + (index * _stride));

    public static ulong VersionOf(ulong word) => word >> 1;

    /// <summary>Where the value of an element stands that has this word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* ValueOf(int index, ulong word) =>
        _elements + (index * _stride) + _valueOffset + ((nint)(word & 1) * _cellSize);

    /// <summary>Copies an element out.</summary>
    /// <returns>False if it was written during each try, see <see cref="RetryBudget"/>. (A live element is copied as it is.)</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(int index, out T value, out ulong word)
    {
        if ((uint)index < (uint)_inPlace)
        {
            // Few instructions, see StateMemory.TryCopyNewest.
            byte* element = _elements + (index * _stride);

            // step: table.word. Acquire: pairs with the release in Change, so that the cell holds at least this value.
            word = Volatile.Read(ref *(ulong*)element);

            // step: table.copy
            value = *(T*)(element + ((nint)(word & 1) * _cellSize) + _valueOffset);
            CrashPoint.Reach(CrashStep.TableCopied);

            // The steps of IsIntact.
            Volatile.ReadBarrier();
            if (Volatile.Read(ref *(ulong*)element) == word)
                return true;
        }

        // A local of its own: what another method is given the address of is kept in memory.
        bool read = TryReadAgain(index, out value, out ulong found);
        word = found;
        return read;
    }

    /// <summary>Whether an element has this word still, after all that was read of it until now.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsIntact(int index, ulong word)
    {
        // step: table.order. What was loaded before is loaded before the word is loaded again. Pairs with the barrier in Fill.
        Volatile.ReadBarrier();

        // step: table.check. With two cells, the one that is read may be filled as soon as the other was published.
        return Volatile.Read(ref WordOf(index)) == word;
    }

    /// <summary>Where the next value of an element is filled in. Its writer's alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Fill(int index)
    {
        // step: table.barrier. The word that was published last is stored before anything of the next value is: who sees any of that in the
        // cell that it reads sees also that this is no longer the current one. Release does not order later stores.
        Volatile.WriteBarrier();

        // step: table.fill
        return ValueOf(index, WordOf(index) ^ 1);
    }

    /// <summary>
    /// Makes what was filled in, or changed in place, the value of an element, as change number <paramref name="change"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Change(int index, ulong change)
    {
        CrashPoint.Reach(CrashStep.TableFilled);
        ref ulong word = ref WordOf(index);
        ulong cell = _isLive ? 0 : (word & 1) ^ 1;
        Padding<T>.Clear(ValueOf(index, cell));

        // step: table.publish. Release: pairs with the acquiring load in TryRead.
        Volatile.Write(ref word, (change << 1) | cell);
        CrashPoint.Reach(CrashStep.TableWord);
        int block = index;
        foreach (nint level in _levels)
        {
            // step: table.level. Before the change is announced, which is a release: who has loaded the number of a change that was
            // announced finds its blocks.
            block >>= TableShape.Bits;
            ((ulong*)level)[block] = change;
        }
    }

    /// <summary>
    /// Begins with the elements of another table, and the numbers of their changes, those included that were not announced yet. For the
    /// creator, before anybody is sent this memory: nothing that is stored here has a reader yet.
    /// </summary>
    /// <returns>The number of the last change.</returns>
    /// <exception cref="RegionInvalidException">
    /// An element of the other table cannot be had, or the number of a change is impossible.
    /// </exception>
    public ulong BeginFrom(TableMemory<T> last)
    {
        ulong newest = Volatile.Read(ref last.Changes);
        for (int i = 0; i < Shape.Count; i++)
        {
            if (!last.TryRead(i, out T value, out ulong word))
                throw new RegionInvalidException($"Somebody writes its element {i} without rest.");
            ulong change = VersionOf(word);
            byte* place = ValueOf(i, word);
            *(T*)place = value;
            Padding<T>.Clear(place);
            WordOf(i) = word;
            newest = Math.Max(newest, change);
            int block = i;
            foreach (nint level in _levels)
            {
                ref ulong number = ref ((ulong*)level)[block >>= TableShape.Bits];
                number = Math.Max(number, change);
            }
        }

        if (newest > MostChanges)
            throw new RegionInvalidException($"It states that there were {newest} changes, which is impossible.");
        Changes = newest;
        Region.GoOnFrom(last.Region, newest);
        return newest;
    }

    /// <summary>
    /// The first element, from <paramref name="index"/> on, whose version is greater than <paramref name="since"/>; the number of
    /// elements if there is none.
    /// </summary>
    public int NextChanged(int index, long since)
    {
        while (index < Shape.Count)
        {
            int unchanged = Unchanged(index, since);
            if (unchanged == 0)
                return index;
            index += unchanged;
        }

        return Shape.Count;
    }

    public void Dispose() => Region.Dispose();

    // How many elements from here on are known not to have changed.
    private int Unchanged(int index, long since)
    {
        for (int level = _levels.Length; level > 0; level--)
        {
            int size = 1 << (level * TableShape.Bits);

            // step: table.skip. Acquire: pairs with the announcement; a change that was announced has left its number here.
            if ((index & (size - 1)) == 0
                && (long)Volatile.Read(ref ((ulong*)_levels[level - 1])[index >> (level * TableShape.Bits)]) <= since)
                return size;
        }

        // step: table.version
        return (long)VersionOf(Volatile.Read(ref WordOf(index))) <= since ? 1 : 0;
    }

    // It is written just now, or by a writer whose struct is shorter; or there is no such element. See RetryBudget.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private bool TryReadAgain(int index, out T value, out ulong word)
    {
        CheckIndex(index);
        RetryBudget budget = default;
        do
        {
            word = Volatile.Read(ref WordOf(index));
            value = CopyOf(index, word);
            if (IsIntact(index, word) || _isLive)
                return true;
        }
        while (budget.TryAgain());

        value = default;
        word = 0;
        return false;
    }

    private T CopyOf(int index, ulong word) =>
        Compatibility.IsByReference ? *(T*)ValueOf(index, word) : Compatibility.Copy<T>(ValueOf(index, word));

    [DoesNotReturn]
    private void ThrowNotInPlace(int index)
    {
        CheckIndex(index);
        Compatibility.ThrowNoReference();
    }

    [DoesNotReturn]
    private void ThrowNoElement(int index) =>
        throw new ArgumentOutOfRangeException(nameof(index), index, $"The table has {Shape.Count} elements.");
}
