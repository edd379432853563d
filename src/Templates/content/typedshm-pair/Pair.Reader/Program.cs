using Pair.Shared;
using TypedShm;

// Starts before the writer or after it, and goes on with the next one.
using SharedStateReader<Telemetry> telemetry = SharedState.Open<Telemetry>("Pair", new OpenOptions { Lazy = true, Reconnect = true });
StateGeneration seen = default;
while (true)
{
    telemetry.Wait(seen);
    Telemetry value = telemetry.Read(out seen);
    Console.WriteLine($"tick {value.Tick}: {value.Rpm} {value.Unit}");
}
