namespace TypedShm.Interop;

/// <summary>FNV-1a, 64 bits: for what is no secret. The hashes of .NET's cryptography want OpenSSL, which not every machine has.</summary>
internal static class Fnv
{
    private const ulong OffsetBasis = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    public static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        ulong hash = OffsetBasis;
        foreach (byte b in bytes)
            hash = unchecked((hash ^ b) * Prime);
        return hash;
    }
}
