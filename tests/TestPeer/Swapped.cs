using System.Numerics;

namespace TypedShm.TestPeer.Swapped;

/// <summary>What a program was compiled with in which somebody has swapped the first two fields.</summary>
[SharedLayout]
public partial struct Telemetry
{
    public double Rpm;
    public long Tick;
    public Vector3 Position;
    [Atomic] public int Faults;
    public Text32 Unit;
    public Sensor Sensor;
    public EightLongs Samples;
}
