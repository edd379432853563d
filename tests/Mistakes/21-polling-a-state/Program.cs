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
        using var shared = SharedState.Open<Telemetry>("engine");
        while (shared.Read().Ready == 0)
        {
        }
    }
}
