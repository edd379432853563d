using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using TypedShm;
using TypedShm.Samples.Telemetry;

const string DefaultName = "machine-telemetry";
const string Usage = """
    Telemetry                       both of the following, for a few seconds
    Telemetry write [NAME]          samples this machine's counters into shared memory, 1000 times a second
    Telemetry show [NAME [SECONDS]] shows them, started before or after the writer
    """;

using CancellationTokenSource stop = new();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    return args switch
    {
        [] => Both(),
        ["write"] => Write(DefaultName),
        ["write", string name] => Write(name),
        ["show"] => Show(DefaultName, Timeout.InfiniteTimeSpan),
        ["show", string name] => Show(name, Timeout.InfiniteTimeSpan),
        ["show", string name, string seconds] => Show(name, TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture))),
        _ => Fail(Usage),
    };
}
catch (SharedMemoryException error)
{
    return Fail(error.Message);
}

int Both()
{
    // The reader is started first, and waits for the writer.
    string name = $"telemetry-{Environment.ProcessId}";
    using Process reader = Process.Start(Environment.ProcessPath!, ["show", name, "4"]);
    reader.EnableRaisingEvents = true;
    reader.Exited += (_, _) => stop.Cancel();
    if (reader.HasExited)
        stop.Cancel();
    Write(name);
    reader.WaitForExit();
    return reader.ExitCode;
}

int Write(string name)
{
    using SharedStructWriter<MachineCounters> shared = SharedStruct.Create<MachineCounters>(name);
    shared.View.Host.TrySet(Environment.MachineName);
    using Sampler sampler = new(shared);

    long start = Stopwatch.GetTimestamp();
    Metronome.Run(TimeSpan.FromMilliseconds(1), sampler.Sample, stop.Token);
    long samples = shared.View.Samples.Read();
    TimeSpan time = Stopwatch.GetElapsedTime(start);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"process {Environment.ProcessId} wrote {samples} samples in {time.TotalSeconds:F1} s: {samples / time.TotalSeconds:F0} a second"));
    return 0;
}

int Show(string name, TimeSpan time)
{
    Console.WriteLine($"process {Environment.ProcessId} waits for a writer of '{name}'");
    try
    {
        using SharedStructReader<MachineCounters> shared =
            SharedStruct.Open<MachineCounters>(name, new OpenOptions { Timeout = Timeout.InfiniteTimeSpan, Reconnect = true }, stop.Token);
        if (time != Timeout.InfiniteTimeSpan)
            stop.CancelAfter(time);
        Observer observer = new(shared);
        Screen.Run(observer, stop.Token);
        Console.WriteLine($"process {Environment.ProcessId} {observer.Summary}");
        return observer.Seen > 0 ? 0 : Fail("No sample was seen.");
    }
    catch (OperationCanceledException)
    {
        return Fail("Stopped before a writer came.");
    }
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

static int Fail(string message)
{
    Console.Error.WriteLine(message);
    return 1;
}
