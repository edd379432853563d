using TypedShm;

namespace QuickStart;

internal static class Reader
{
    public static int Run(string name)
    {
        using SharedStructReader<Telemetry> shared = SharedStruct.Open<Telemetry>(name);

        // Sleeps until the writer signals. Whoever comes after the signal finds the fault counted already.
        while (shared.View.Faults.Read() == 0)
            shared.Wait();

        Telemetry.ReadOnlySharedView view = shared.View;
        Console.WriteLine($"reader, process {Environment.ProcessId}: inode {shared.Region.Inode}, tick {view.Tick}, {view.Rpm} "
            + $"{view.Unit.ToString()} at {view.Position}, {view.Faults.Read()} fault");
        return 0;
    }
}
