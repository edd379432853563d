using Apache.Arrow;
using Apache.Arrow.Types;

namespace TypedShm.Tool.Recording.Columns;

/// <summary>A nested struct.</summary>
/// <param name="fields">Its fields, and where they stand.</param>
internal sealed class StructColumn(IReadOnlyList<StructColumn.Part> fields)
    : Column(new StructType([.. fields.Select(part => part.Field)]))
{
    private int _count;

    public override long Size => fields.Sum(part => part.Column.Size);

    public override void Append(ReadOnlySpan<byte> value)
    {
        foreach (Part part in fields)
            part.Column.Append(value.Slice(part.Offset, part.Length));
        _count++;
    }

    public override ArrayData Take()
    {
        ArrayData taken = new(Type, _count, 0, 0, [ArrowBuffer.Empty], [.. fields.Select(part => part.Column.Take())], null);
        _count = 0;
        return taken;
    }

    public override void Read(ArrayData array, int row, Span<byte> value)
    {
        if (!IsPresent(array, row))
            return;
        for (int i = 0; i < fields.Count; i++)
            fields[i].Column.Read(array.Children[i], array.Offset + row, value.Slice(fields[i].Offset, fields[i].Length));
    }

    /// <param name="Field">Name and type.</param>
    /// <param name="Column">The values.</param>
    /// <param name="Offset">Where they stand in the struct.</param>
    /// <param name="Length">How many bytes they take there.</param>
    internal sealed record Part(Field Field, Column Column, int Offset, int Length);
}

/// <summary>An array whose length is part of its type, or a value of several numbers: a vector, a matrix.</summary>
/// <param name="element">The elements.</param>
/// <param name="length">How many there are.</param>
/// <param name="stride">Bytes from one to the next in memory.</param>
internal sealed class ListColumn(Column element, int length, int stride)
    : Column(new FixedSizeListType(new Field("item", element.Type, nullable: true), length))
{
    private int _count;

    public override long Size => element.Size;

    public override void Append(ReadOnlySpan<byte> value)
    {
        element.AppendAll(value[..(length * stride)], stride);
        _count++;
    }

    public override ArrayData Take()
    {
        ArrayData taken = new(Type, _count, 0, 0, [ArrowBuffer.Empty], [element.Take()], null);
        _count = 0;
        return taken;
    }

    public override void Read(ArrayData array, int row, Span<byte> value)
    {
        if (!IsPresent(array, row))
            return;
        for (int i = 0; i < length; i++)
            element.Read(array.Children[0], ((array.Offset + row) * length) + i, value.Slice(i * stride, stride));
    }
}
