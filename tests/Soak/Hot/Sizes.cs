using System.Runtime.CompilerServices;

namespace TypedShm.Soak.Hot;

/// <summary>A value of some size that holds a number in its first word and in its last.</summary>
internal interface ISized<T>
    where T : unmanaged
{
    static abstract void Set(ref T value, long number);

    static abstract bool IsWhole(in T value);
}

[SharedLayout]
internal partial struct Bytes8 : ISized<Bytes8>
{
    public long First;

    public static void Set(ref Bytes8 value, long number) => value.First = number;

    public static bool IsWhole(in Bytes8 value) => true;
}

[SharedLayout]
internal partial struct Bytes64 : ISized<Bytes64>
{
    public long First;
    public Between64 Between;
    public long Last;

    public static void Set(ref Bytes64 value, long number) => value.First = value.Last = number;

    public static bool IsWhole(in Bytes64 value) => value.First == value.Last;
}

[InlineArray(6)]
internal struct Between64
{
    private long _first;
}

[SharedLayout]
internal partial struct Bytes256 : ISized<Bytes256>
{
    public long First;
    public Between256 Between;
    public long Last;

    public static void Set(ref Bytes256 value, long number) => value.First = value.Last = number;

    public static bool IsWhole(in Bytes256 value) => value.First == value.Last;
}

[InlineArray(30)]
internal struct Between256
{
    private long _first;
}

[SharedLayout]
internal partial struct Bytes1024 : ISized<Bytes1024>
{
    public long First;
    public Between1024 Between;
    public long Last;

    public static void Set(ref Bytes1024 value, long number) => value.First = value.Last = number;

    public static bool IsWhole(in Bytes1024 value) => value.First == value.Last;
}

[InlineArray(126)]
internal struct Between1024
{
    private long _first;
}

[SharedLayout]
internal partial struct Bytes4096 : ISized<Bytes4096>
{
    public long First;
    public Between4096 Between;
    public long Last;

    public static void Set(ref Bytes4096 value, long number) => value.First = value.Last = number;

    public static bool IsWhole(in Bytes4096 value) => value.First == value.Last;
}

[InlineArray(510)]
internal struct Between4096
{
    private long _first;
}

[SharedLayout]
internal partial struct Bytes16384 : ISized<Bytes16384>
{
    public long First;
    public Between16384 Between;
    public long Last;

    public static void Set(ref Bytes16384 value, long number) => value.First = value.Last = number;

    public static bool IsWhole(in Bytes16384 value) => value.First == value.Last;
}

[InlineArray(2046)]
internal struct Between16384
{
    private long _first;
}
