using System.Runtime.InteropServices;
using TypedShm;

[SharedLayout]
[StructLayout(LayoutKind.Explicit)]
public partial struct Telemetry
{
    [FieldOffset(0)] public long Tick;
    [FieldOffset(0)] public double Time;
}

internal static class Program
{
    private static void Main()
    {
        using var shared = SharedStruct.Create<Telemetry>("engine");
        shared.View.Tick = 1;
    }
}
