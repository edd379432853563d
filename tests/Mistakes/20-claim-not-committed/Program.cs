using TypedShm;

[SharedLayout]
public partial struct Telemetry
{
    public long Tick;
    public int Ready;
    private int _padding;
}

internal static class Program
{
    private static void Main()
    {
        using var queue = SharedQueue.CreateWriter<Telemetry>("engine");
        using Claim<Telemetry> claim = queue.Claim();
        claim.Value.Tick = 1;
    }
}
