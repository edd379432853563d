using TypedShm;

public struct Point
{
    public double X;
    public double Y;
}

[SharedLayout]
public partial struct Telemetry
{
    public long Tick;
    public Point Position;
}

internal static class Program
{
    private static void Main()
    {
        using var shared = SharedStruct.Create<Telemetry>("engine");
        shared.View.Tick = 1;
    }
}
