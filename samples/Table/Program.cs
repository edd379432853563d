using System.Diagnostics;
using Counters;

// Without arguments this program is the writer, and starts itself a second time, as the reader.
return args switch
{
    [] => Both(),
    ["write", string name] => Write(name),
    ["read", string name] => Reader.Run(name),
    _ => Usage(),
};

static int Both()
{
    string name = $"counters-{Environment.ProcessId}";
    using Process reader = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["read", name]) { RedirectStandardOutput = true })!;
    long changes;
    using (Writer writer = new(name))
    {
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalSeconds < 3; Thread.Sleep(20))
            writer.Sweep();
        changes = writer.Changes;
        Console.WriteLine($"writer, process {Environment.ProcessId}: {writer.Counters:N0} counters of the kernel, {changes:N0} changes");
    }

    string read = reader.StandardOutput.ReadToEnd();
    Console.Write(read);
    reader.WaitForExit();
    return reader.ExitCode == 0 && read.Contains($"up to change {changes:N0};", StringComparison.Ordinal) ? 0 : 1;
}

static int Write(string name)
{
    using Writer writer = new(name);
    while (true)
    {
        writer.Sweep();
        Thread.Sleep(20);
    }
}

static int Usage()
{
    Console.Error.WriteLine("""
        Table               a writer and a reader, for three seconds
        Table write NAME    the writer, until it is stopped
        Table read NAME     a reader, started before or after it, until the writer is gone
        """);
    return 2;
}
