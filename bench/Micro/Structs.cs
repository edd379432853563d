using System.Runtime.CompilerServices;

namespace TypedShm.Micro;

[SharedLayout]
public partial struct Value64
{
    public long Number;
    public double Rpm;
    public Longs6 Rest;
}

[SharedLayout]
public partial struct Value256
{
    public Value64 A;
    public Value64 B;
    public Value64 C;
    public Value64 D;
}

[SharedLayout]
public partial struct Value4096
{
    public Longs512 Data;
}

[InlineArray(6)]
public struct Longs6
{
    private long _first;
}

[InlineArray(512)]
public struct Longs512
{
    private long _first;
}
