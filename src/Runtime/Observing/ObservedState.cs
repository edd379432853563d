using System.Runtime.CompilerServices;
using TypedShm.Interop;
using TypedShm.Memory;
using TypedShm.Rings;

namespace TypedShm.Observing;

/// <summary>A state, read as any reader reads it: see <see cref="StateMemory{T}"/>, which argues the orders.</summary>
internal sealed unsafe class ObservedState(ObservedRegion region, LayoutDescriptor layout) : ObservedMemory(
    new ObservedShape(ChannelKind.State, layout) { HasPublishTimes = (region.Slot.Fields & SlotFields.Time) != 0 }, region)
{
    public override ulong Published => Volatile.Read(ref *(ulong*)region.Control);

    public static ObservedState Attach(SafeDescriptor file, long size, LayoutDescriptor layout, bool times) =>
        new(new ObservedRegion(StateCells.Attach(file, size, layout, times)), layout);

    // Compiled at once, see RetryBudget.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override SharedSnapshot? Read(int element)
    {
        RetryBudget budget = default;
        do
        {
            // Acquire, both: the cell holds this value or a later one (state.publish), and all of it (state.even).
            ulong newest = Published;
            byte* cell = region.ElementAt(newest % (ulong)region.Header.Count);
            ulong sequence = Volatile.Read(ref *(ulong*)cell);
            ulong version = sequence >> 1;
            if ((sequence & 1) != 0 || version < newest)
                continue;

            long? time = Shape.HasPublishTimes && version != 0 ? *(long*)(cell + region.Slot.TimeOffset) : null;
            SharedSnapshot copy = Snapshot(cell + region.Slot.ValueOffset, version, time);

            // What was copied was loaded before the sequence is loaded again. Pairs with state.barrier.
            Volatile.ReadBarrier();
            if (Volatile.Read(ref *(ulong*)cell) == sequence && (version == newest || Published >= version))
                return copy;
        }
        while (budget.TryAgain());
        return null;
    }
}
