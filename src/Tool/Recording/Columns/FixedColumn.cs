using System.Buffers;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace TypedShm.Tool.Recording.Columns;

/// <summary>Values that have the same bytes in Arrow as in memory.</summary>
/// <param name="type">The type.</param>
/// <param name="width">Bytes of a value.</param>
internal class FixedColumn(IArrowType type, int width) : Column(type)
{
    private readonly ArrayBufferWriter<byte> _values = new();

    public sealed override long Size => _values.WrittenCount;

    public sealed override void Append(ReadOnlySpan<byte> value)
    {
        Span<byte> room = _values.GetSpan(width)[..width];
        value[..width].CopyTo(room);
        ToArrow(room);
        _values.Advance(width);
    }

    public sealed override void AppendAll(ReadOnlySpan<byte> values, int stride)
    {
        if (stride == width && !Converts)
            _values.Write(values);
        else
            base.AppendAll(values, stride);
    }

    public sealed override ArrayData Take()
    {
        ArrayData taken = new(
            Type, _values.WrittenCount / width, 0, 0, [ArrowBuffer.Empty, new ArrowBuffer(_values.WrittenSpan.ToArray())], null, null);
        _values.ResetWrittenCount();
        return taken;
    }

    public sealed override void Read(ArrayData array, int row, Span<byte> value)
    {
        if (!IsPresent(array, row))
            return;
        array.Buffers[1].Span.Slice((array.Offset + row) * width, width).CopyTo(value);
        ToMemory(value[..width]);
    }

    /// <summary>Whether the bytes differ after all.</summary>
    protected virtual bool Converts => false;

    /// <summary>Makes the bytes of a value in memory those that it has in Arrow.</summary>
    protected virtual void ToArrow(Span<byte> value)
    {
    }

    /// <summary>Undoes <see cref="ToArrow"/>.</summary>
    protected virtual void ToMemory(Span<byte> value)
    {
    }
}
