using Apache.Arrow;

namespace TypedShm.Tool.Recording.Columns;

/// <summary>Which values of a column are there.</summary>
internal sealed class Validity
{
    private ArrowBuffer.BitmapBuilder _present = new();

    public int Count => _present.Length;

    public int Missing => _present.UnsetBitCount;

    public void Append(bool isPresent) => _present.Append(isPresent);

    /// <summary>The bits; none if all values are there.</summary>
    public ArrowBuffer Take()
    {
        ArrowBuffer taken = Missing == 0 ? ArrowBuffer.Empty : _present.Build();
        _present = new ArrowBuffer.BitmapBuilder();
        return taken;
    }
}
