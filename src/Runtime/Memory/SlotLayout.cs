using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TypedShm.Memory;

/// <summary>What stands at the start of a slot or cell, 8 bytes each, in this order. The numbers are part of the format.</summary>
[Flags]
internal enum SlotFields
{
    None = 0,

    /// <summary>The sequence (u64).</summary>
    Sequence = 1,

    /// <summary>The publish time (i64, nanoseconds of CLOCK_MONOTONIC).</summary>
    Time = 2,

    /// <summary>The length of the payload (u32; the other 4 bytes are 0).</summary>
    Length = 4,

    /// <summary>The number of the call that a request begins or a response ends (u64).</summary>
    Call = 8,

    /// <summary>How the call ended (u32; the other 4 bytes are 0).</summary>
    Outcome = 16,
}

/// <summary>What stands where in a slot or cell. Part of the header of a region, see <c>docs/format.md</c>.</summary>
/// <param name="Fields">What there is besides the value.</param>
/// <param name="ValueOffset">Where the value stands.</param>
/// <param name="PayloadOffset">Where the payload stands; 0 if there is none.</param>
/// <param name="PayloadCapacity">The most bytes of payload.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct SlotLayout(SlotFields Fields, int ValueOffset, int PayloadOffset, int PayloadCapacity)
{
    private const int Line = 64;
    private const int FieldSize = 8;

    /// <summary>Where the publish time stands, if there is one.</summary>
    public int TimeOffset => (Fields & SlotFields.Sequence) != 0 ? FieldSize : 0;

    /// <summary>Where the length of the payload stands, if there is one.</summary>
    public int LengthOffset => TimeOffset + ((Fields & SlotFields.Time) != 0 ? FieldSize : 0);

    /// <summary>Where the number of the call stands, if there is one.</summary>
    public int CallOffset => LengthOffset + ((Fields & SlotFields.Length) != 0 ? FieldSize : 0);

    /// <summary>Where the outcome of the call stands, if there is one.</summary>
    public int OutcomeOffset => CallOffset + ((Fields & SlotFields.Call) != 0 ? FieldSize : 0);

    /// <summary>Bytes of the pages that hold all that stands before the payload; of a sparse region those are always allocated.</summary>
    public int HeadLength => (int)Align.Up(PayloadOffset, Environment.SystemPageSize);

    /// <summary>Where a value stands behind fields; a constant to the JIT, if they are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long ValueOffsetBehind(SlotFields fields, int alignment) => Align.Up(FieldSize * int.PopCount((int)fields), alignment);

    /// <summary>Lays a slot or cell out, and finds the distance from one to the next.</summary>
    /// <param name="fields">What there is besides value and payload; the length comes with the payload.</param>
    /// <param name="size">The size of the value.</param>
    /// <param name="alignment">Its alignment.</param>
    /// <param name="payloadCapacity">The most bytes of payload; 0 for none.</param>
    /// <param name="payloadAlignment">Its alignment, a power of two.</param>
    /// <param name="wholePages">Whether no two slots may share a page.</param>
    public static (SlotLayout Layout, long Stride) Of(
        SlotFields fields, int size, int alignment, int payloadCapacity, int payloadAlignment, bool wholePages = false)
    {
        if (payloadCapacity > 0)
            fields |= SlotFields.Length;
        long value = ValueOffsetBehind(fields, alignment);
        long payload = payloadCapacity > 0 ? Align.Up(value + size, payloadAlignment) : 0;
        long end = payloadCapacity > 0 ? payload + payloadCapacity : value + size;

        // Small slots share a line, large ones begin on one of their own.
        long unit = Math.Max(Math.Max(FieldSize, alignment), payloadCapacity > 0 ? payloadAlignment : 1);
        unit = end <= Line ? unit : Math.Max(unit, Line);
        long stride = Align.Up(end, unit);

        // A stride of whole pages puts all sequences into one set of the cache. Whoever asks for payloads on pages of their own, or for
        // slots, has chosen that.
        if (wholePages)
            stride = Align.Up(end, Environment.SystemPageSize);
        else if (stride % Environment.SystemPageSize == 0 && unit < Environment.SystemPageSize)
            stride += unit;
        return (new SlotLayout(fields, (int)value, checked((int)payload), payloadCapacity), stride);
    }
}
