using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TypedShm.Layout;
using TypedShm.Memory;

namespace TypedShm.Rings;

/// <summary>Where the slots of a lane or of a broadcast stand in this process, and what stands where in each of them.</summary>
/// <remarks>A field of the readers and writers: the loads are those of fields of their own.</remarks>
internal readonly unsafe struct SlotAccess<T>
    where T : unmanaged, ISharedLayout<T>
{
    // Public for the hot paths, see ExclusiveUse.
    public readonly byte* First;
    public readonly ulong Mask;
    public readonly nint Stride;
    public readonly nint ValueOffset;

    // Those of the layout, which works them out each time.
    private readonly nint _timeOffset;
    private readonly nint _lengthOffset;
    private readonly nint _callOffset;
    private readonly nint _outcomeOffset;

    /// <param name="region">The region, whose header was checked.</param>
    /// <param name="capacity">How many slots there are, a power of two.</param>
    public SlotAccess(SharedRegion region, ulong capacity)
    {
        First = (byte*)region.Address + region.Header.DataOffset;
        Mask = capacity - 1;
        Stride = (nint)region.Header.Stride;
        ValueOffset = region.Header.Slot.ValueOffset;
        Layout = region.Header.Slot;
        _timeOffset = Layout.TimeOffset;
        _lengthOffset = Layout.LengthOffset;
        _callOffset = Layout.CallOffset;
        _outcomeOffset = Layout.OutcomeOffset;
    }

    private SlotAccess(byte* only)
    {
        First = only;
        Layout = new SlotLayout(SlotFields.Sequence, 0, 0, 0);
    }

    /// <summary>One slot, in which there is never a message.</summary>
    public static SlotAccess<T> OfNothing => new((byte*)NativeMemory.AllocZeroed((nuint)sizeof(ulong)));

    /// <summary>What stands in a slot besides the value.</summary>
    public SlotLayout Layout { get; }

    public ulong Capacity => Mask + 1;

    /// <summary>The slot of the message at a position.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* SlotOf(ulong position) => First + ((nint)(position & Mask) * Stride);

    /// <summary>The number of that slot.</summary>
    public int IndexOf(ulong position) => (int)(position & Mask);

    /// <summary>The number of a slot.</summary>
    public int IndexOf(byte* slot) => (int)((slot - First) / Stride);

    /// <summary>The word that says which message stands in a slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref ulong SequenceOf(ulong position) => ref *(ulong*)SlotOf(position);

    /// <summary>Copies the value of a message, by a writer whose struct may be shorter, to where it is wanted, in one step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Copy(ulong position, LayoutCompatibility writers, out T value)
    {
        ref T inSlot = ref ValueIn(SlotOf(position));
        if (writers.IsByReference)
            value = inSlot;
        else
            value = writers.Copy<T>((byte*)Unsafe.AsPointer(ref inSlot));
    }

    /// <summary>The value in a slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T ValueIn(byte* slot) => ref *(T*)(slot + ValueOffset);

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
    public uint LengthOf(ulong position) => Volatile.Read(ref *(uint*)(SlotOf(position) + _lengthOffset));

    /// <summary>When a message was published, in nanoseconds of CLOCK_MONOTONIC.</summary>
    /// <exception cref="InvalidOperationException">The messages carry no times.</exception>
    public long TimeOf(ulong position) => (Layout.Fields & SlotFields.Time) != 0
        ? Volatile.Read(ref *(long*)(SlotOf(position) + _timeOffset))
        : throw new InvalidOperationException(
            "These messages carry no publish times. Create the channel with MessageOptions.PublishTimes.");

    /// <summary>The number of the call that a message belongs to. The writer can change it at any time: to be loaded once.</summary>
    public ulong CallOf(ulong position) => Volatile.Read(ref *(ulong*)(SlotOf(position) + _callOffset));

    /// <summary>How the call ended that a message answers. The writer can change it at any time: to be loaded once.</summary>
    public CallOutcome OutcomeOf(ulong position) => (CallOutcome)Volatile.Read(ref *(uint*)(SlotOf(position) + _outcomeOffset));

    /// <summary>Says which call a message belongs to and, if it is a response, how the call ended.</summary>
    public void SetCall(byte* slot, ulong call, CallOutcome outcome)
    {
        *(ulong*)(slot + _callOffset) = call;
        if ((Layout.Fields & SlotFields.Outcome) != 0)
            *(ulong*)(slot + _outcomeOffset) = (ulong)outcome;
    }

    /// <summary>States the length of a payload.</summary>
    public void SetLength(byte* slot, int length) => *(ulong*)(slot + _lengthOffset) = (uint)length;

    /// <summary>Says when a message is published, in nanoseconds of CLOCK_MONOTONIC.</summary>
    public void SetTime(byte* slot, long time) => *(long*)(slot + _timeOffset) = time;
}

/// <summary>A slot that holds nothing but sequence and value: where the value stands is known when the code is compiled.</summary>
internal static class PlainSlot<T>
    where T : unmanaged, ISharedLayout<T>
{
    public static nint ValueOffset
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nint)SlotLayout.ValueOffsetBehind(SlotFields.Sequence, T.Alignment);
    }
}
