using TypedShm.HostilePeer.Raw;

namespace TypedShm.HostilePeer.Attacks;

/// <summary>A number in the header of a region that cannot be right.</summary>
/// <param name="Field">The field.</param>
/// <param name="Offset">Where it stands.</param>
/// <param name="Size">Its size.</param>
/// <param name="Value">What stands there.</param>
internal sealed record Lie(string Field, int Offset, int Size, ulong Value)
{
    private const ulong Far = 0x7FFFFFFFFFFFF000;

    /// <summary>Every field of the header that a receiver has to check, with values of every kind that it must refuse.</summary>
    public static List<Lie> For(RawShape shape)
    {
        ulong size = (ulong)RawRegion.SizeOf(shape);
        List<Lie> lies = [];
        Add("magic", 0, 8, 0, 0x6D68536465707955, ulong.MaxValue);
        Add("major", 8, 2, 0, 2, 0xFFFF);
        Add("kind", 12, 2, 0, (ulong)(shape.Kind % 8) + 1, 0xFFFF);
        Add("region size", 16, 8, 0, size - 1, size + 4096, 1UL << 40, 1UL << 63, ulong.MaxValue);
        Add("fingerprint", 24, 8, (shape.Layout?.Fingerprint ?? 0) ^ 1, ulong.MaxValue);
        Add("control offset", 48, 8, 0, 64, 129, size, Far, 1UL << 63, ulong.MaxValue - 127);
        Add("control length", 56, 8, 0, (ulong)Needed(shape) - 1, size, long.MaxValue, ulong.MaxValue);
        Add("count", 80, 8, (ulong)shape.Count + 1, (ulong)shape.Count << 1 | 1, long.MaxValue, ulong.MaxValue);
        Add("value size", 88, 4, (ulong)((shape.Layout?.Size ?? 0) ^ 8), 0x80000000);
        Add("value alignment", 92, 4, (ulong)((shape.Layout?.Alignment ?? 0) ^ 16), 0xFFFFFFFF);
        if (shape.Layout is not null)
        {
            Add("layout offset", 40, 4, 0, 64, 129, size, 0x7FFFFFFF, 0xFFFFFFFF);
            Add("layout length", 44, 4, 0, 1, size, 0x7FFFFFFF, 0x80000000);
        }

        if (shape.Count > 0)
        {
            Add("data offset", 64, 8, 0, 4104, size, Far, Far | (1UL << 63), ulong.MaxValue);
            ulong far = (ulong)RawRegion.UpToPage(shape.Stride) * 2;
            Add("stride", 72, 8, 0, (ulong)shape.Layout!.Size - 1, far, long.MaxValue, ulong.MaxValue);
        }

        if (shape.Marks != 0)
        {
            Add("slot marks", 96, 4, 0, shape.Marks ^ 2, shape.Marks ^ 4, 0xFFFFFFFF);
            Add("value offset", 100, 4, 0, (ulong)shape.ValueOffset + 8, 0x80000000);
            Add("payload offset", 104, 4, (ulong)shape.PayloadOffset + 16, 0x7FFFFFFF);
            Add("payload capacity", 108, 4, (ulong)shape.PayloadCapacity + 1, 0x7FFFFFFF, 0xFFFFFFFF);
        }

        return lies;

        void Add(string field, int offset, int length, params ReadOnlySpan<ulong> values)
        {
            foreach (ulong value in values)
                lies.Add(new Lie(field, offset, length, value));
        }
    }

    // By kind: up to its last word.
    private static int Needed(RawShape shape) => shape.Kind switch
    {
        RawShape.ControlKind => 768,
        RawShape.QueueKind or RawShape.CallKind => 260 + 1024,
        RawShape.BroadcastKind => 388 + 1024,
        RawShape.TableKind => shape.ControlLength,
        _ => 8,
    };
}
