using TypedShm;

namespace Pair.Shared;

[SharedLayout]
public partial struct Telemetry
{
    public long Tick;
    public double Rpm;
    public Text32 Unit;
}
