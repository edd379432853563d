using TypedShm;

[SharedLayout]
public partial struct Telemetry<T>
    where T : unmanaged
{
    public long Tick;
    public T Value;
}

internal static class Program
{
    private static void Main()
    {
        using var shared = SharedStruct.Create<Telemetry<double>>("engine");
        shared.View.Tick = 1;
    }
}
