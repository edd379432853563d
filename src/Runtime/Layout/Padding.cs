using System.Runtime.CompilerServices;

namespace TypedShm.Layout;

/// <summary>
/// The bytes of a struct that belong to no field. A copy of a struct carries along whatever lay there before, for
/// instance on the stack; a peer must not get to see that.
/// </summary>
internal static unsafe class Padding<T>
    where T : unmanaged, ISharedLayout<T>
{
    // Constants to the JIT once the method that looks at them is optimized.
    private static readonly bool s_exists;
    private static readonly (int Offset, int Length)[] s_gaps;

    static Padding()
    {
        s_gaps = Find(LayoutDescriptor.Of<T>());
        s_exists = s_gaps.Length > 0;
    }

    /// <summary>Whether there is any.</summary>
    public static bool Exists => s_exists;

    /// <summary>Zeroes the padding of a struct in shared memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Clear(byte* value)
    {
        if (s_exists)
            ClearGaps(value);
    }

    private static void ClearGaps(byte* value)
    {
        foreach ((int offset, int length) in s_gaps)
            Unsafe.InitBlockUnaligned(value + offset, 0, (uint)length);
    }

    private static (int Offset, int Length)[] Find(LayoutDescriptor layout)
    {
        bool[] used = new bool[layout.Size];
        foreach (LayoutField field in layout.Fields)
            Mark(field, 0, used);

        List<(int Offset, int Length)> gaps = [];
        for (int i = 0; i < used.Length; i++)
        {
            if (used[i])
                continue;
            if (gaps.Count > 0 && gaps[^1].Offset + gaps[^1].Length == i)
                gaps[^1] = (gaps[^1].Offset, gaps[^1].Length + 1);
            else
                gaps.Add((i, 1));
        }

        return [.. gaps];
    }

    private static void Mark(LayoutField field, int start, bool[] used)
    {
        for (int i = 0; i < (field.Length ?? 1); i++)
        {
            int at = start + field.Offset + (i * field.Size);
            if (field.Fields.Count == 0)
                used.AsSpan(at, field.Size).Fill(true);
            foreach (LayoutField inner in field.Fields)
                Mark(inner, at, used);
        }
    }
}
