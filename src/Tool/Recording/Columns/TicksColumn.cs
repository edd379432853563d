using System.Buffers;
using System.Buffers.Binary;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace TypedShm.Tool.Recording.Columns;

/// <summary>
/// <c>timespan</c> and <c>timeonly</c>: nanoseconds there, units of 100 ns here. What has no 64 bits in nanoseconds (more than 292 years)
/// is missing.
/// </summary>
internal sealed class TicksColumn(IArrowType type) : Column(type)
{
    private readonly ArrayBufferWriter<byte> _values = new();
    private readonly Validity _validity = new();

    public override long Size => _values.WrittenCount;

    public override void Append(ReadOnlySpan<byte> value)
    {
        long ticks = BinaryPrimitives.ReadInt64LittleEndian(value);
        bool fits = Int128.Abs((Int128)ticks * TimeSpan.NanosecondsPerTick) <= long.MaxValue;
        _validity.Append(fits);
        BinaryPrimitives.WriteInt64LittleEndian(_values.GetSpan(sizeof(long)), fits ? ticks * TimeSpan.NanosecondsPerTick : 0);
        _values.Advance(sizeof(long));
    }

    public override ArrayData Take()
    {
        (int count, int missing) = (_validity.Count, _validity.Missing);
        ArrayData taken = new(Type, count, missing, 0, [_validity.Take(), new ArrowBuffer(_values.WrittenSpan.ToArray())], null, null);
        _values.ResetWrittenCount();
        return taken;
    }

    public override void Read(ArrayData array, int row, Span<byte> value)
    {
        if (!IsPresent(array, row))
            return;
        ReadOnlySpan<byte> nanoseconds = array.Buffers[1].Span[((array.Offset + row) * sizeof(long))..];
        BinaryPrimitives.WriteInt64LittleEndian(
            value, BinaryPrimitives.ReadInt64LittleEndian(nanoseconds) / TimeSpan.NanosecondsPerTick);
    }
}
