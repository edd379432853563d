using TypedShm;

[SharedLayout]
public partial struct Telemetry
{
    public long Tick;
    public DateTime At;
}

internal static class Program
{
    private static void Main()
    {
        using var shared = SharedStruct.Create<Telemetry>("engine");
        shared.View.Tick = 1;
    }
}
