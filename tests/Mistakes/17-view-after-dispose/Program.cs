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
        var shared = SharedStruct.Create<Telemetry>("engine");
        Telemetry.SharedView view = shared.View;
        shared.Dispose();
        view.Tick = 1;
    }
}
