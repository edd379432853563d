namespace TypedShm.Generator;

/// <summary>What a field takes part in a layout with.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="Alignment">Bytes.</param>
/// <param name="FixedOffset">The offset that the user gave, in an explicit layout.</param>
internal readonly record struct FieldExtent(long Size, int Alignment, int? FixedOffset);

/// <summary>The offsets that the runtime chooses, and the size and alignment of the whole.</summary>
internal sealed record ComputedLayout(long[] Offsets, long Size, int Alignment);

/// <summary>
/// The rules by which the 64-bit runtimes lay out a struct. The source of truth is the runtime's
/// MetadataFieldLayoutAlgorithm; a test compares this class with the running runtime over random structs.
/// </summary>
internal static class LayoutCalculator
{
    /// <param name="fields">The instance fields, in order of declaration.</param>
    /// <param name="pack">The Pack of StructLayout, or 0.</param>
    /// <param name="size">The Size of StructLayout, or 0.</param>
    public static ComputedLayout Compute(IReadOnlyList<FieldExtent> fields, int pack, int size)
    {
        long[] offsets = new long[fields.Count];
        long end = 0;
        int alignment = 1;
        for (int i = 0; i < fields.Count; i++)
        {
            // Pack only ever lowers an alignment.
            int own = pack > 0 ? Math.Min(fields[i].Alignment, pack) : fields[i].Alignment;
            offsets[i] = fields[i].FixedOffset ?? AlignUp(end, own);
            end = Math.Max(end, offsets[i] + fields[i].Size);
            alignment = Math.Max(alignment, own);
        }

        // Size only ever raises the size, and is not rounded itself. A struct without fields has one byte.
        long natural = Math.Max(1, AlignUp(end, alignment));
        return new ComputedLayout(offsets, Math.Max(natural, size), alignment);
    }

    public static long AlignUp(long value, int alignment) => (value + alignment - 1) / alignment * alignment;
}
