using System.Globalization;

namespace TypedShm.Generator;

/// <summary>Values as they stand in source.</summary>
internal static class Literal
{
    public static string Of(int value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Of(ulong value) => $"0x{value.ToString("x16", CultureInfo.InvariantCulture)}UL";
}
