namespace TypedShm.Memory;

/// <summary>Rounding of sizes, offsets and addresses.</summary>
internal static class Align
{
    /// <summary>The next multiple of <paramref name="alignment"/>, a power of two, that is not below <paramref name="value"/>.</summary>
    /// <exception cref="OverflowException">It is beyond 63 bits.</exception>
    public static long Up(long value, long alignment) => checked(value + alignment - 1) & -alignment;

    /// <summary>The last multiple of <paramref name="alignment"/>, a power of two, that is not above <paramref name="value"/>.</summary>
    public static long Down(long value, long alignment) => value & -alignment;

    /// <summary>The next multiple of the size of a page that is not below <paramref name="value"/>.</summary>
    /// <exception cref="OverflowException">It is beyond 63 bits.</exception>
    public static long UpToPage(long value) => Up(value, Environment.SystemPageSize);
}
