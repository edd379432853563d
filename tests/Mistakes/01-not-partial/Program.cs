using TypedShm;

[SharedLayout]
public struct Telemetry
{
    public long Tick;
}

internal static class Program
{
    private static void Main()
    {
        using var shared = SharedStruct.Create<Telemetry>("engine");
        shared.View.Tick = 1;
    }
}
