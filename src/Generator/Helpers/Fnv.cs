using System.Globalization;
using System.Text;

namespace TypedShm.Generator;

/// <summary>FNV-1a, 64 bits.</summary>
internal static class Fnv
{
    public static ulong Hash(string text)
    {
        ulong hash = 14695981039346656037;
        foreach (byte b in Encoding.UTF8.GetBytes(text))
            hash = unchecked((hash ^ b) * 1099511628211);
        return hash;
    }

    /// <summary>Eight hexadecimal digits, to tell names apart.</summary>
    public static string ShortHash(string text)
    {
        ulong hash = Hash(text);
        return unchecked((uint)(hash ^ (hash >> 32))).ToString("x8", CultureInfo.InvariantCulture);
    }
}
