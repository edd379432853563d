namespace TypedShm.Pairs;

/// <summary>56 bytes: with its slot's sequence one cache line.</summary>
[SharedLayout]
internal partial struct Message
{
    public long Number;
    public long A;
    public long B;
    public long C;
    public long D;
    public long E;
    public long F;
}

/// <summary>64 bytes, first and last of which must agree.</summary>
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
