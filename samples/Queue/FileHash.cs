using System.Runtime.CompilerServices;
using TypedShm;

namespace Hashing;

/// <summary>What a producer found out about one file. The path, which has no fixed length, is the payload of the message.</summary>
[SharedLayout]
public partial struct FileHash
{
    /// <summary>How many messages the producer wrote before this one.</summary>
    public long Number;
    public long Length;
    public Sha256 Hash;
}

/// <summary>32 bytes.</summary>
[InlineArray(32)]
public struct Sha256
{
    private byte _first;
}
