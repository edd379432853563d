using TypedShm;

[SharedLayout]
public unsafe partial struct Telemetry
{
    public long Tick;
    public double* Samples;
}

internal static class Program
{
    private static void Main()
    {
        using var shared = SharedStruct.Create<Telemetry>("engine");
        shared.View.Tick = 1;
    }
}
