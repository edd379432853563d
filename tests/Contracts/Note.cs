namespace TypedShm.Contracts;

/// <summary>What every channel of these tests carries.</summary>
[SharedLayout]
public partial struct Note
{
    public long Number;
    public long Negative;

    public static Note Of(long number) => new() { Number = number, Negative = -number };
}

/// <summary>What no creator of these tests has.</summary>
[SharedLayout]
public partial struct AnotherNote
{
    public double Number;
}
