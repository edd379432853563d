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
        using var shared = SharedStruct.Open<Telemetry>("engine");
        while (shared.View.Ready == 0)
        {
        }
    }
}
