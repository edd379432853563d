using System.Runtime.InteropServices;
using TypedShm;

[SharedLayout]
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public partial struct Telemetry
{
    public byte Kind;
    [Atomic] public long Tick;
}

internal static class Program
{
    private static void Main()
    {
        using var shared = SharedStruct.Create<Telemetry>("engine");
        shared.View.Tick.Write(1);
    }
}
