namespace TypedShm.GrowthPeer;

/// <summary>Has grown by fields after its end.</summary>
[SharedLayout]
public partial struct Telemetry
{
    public long Tick;
    public double Rpm;
    public int Faults;
    public Text32 Unit;

    public static Telemetry Of(long number) => new() { Tick = number, Rpm = number * 2, Faults = 77, Unit = "rpm" };

    public override readonly string ToString() => $"{Tick} {Rpm} {Faults} '{Unit}'";
}

/// <summary>Has grown by a field in the padding at its end.</summary>
[SharedLayout]
public partial struct Padded
{
    public long Tick;
    public int Low;
    public int High;

    public static Padded Of(long number) => new() { Tick = number, Low = (int)number, High = 77 };

    public override readonly string ToString() => $"{Tick} {Low} {High}";
}

/// <summary>Has grown by a field of the struct at its end.</summary>
[SharedLayout]
public partial struct Framed
{
    public long Tick;
    public Tail Tail;

    public static Framed Of(long number) => new() { Tick = number, Tail = new Tail { One = (int)number, Two = 77 } };

    public override readonly string ToString() => $"{Tick} {Tail.One} {Tail.Two}";
}

[SharedLayout]
public partial struct Tail
{
    public int One;
    public int Two;
}

/// <summary>Has changed in the middle, as nothing may.</summary>
[SharedLayout]
public partial struct Changed
{
    public long Tick;
    public float Low;
    public int High;

    public static Changed Of(long number) => new() { Tick = number };

    public override readonly string ToString() => $"{Tick} {Low} {High}";
}
