using System.Diagnostics;
using Robot;

// Without arguments this program is the writer, and starts itself three more times, as the readers.
return args switch
{
    [] => Both(),
    ["write", string name] => Writer.Run(name, until: () => false),
    ["read", string name] => Reader.Run(name),
    _ => Usage(),
};

static int Both()
{
    string name = $"pose-{Environment.ProcessId}";
    Process[] readers = [.. Enumerable.Range(0, 3).Select(_ => Process.Start(Environment.ProcessPath!, ["read", name]))];

    // The readers end by themselves after two seconds.
    Writer.Run(name, until: () => readers.All(reader => reader.HasExited));
    return readers.All(reader => reader.ExitCode == 0) ? 0 : 1;
}

static int Usage()
{
    Console.Error.WriteLine("""
        State               a writer and three readers, for two seconds
        State write NAME    the writer, until it is stopped
        State read NAME     a reader, started before or after it
        """);
    return 2;
}
