using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Apache.Arrow.Types;

namespace TypedShm.Tool.Recording.Columns;

/// <summary><c>dateonly</c>: days since 1970-01-01 there, since 0001-01-01 here.</summary>
internal sealed class DateColumn() : FixedColumn(Date32Type.Default, sizeof(int))
{
    private static readonly int s_epoch = DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

    protected override bool Converts => true;

    protected override void ToArrow(Span<byte> value) => Move(value, -s_epoch);

    protected override void ToMemory(Span<byte> value) => Move(value, s_epoch);

    private static void Move(Span<byte> value, int days) =>
        BinaryPrimitives.WriteInt32LittleEndian(value, unchecked(BinaryPrimitives.ReadInt32LittleEndian(value) + days));
}

/// <summary><c>guid</c>: 16 bytes in the order in which a UUID is written.</summary>
internal sealed class GuidColumn() : FixedColumn(new FixedSizeBinaryType(Length), Length)
{
    private const int Length = 16;

    protected override bool Converts => true;

    protected override void ToArrow(Span<byte> value) => MemoryMarshal.Read<Guid>(value).TryWriteBytes(value, bigEndian: true, out _);

    protected override void ToMemory(Span<byte> value) => MemoryMarshal.Write(value, new Guid(value, bigEndian: true));
}
