using System.Numerics;
using TypedShm;

namespace QuickStart;

/// <summary>What the two processes share. Both programs are compiled with it; here they are one program.</summary>
[SharedLayout]
public partial struct Telemetry
{
    public long Tick;
    public double Rpm;
    public Vector3 Position;
    [Atomic] public int Faults;
    public Text32 Unit;
}
