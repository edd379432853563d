namespace TypedShm.ParkedReaders;

/// <summary>What the peer has to say.</summary>
[SharedLayout]
internal partial struct Message
{
    public long Number;
}

/// <summary>64 bytes, as a value that many wait for.</summary>
[SharedLayout]
internal partial struct Value
{
    public long First;
    public long A;
    public long B;
    public long C;
    public long D;
    public long E;
    public long F;
    public long Last;
}
