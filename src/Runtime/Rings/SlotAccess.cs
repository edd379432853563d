using System.Runtime.CompilerServices;
using TypedShm.Memory;

namespace TypedShm.Rings;

/// <summary>Where the slots of a lane or of a broadcast stand in this process, and what stands where in each of them.</summary>
/// <remarks>A field of the readers and writers: the loads are those of fields of their own.</remarks>
internal readonly unsafe struct SlotAccess<T>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly byte* _slots;
    private readonly ulong _mask;
    private readonly nint _stride;
    private readonly nint _valueOffset;

    /// <param name="region">The region, whose header was checked.</param>
    /// <param name="capacity">How many slots there are, a power of two.</param>
    public SlotAccess(SharedRegion region, ulong capacity)
    {
        _slots = (byte*)region.Address + region.Header.DataOffset;
        _mask = capacity - 1;
        _stride = (nint)region.Header.Stride;
        _valueOffset = region.Header.Slot.ValueOffset;
        Layout = region.Header.Slot;
    }

    /// <summary>What stands in a slot besides the value.</summary>
    public SlotLayout Layout { get; }

    public ulong Capacity => _mask + 1;

    /// <summary>The slot of the message at a position.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* SlotOf(ulong position) => _slots + ((nint)(position & _mask) * _stride);

    /// <summary>The number of that slot.</summary>
    public int IndexOf(ulong position) => (int)(position & _mask);

    /// <summary>The number of a slot.</summary>
    public int IndexOf(byte* slot) => (int)((slot - _slots) / _stride);

    /// <summary>The word that says which message stands in a slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref ulong SequenceOf(ulong position) => ref *(ulong*)SlotOf(position);

    /// <summary>The value in a slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T ValueIn(byte* slot) => ref *(T*)(slot + _valueOffset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T ValueOf(ulong position) => ref ValueIn(SlotOf(position));

    /// <summary>Where the payload in a slot begins.</summary>
    public byte* PayloadIn(byte* slot) => slot + Layout.PayloadOffset;

    public byte* PayloadOf(ulong position) => PayloadIn(SlotOf(position));

    /// <summary>What a reader is told who has no room for a payload.</summary>
    public ArgumentException PayloadTooLong(int length, int room) => new(
        $"The payload has {length} bytes, but there is room for {room}. The message has not been read; call again with more room, up "
            + $"to {Layout.PayloadCapacity}.");

    /// <summary>The length of a payload as the writer states it, who can change it at any time: to be loaded once.</summary>
    public uint LengthOf(ulong position) => Volatile.Read(ref *(uint*)(SlotOf(position) + Layout.LengthOffset));

    /// <summary>When a message was published, in nanoseconds of CLOCK_MONOTONIC.</summary>
    /// <exception cref="InvalidOperationException">The messages carry no times.</exception>
    public long TimeOf(ulong position) => (Layout.Fields & SlotFields.Time) != 0
        ? Volatile.Read(ref *(long*)(SlotOf(position) + Layout.TimeOffset))
        : throw new InvalidOperationException(
            "These messages carry no publish times. Create the channel with MessageOptions.PublishTimes.");

    /// <summary>The number of the call that a message belongs to. The writer can change it at any time: to be loaded once.</summary>
    public ulong CallOf(ulong position) => Volatile.Read(ref *(ulong*)(SlotOf(position) + Layout.CallOffset));

    /// <summary>How the call ended that a message answers. The writer can change it at any time: to be loaded once.</summary>
    public CallOutcome OutcomeOf(ulong position) => (CallOutcome)Volatile.Read(ref *(uint*)(SlotOf(position) + Layout.OutcomeOffset));

    /// <summary>Says which call a message belongs to and, if it is a response, how the call ended.</summary>
    public void SetCall(byte* slot, ulong call, CallOutcome outcome)
    {
        *(ulong*)(slot + Layout.CallOffset) = call;
        if ((Layout.Fields & SlotFields.Outcome) != 0)
            *(ulong*)(slot + Layout.OutcomeOffset) = (ulong)outcome;
    }
}
