using Apache.Arrow;
using Apache.Arrow.Types;

namespace TypedShm.Tool.Recording.Columns;

/// <summary>
/// A column of a recording, or a part of one: makes Arrow's arrays of values as they stand in the memory of a struct, and back.
/// </summary>
/// <param name="type">Its type in Arrow.</param>
internal abstract class Column(IArrowType type)
{
    public IArrowType Type => type;

    /// <summary>Bytes that what was appended takes.</summary>
    public abstract long Size { get; }

    public abstract void Append(ReadOnlySpan<byte> value);

    /// <summary>Appends values that stand one after the other.</summary>
    public virtual void AppendAll(ReadOnlySpan<byte> values, int stride)
    {
        for (int at = 0; at < values.Length; at += stride)
            Append(values.Slice(at, stride));
    }

    /// <summary>Hands over what was appended, and begins anew.</summary>
    public abstract ArrayData Take();

    /// <summary>Writes a value of an array of this type as it stands in memory. A missing value leaves zeros.</summary>
    /// <param name="array">The array.</param>
    /// <param name="row">The number of the value in it.</param>
    /// <param name="value">Where to; zeros so far.</param>
    public abstract void Read(ArrayData array, int row, Span<byte> value);

    /// <summary>Whether a value of an array is there.</summary>
    protected static bool IsPresent(ArrayData array, int row) =>
        array.Buffers[0].IsEmpty || BitUtility.GetBit(array.Buffers[0].Span, array.Offset + row);
}
