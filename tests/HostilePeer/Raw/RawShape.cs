namespace TypedShm.HostilePeer.Raw;

/// <summary>What a region holds besides its header, by <c>docs/format.md</c>.</summary>
/// <param name="Kind">The kind of region.</param>
/// <param name="Layout">Of the struct in it; null for none.</param>
/// <param name="ControlLength">Bytes of control words.</param>
/// <param name="Count">Elements of data.</param>
/// <param name="Stride">Bytes from one to the next.</param>
/// <param name="Marks">What stands in a slot before the value.</param>
/// <param name="ValueOffset">Where the value stands in a slot.</param>
/// <param name="PayloadOffset">Where the payload does.</param>
/// <param name="PayloadCapacity">The most bytes of it.</param>
internal sealed record RawShape(
    ushort Kind, RawLayout? Layout, int ControlLength, long Count, long Stride, uint Marks, int ValueOffset, int PayloadOffset,
    int PayloadCapacity)
{
    public const ushort ControlKind = 1;
    public const ushort StructKind = 2;
    public const ushort DescriptionKind = 3;
    public const ushort StateKind = 4;
    public const ushort TableKind = 5;
    public const ushort QueueKind = 6;
    public const ushort BroadcastKind = 7;
    public const ushort CallKind = 8;

    private const uint Sequence = 1;
    private const uint Time = 2;
    private const uint Length = 4;
    private const uint Call = 8;
    private const uint Outcome = 16;

    /// <summary>The offset of the length of the payload in a slot.</summary>
    public int LengthOffset => 8 * (1 + (int)((Marks >> 1) & 1));

    /// <summary>The offset of the number of the call in a slot.</summary>
    public int CallOffset => LengthOffset + (8 * (int)((Marks >> 2) & 1));

    public static RawShape Control() => new(ControlKind, null, 768, 0, 0, 0, 0, 0, 0);

    public static RawShape Struct(RawLayout layout) => new(StructKind, layout, 128, 1, Up(layout.Size, 8), 0, 0, 0, 0);

    public static RawShape Description(RawLayout layout) => new(DescriptionKind, layout, 128, 0, 0, 0, 0, 0, 0);

    public static RawShape State(RawLayout layout, bool times)
    {
        RawShape cells = Slots(StateKind, layout, 128, layout.Size <= 4096 ? 16 : 4, times ? Time : 0, 0, 1);
        return cells with { Stride = Up(cells.Stride, 64) };
    }

    public static RawShape Table(RawLayout layout, int count, bool isLive)
    {
        int cell = (int)Up(layout.Size, layout.Alignment);
        RawShape one = Slots(TableKind, layout, LevelsOf(count), count, 0, 0, 1);
        return isLive ? one : one with { Stride = StrideOf(8, layout, cell + layout.Size, 0, 1).Stride };
    }

    /// <summary>The lane of a queue, by the parameters of the Welcome.</summary>
    public static RawShape Lane(RawLayout layout, ReadOnlySpan<long> parameters) =>
        Slots(QueueKind, layout, 260 + 1024, parameters[0], TimeOf(parameters), (int)parameters[1], (int)parameters[2]);

    public static RawShape Broadcast(RawLayout layout, ReadOnlySpan<long> parameters) =>
        Slots(BroadcastKind, layout, 388 + 1024, parameters[0], TimeOf(parameters), (int)parameters[1], (int)parameters[2]);

    public static RawShape Requests(RawLayout layout, ReadOnlySpan<long> parameters) =>
        Slots(CallKind, layout, 260 + 1024, parameters[0], TimeOf(parameters) | Call, (int)parameters[1], (int)parameters[2]);

    public static RawShape Responses(RawLayout layout, ReadOnlySpan<long> parameters) => Slots(
        CallKind, layout, 260 + 1024, parameters[0], TimeOf(parameters) | Call | Outcome, (int)Math.Max(parameters[1], parameters[4]),
        (int)parameters[2]);

    // The words of the blocks stand behind the number of changes, each level at the next multiple of 128.
    private static int LevelsOf(int count)
    {
        int length = 128;
        for (int end = length; count > 64; end = (int)Up(length, 128))
        {
            count = (count + 63) / 64;
            length = end + (8 * count);
        }

        return length;
    }

    private static uint TimeOf(ReadOnlySpan<long> parameters) => (parameters[3] & 1) != 0 ? Time : 0;

    private static RawShape Slots(
        ushort kind, RawLayout layout, int controlLength, long count, uint marks, int payloadCapacity, int payloadAlignment)
    {
        marks |= Sequence | (payloadCapacity > 0 ? Length : 0);
        int fields = 8 * int.PopCount((int)marks);
        (long stride, int value, int payload) = StrideOf(fields, layout, layout.Size, payloadCapacity, payloadAlignment);
        return new RawShape(kind, layout, controlLength, count, stride, marks, value, payload, payloadCapacity);
    }

    private static (long Stride, int Value, int Payload) StrideOf(
        int fields, RawLayout layout, int size, int payloadCapacity, int payloadAlignment)
    {
        long value = Up(fields, layout.Alignment);
        long payload = payloadCapacity > 0 ? Up(value + size, payloadAlignment) : 0;
        long end = payloadCapacity > 0 ? payload + payloadCapacity : value + size;
        long unit = Math.Max(Math.Max(8, layout.Alignment), payloadCapacity > 0 ? payloadAlignment : 1);
        unit = end <= 64 ? unit : Math.Max(unit, 64);
        long stride = Up(end, unit);
        if (stride % Sys.PageSize == 0 && unit < Sys.PageSize)
            stride += unit;
        return (stride, (int)value, (int)payload);
    }

    private static long Up(long value, long alignment) => (value + alignment - 1) / alignment * alignment;
}
