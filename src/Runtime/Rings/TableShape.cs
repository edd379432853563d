using TypedShm.Interop;
using TypedShm.Memory;

namespace TypedShm.Rings;

/// <summary>What both ends of a table must know: travels in the Welcome.</summary>
internal readonly record struct TableShape(int Count, bool IsLive)
{
    public const int MaxCount = 1 << 24;

    /// <summary>Of a number of an element, within its block.</summary>
    public const int Bits = 6;

    private const int Block = 1 << Bits;

    /// <summary>As parameters of a Welcome.</summary>
    public long[] ToParameters() => [Count, IsLive ? 1 : 0];

    /// <summary>From parameters of a Welcome, which are not trusted.</summary>
    /// <exception cref="ProtocolException">They are impossible.</exception>
    public static TableShape FromParameters(long[] parameters) => parameters is [>= 1 and <= MaxCount, 0 or 1, ..]
        ? new TableShape((int)parameters[0], parameters[1] == 1)
        : throw new ProtocolException($"The peer sent the parameters [{string.Join(", ", parameters)}], which describe no table.");

    /// <summary>Bytes from the first cell of an element to the second.</summary>
    public static long CellSize(int size, int alignment) => Align.Up(size, alignment);

    /// <summary>Bytes of control words: the number of changes and all levels.</summary>
    public int ControlLength => Levels() is [.., var (offset, length)] ? offset + (length * sizeof(ulong)) : ControlWords.Spacing;

    /// <summary>
    /// The levels of blocks, the smallest first: where their words stand, and how many there are. The largest level has at most 64.
    /// </summary>
    public List<(int Offset, int Length)> Levels()
    {
        List<(int Offset, int Length)> levels = [];
        int offset = ControlWords.Spacing;
        int count = Count;
        while (count > Block)
        {
            count = (count + Block - 1) >> Bits;
            levels.Add((offset, count));
            offset = (int)Align.Up(offset + (count * sizeof(ulong)), ControlWords.Spacing);
        }

        return levels;
    }

    /// <summary>Maps the region of a table whose writer has this layout, of which nothing is known.</summary>
    /// <exception cref="ProtocolException">No table has so large elements.</exception>
    public SharedRegion Attach(SafeDescriptor file, long size, LayoutDescriptor layout)
    {
        if (2 * CellSize(layout.Size, layout.Alignment) > int.MaxValue)
        {
            DescriptorReaper.Close(file);
            throw new ProtocolException($"The peer has a table of '{layout.Name}', which has {layout.Size} bytes: more than an element "
                + "can have.");
        }

        return SharedRegion.Attach(file, "the table", RegionKind.Table, size, layout, ControlLength, Count,
            Layout(layout.Size, layout.Alignment));
    }

    /// <summary>The elements of a table of structs of that size and alignment, each with one cell or two.</summary>
    public (SlotLayout Layout, long Stride) Layout(int size, int alignment)
    {
        SlotLayout one = SlotLayout.Of(SlotFields.Sequence, size, alignment, 0, 1).Layout;
        int cells = IsLive ? size : checked((int)CellSize(size, alignment) + size);
        return (one, SlotLayout.Of(SlotFields.Sequence, cells, alignment, 0, 1).Stride);
    }
}
