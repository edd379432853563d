namespace TypedShm.GrowthPeer;

/// <summary>Grows by fields after its end.</summary>
[SharedLayout]
public partial struct Telemetry
{
    public long Tick;
    public double Rpm;

    public static Telemetry Of(long number) => new() { Tick = number, Rpm = number * 2 };

    public override readonly string ToString() => $"{Tick} {Rpm}";
}

/// <summary>Grows by a field in the padding at its end.</summary>
[SharedLayout]
public partial struct Padded
{
    public long Tick;
    public int Low;

    public static Padded Of(long number) => new() { Tick = number, Low = (int)number };

    public override readonly string ToString() => $"{Tick} {Low}";
}

/// <summary>Grows by a field of the struct at its end.</summary>
[SharedLayout]
public partial struct Framed
{
    public long Tick;
    public Tail Tail;

    public static Framed Of(long number) => new() { Tick = number, Tail = new Tail { One = (int)number } };

    public override readonly string ToString() => $"{Tick} {Tail.One}";
}

[SharedLayout]
public partial struct Tail
{
    public int One;
}

/// <summary>Changes in the middle.</summary>
[SharedLayout]
public partial struct Changed
{
    public long Tick;
    public int Low;
    public int High;

    public static Changed Of(long number) => new() { Tick = number };

    public override readonly string ToString() => $"{Tick} {Low} {High}";
}
