namespace TypedShm.Samples.WebDashboard;

[SharedLayout]
public partial struct Telemetry
{
    public long Tick;
    public double Rpm;
    public double Temperature;
}

/// <summary>What is watched: a process that knows nothing of the web.</summary>
internal static class Engine
{
    public static int Run(string name)
    {
        using SharedStateWriter<Telemetry> engine = SharedState.Create<Telemetry>(name);
        for (long tick = 1; ; tick++)
        {
            engine.Write(new Telemetry { Tick = tick, Rpm = 3_000 + (500 * Math.Sin(tick / 50.0)), Temperature = 80 + (tick % 10) });
            Thread.Sleep(20);
        }
    }
}
