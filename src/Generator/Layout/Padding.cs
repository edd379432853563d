namespace TypedShm.Generator;

/// <summary>Bytes that belong to no field.</summary>
/// <param name="Offset">Where they begin.</param>
/// <param name="Length">How many they are.</param>
/// <param name="Before">The index of the field that follows, or null at the end of the struct.</param>
internal readonly record struct Gap(int Offset, int Length, int? Before);

/// <summary>The gaps that alignment leaves in a sequential layout.</summary>
internal static class Padding
{
    /// <param name="fields">The fields, in order of declaration, which is that of their offsets.</param>
    /// <param name="size">The size that alignment gives the struct.</param>
    public static List<Gap> GapsIn(IReadOnlyList<FieldSpec> fields, int size)
    {
        List<Gap> gaps = [];
        int end = 0;
        for (int i = 0; i < fields.Count; i++)
        {
            if (fields[i].Offset > end)
                gaps.Add(new Gap(end, fields[i].Offset - end, i));
            end = fields[i].End;
        }

        if (fields.Count > 0 && size > end)
            gaps.Add(new Gap(end, size - end, Before: null));
        return gaps;
    }
}
