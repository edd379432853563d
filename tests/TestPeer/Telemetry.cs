using System.Numerics;
using System.Runtime.CompilerServices;

namespace TypedShm.TestPeer;

/// <summary>The struct that the tests share: a field of most kinds.</summary>
[SharedLayout]
public partial struct Telemetry
{
    public long Tick;
    public double Rpm;
    public Vector3 Position;
    [Atomic] public int Faults;
    public Text32 Unit;
    public Sensor Sensor;
    public EightLongs Samples;

    /// <summary>
    /// Makes every field a function of one number, so that a reader can tell whether all are of one moment. Of zero it
    /// makes zeros, with which every shared struct begins.
    /// </summary>
    public static Telemetry Of(long number)
    {
        Telemetry value = new()
        {
            Tick = number,
            Rpm = number * 0.5,
            Position = new Vector3(number % 1000, number % 100, number % 10),
            Faults = (int)number,
            Unit = number == 0 ? "" : $"unit {number}",
            Sensor = new Sensor { Id = (ulong)number, Level = number % 1000, Gear = (Gear)(number % 3) },
        };
        for (int i = 0; i < 8; i++)
            value.Samples[i] = number * (i + 1);
        return value;
    }

    /// <summary>The number that <see cref="Of"/> was given, or a description of the mixture that this is.</summary>
    public readonly string Describe()
    {
        Telemetry expected = Of(Tick);
        bool whole = Rpm.Equals(expected.Rpm) && Position == expected.Position && Faults == expected.Faults
            && Unit.ToString() == expected.Unit.ToString()
            && Sensor.Id == expected.Sensor.Id && Sensor.Level.Equals(expected.Sensor.Level) && Sensor.Gear == expected.Sensor.Gear;
        for (int i = 0; i < 8; i++)
            whole &= Samples[i] == expected.Samples[i];
        return whole ? $"{Tick}"
            : $"a mixture: {Tick} {Rpm} {Position} {Faults} '{Unit}' {Sensor.Id} {Sensor.Level} {Sensor.Gear} {Samples[0]}…{Samples[7]}";
    }
}

/// <summary>A struct in the struct.</summary>
[SharedLayout]
public partial struct Sensor
{
    public ulong Id;
    public float Level;
    public Gear Gear;
}

public enum Gear : byte
{
    Neutral,
    Forward,
    Reverse,
}

[InlineArray(8)]
public struct EightLongs
{
    private long _first;
}
