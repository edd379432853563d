using Pair.Shared;
using TypedShm;

using SharedStateWriter<Telemetry> telemetry = SharedState.Create<Telemetry>("Pair");
Console.WriteLine("Writing until Ctrl-C.");
for (long tick = 1; ; tick++)
{
    telemetry.Write(new Telemetry { Tick = tick, Rpm = 3_000 + Random.Shared.Next(100), Unit = "rev/min" });
    Thread.Sleep(500);
}
