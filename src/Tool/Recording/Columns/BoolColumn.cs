using Apache.Arrow;
using Apache.Arrow.Types;

namespace TypedShm.Tool.Recording.Columns;

/// <summary><c>bool</c>: bits there; here a byte, of which everything but 0 is true.</summary>
internal sealed class BoolColumn() : Column(BooleanType.Default)
{
    private ArrowBuffer.BitmapBuilder _values = new();

    public override long Size => _values.Length / 8;

    public override void Append(ReadOnlySpan<byte> value) => _values.Append(value[0] != 0);

    public override ArrayData Take()
    {
        ArrayData taken = new(Type, _values.Length, 0, 0, [ArrowBuffer.Empty, _values.Build()], null, null);
        _values = new ArrowBuffer.BitmapBuilder();
        return taken;
    }

    public override void Read(ArrayData array, int row, Span<byte> value) =>
        value[0] = IsPresent(array, row) && BitUtility.GetBit(array.Buffers[1].Span, array.Offset + row) ? (byte)1 : (byte)0;
}
