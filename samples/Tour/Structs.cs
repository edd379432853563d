using TypedShm;

namespace Weather;

/// <summary>What the station measures.</summary>
[SharedLayout]
public partial struct Reading
{
    public long Number;
    public double Celsius;
    public double Hectopascal;
}

/// <summary>What is set by hand.</summary>
[SharedLayout]
public partial struct Settings
{
    [Atomic] public int SamplesPerSecond;
    public Text32 Place;
}

/// <summary>A question about the past.</summary>
[SharedLayout]
public partial struct Period
{
    public long First;
    public long Last;
}
