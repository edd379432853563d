using TypedShm;

internal class Engine
{
    [SharedLayout]
    internal partial struct Telemetry
    {
        public long Tick;
    }

    private static void Main()
    {
        using var shared = SharedStruct.Create<Telemetry>("engine");
        shared.View.Tick = 1;
    }
}
