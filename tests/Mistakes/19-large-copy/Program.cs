using System.Runtime.CompilerServices;
using TypedShm;

[InlineArray(512)]
public struct Samples
{
    private double _first;
}

[SharedLayout]
public partial struct Telemetry
{
    public long Tick;
    public Samples Samples;
}

internal static class Program
{
    private static void Main()
    {
        using var shared = SharedStruct.Open<Telemetry>("engine");
        var telemetry = shared.Value;
        Console.WriteLine(telemetry.Tick);
    }
}
