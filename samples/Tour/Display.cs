using TypedShm;

namespace Weather;

/// <summary>A process that opens all six channels, before or after the station has created them.</summary>
internal static class Display
{
    private static readonly OpenOptions s_lazy = new() { Lazy = true };

    public static async Task<int> Run(string name)
    {
        using SharedStructReader<Settings> settings = SharedStruct.Open<Settings>($"{name}.settings", s_lazy);
        using SharedStateReader<Reading> now = SharedState.Open<Reading>($"{name}.now", s_lazy);
        using SharedTableReader<Reading> sensors = SharedTable.Open<Reading>($"{name}.sensors", s_lazy);
        using SharedBroadcastReader<Reading> feed = SharedBroadcast.Open<Reading>($"{name}.feed", s_lazy);
        using SharedQueueWriter<Reading> reports = SharedQueue.OpenWriter<Reading>($"{name}.reports", s_lazy);
        using SharedCallClient<Period, Reading> archive = SharedCall.Open<Period, Reading>($"{name}.archive", s_lazy);

        Console.WriteLine($"display: the station is {settings.State}, there {(now.HasValue ? "is a" : "is no")} value yet");

        Reading last = default;
        await foreach (Reading reading in feed.ReadAllAsync())
            last = reading;
        Reading newest = now.Read();
        Console.WriteLine($"display: {settings.Read().Place} has {newest.Celsius:F0} °C at reading {newest.Number}; {feed.Lost} lost");
        for (int i = 0; i < sensors.Count; i++)
            Console.WriteLine($"display: sensor {i} has {sensors.Read(i).Celsius:F0} °C");

        if (await archive.TryCallAsync(new() { First = 0, Last = 99 }, TimeSpan.FromSeconds(10)) is not { } warmest)
            return 1;
        Console.WriteLine($"display: the warmest of the first hundred was reading {warmest.Number}, {warmest.Celsius:F0} °C");
        await reports.WriteAsync(last);
        return last.Number == newest.Number && warmest.Celsius == 4 ? 0 : 1;
    }
}
