using System.Runtime.CompilerServices;
using TypedShm.Interop;
using TypedShm.Memory;
using TypedShm.Rings;

namespace TypedShm.Observing;

/// <summary>
/// A broadcast, read as a reader reads it for whom nobody waits: see <see cref="RingReader{T}"/>, which argues the orders.
/// </summary>
internal sealed unsafe class ObservedRing(ObservedRegion region, LayoutDescriptor layout, bool isLossless) : ObservedMemory(
    new ObservedShape(ChannelKind.Broadcast, layout)
    {
        Count = (int)region.Header.Count,
        PayloadCapacity = region.Slot.PayloadCapacity,
        HasPublishTimes = (region.Slot.Fields & SlotFields.Time) != 0,
        IsLossless = isLossless,
    },
    region)
{
    private const int MaxTries = 64;

    public override ulong Published => Volatile.Read(ref *(ulong*)region.Control);

    public static ObservedRing Attach(SafeDescriptor file, long size, LayoutDescriptor layout, RingShape shape) => new(
        new ObservedRegion(Ring.Attach(file, size, shape, layout)),
        layout,
        shape.IsLossless);

    // Compiled at once: as it would be compiled first, a fast writer would overtake each copy.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override SharedSnapshot? ReadMessage(ref ulong position)
    {
        ulong count = (ulong)Shape.Count;
        for (int i = 0; i < MaxTries && position <= Ring.MaxCount; i++)
        {
            byte* slot = region.ElementAt(position & (count - 1));

            // Acquire: what was filled in is seen (lossy.even).
            ulong sequence = Volatile.Read(ref *(ulong*)slot);
            if (sequence < Ring.Committed(position))
                return null;
            if (sequence == Ring.Committed(position) && Copy(slot, position) is { } copy)
            {
                // What was copied was loaded before the sequence is loaded again. Pairs with lossy.barrier.
                Volatile.ReadBarrier();
                if (Volatile.Read(ref *(ulong*)slot) == sequence)
                {
                    position++;
                    return copy;
                }
            }

            // Overwritten. On at half a ring: at the oldest message it would be overtaken again at once.
            ulong tail = Math.Min(Published, Ring.MaxCount);
            ulong kept = count - (count / 2);
            position = Math.Max(position + 1, tail > kept ? tail - kept : 0);
        }

        return null;
    }

    // Null if the length of the payload is impossible: of a message that is being overwritten, or of a writer that lies.
    private SharedSnapshot? Copy(byte* slot, ulong position)
    {
        SlotLayout layout = region.Slot;
        byte[] payload = [];
        if (layout.PayloadCapacity > 0)
        {
            uint length = Volatile.Read(ref *(uint*)(slot + layout.LengthOffset));
            if (length > (uint)layout.PayloadCapacity)
                return null;
            payload = new ReadOnlySpan<byte>(slot + layout.PayloadOffset, (int)length).ToArray();
        }

        long? time = Shape.HasPublishTimes ? Volatile.Read(ref *(long*)(slot + layout.TimeOffset)) : null;
        return Snapshot(slot + layout.ValueOffset, position, time, payload: payload);
    }
}
