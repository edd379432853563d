using TypedShm;

namespace Weather;

/// <summary>The process that creates all six channels.</summary>
internal static class Station
{
    private const int Sensors = 4;
    private const int Samples = 200;

    public static int Run(string name)
    {
        using SharedStructWriter<Settings> settings = SharedStruct.Create<Settings>($"{name}.settings");
        using SharedStateWriter<Reading> now = SharedState.Create<Reading>($"{name}.now");
        using SharedTableWriter<Reading> sensors = SharedTable.Create<Reading>($"{name}.sensors", Sensors);
        using SharedBroadcastWriter<Reading> feed = SharedBroadcast.Create<Reading>($"{name}.feed");
        using SharedQueueReader<Reading> reports = SharedQueue.CreateReader<Reading>($"{name}.reports");
        using SharedCallServer<Period, Reading> archive = SharedCall.Create<Period, Reading>($"{name}.archive");

        settings.View.SamplesPerSecond.Write(1_000);
        settings.View.Place.Set("Zugspitze");
        settings.Signal();

        // Until somebody is here, so that the feed has a listener.
        while (feed.Peers.Count == 0)
            Thread.Sleep(1);
        List<Reading> past = [];
        for (int number = 0; number < Samples; number++)
        {
            Reading reading = new() { Number = number, Celsius = -5 + (number % 10), Hectopascal = 700 };
            past.Add(reading);
            now.Write(reading);
            sensors.Write(number % Sensors, reading);
            feed.Write(reading);
            Thread.Sleep(1);
        }

        feed.Complete();

        // The display asks once, and reports what it saw.
        bool asked = archive.TryServe(call => call.Response = Warmest(past, call.Request), TimeSpan.FromSeconds(30));
        bool reported = reports.TryRead(out Reading last, TimeSpan.FromSeconds(30));
        Console.WriteLine($"station: the display has seen reading {last.Number} last");
        return asked && reported && last.Number == Samples - 1 ? 0 : 1;
    }

    private static Reading Warmest(List<Reading> past, Period period) =>
        past.Where(reading => reading.Number >= period.First && reading.Number <= period.Last).MaxBy(reading => reading.Celsius);
}
