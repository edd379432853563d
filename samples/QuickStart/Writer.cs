using System.Diagnostics;
using System.Numerics;
using TypedShm;

namespace QuickStart;

internal static class Writer
{
    public static int Run()
    {
        string name = $"quickstart-{Environment.ProcessId}";
        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(name);

        using Process reader =
            Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["read", name]) { RedirectStandardOutput = true })!;

        // Plain stores, into memory that the reader has mapped too.
        Telemetry.SharedView view = shared.View;
        view.Rpm = 3_000;
        view.Position = new Vector3(1, 2, 3);
        view.Unit.Set("rev/min");
        view.Tick = Random.Shared.NextInt64(1, long.MaxValue);
        view.Faults.Increment();
        shared.Signal();

        string written = $"inode {shared.Region.Inode}, tick {view.Tick}, {view.Rpm} {view.Unit.ToString()} at {view.Position}, "
            + $"{view.Faults.Read()} fault";
        Console.WriteLine($"writer, process {Environment.ProcessId}: {written}");
        string read = reader.StandardOutput.ReadToEnd();
        Console.Write(read);
        reader.WaitForExit();

        if (reader.ExitCode != 0 || !read.Contains(written, StringComparison.Ordinal))
        {
            Console.Error.WriteLine($"The reader (exit code {reader.ExitCode}) should have seen: {written}");
            return 1;
        }

        Console.WriteLine("Two processes, one struct, in the same memory.");
        return 0;
    }
}
