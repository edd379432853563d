using System.Runtime.CompilerServices;
using TypedShm.Interop;
using TypedShm.Memory;
using TypedShm.Rings;

namespace TypedShm.Observing;

/// <summary>A table, read as any reader reads it: see <see cref="TableMemory{T}"/>, which argues the orders.</summary>
internal sealed unsafe class ObservedTable(ObservedRegion region, LayoutDescriptor layout, bool isLive) : ObservedMemory(
    new ObservedShape(ChannelKind.Table, layout) { Count = (int)region.Header.Count, IsLive = isLive }, region)
{
    private readonly nint _secondCell = (nint)TableShape.CellSize(layout.Size, layout.Alignment);

    public override ulong Published => Volatile.Read(ref *(ulong*)region.Control);

    public static ObservedTable Attach(SafeDescriptor file, long size, LayoutDescriptor layout, TableShape shape) => new(
        new ObservedRegion(shape.Attach(file, size, layout)),
        layout,
        shape.IsLive);

    // Compiled at once, see RetryBudget.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override SharedSnapshot? Read(int element)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(element);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(element, Shape.Count);
        byte* start = region.ElementAt((ulong)element);
        RetryBudget budget = default;
        do
        {
            // Acquire: the cell that it names holds this value (table.publish).
            ulong word = Volatile.Read(ref *(ulong*)start);
            byte* value = start + region.Slot.ValueOffset + (isLive || (word & 1) == 0 ? 0 : _secondCell);
            SharedSnapshot copy = Snapshot(value, word >> 1, publishedAt: null, element);

            // What was copied was loaded before the word is loaded again. Pairs with table.barrier.
            Volatile.ReadBarrier();
            if (isLive || Volatile.Read(ref *(ulong*)start) == word)
                return copy;
        }
        while (budget.TryAgain());
        return null;
    }
}
