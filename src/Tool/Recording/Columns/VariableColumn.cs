using System.Buffers;
using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace TypedShm.Tool.Recording.Columns;

/// <summary>Values of any length.</summary>
/// <param name="type">The type: text or binary.</param>
internal class VariableColumn(IArrowType type) : Column(type)
{
    private readonly ArrayBufferWriter<byte> _values = new();
    private readonly ArrayBufferWriter<int> _ends = new();
    private readonly Validity _validity = new();

    public sealed override long Size => _values.WrittenCount + ((long)_ends.WrittenCount * sizeof(int));

    public override void Append(ReadOnlySpan<byte> value) => Add(value);

    public sealed override ArrayData Take()
    {
        (int count, int missing) = (_validity.Count, _validity.Missing);
        int[] offsets = [0, .. _ends.WrittenSpan];
        ArrayData taken = new(
            Type, count, missing, 0,
            [
                _validity.Take(), new ArrowBuffer(MemoryMarshal.AsBytes(offsets.AsSpan()).ToArray()),
                new ArrowBuffer(_values.WrittenSpan.ToArray()),
            ],
            null, null);
        _values.ResetWrittenCount();
        _ends.ResetWrittenCount();
        return taken;
    }

    public override void Read(ArrayData array, int row, Span<byte> value) => ValueOf(array, row).CopyTo(value);

    /// <summary>A value; empty if it is missing.</summary>
    public static ReadOnlySpan<byte> ValueOf(ArrayData array, int row)
    {
        if (!IsPresent(array, row))
            return default;
        ReadOnlySpan<int> offsets = MemoryMarshal.Cast<byte, int>(array.Buffers[1].Span);
        int at = array.Offset + row;
        return array.Buffers[2].Span[offsets[at]..offsets[at + 1]];
    }

    protected void Add(ReadOnlySpan<byte> value)
    {
        _values.Write(value);
        End(isPresent: true);
    }

    protected void AddMissing() => End(isPresent: false);

    private void End(bool isPresent)
    {
        _validity.Append(isPresent);
        _ends.Write([_values.WrittenCount]);
    }
}
