using System.Diagnostics;
using Switches;

// Without arguments this program is the writer, and starts itself three more times, as the readers.
return args switch
{
    [] => All(),
    ["write", string name] => Write(name),
    ["read", string name] => Reader.Run(name, () => { }),
    ["read", string name, "slowly"] => Reader.Run(name, () => Thread.Sleep(1)),
    _ => Usage(),
};

static int All()
{
    string name = $"switches-{Environment.ProcessId}";
    using Writer writer = new(name);
    Process fast = Start("read", name), slow = Start("read", name, "slowly"), lossless = Start("read", $"{name}.all");
    if (!SpinWait.SpinUntil(() => writer.Readers == 3, TimeSpan.FromSeconds(10)))
        return Fail("The readers did not come.");

    writer.Run(TimeSpan.FromSeconds(3));
    string all = $"of {writer.Samples:N0} samples,";
    string everything = $"{writer.Samples:N0} {all} 0 lost in 0 gaps; saw {writer.Switches:N0} context switches";
    Console.WriteLine($"writer,   process {Environment.ProcessId}: {writer.Samples:N0} samples, {writer.Switches:N0} context switches");
    return Expect("lossless", lossless, everything) && Expect("fast", fast, all) && Expect("slow", slow, all)
        ? 0
        : Fail("That was not as it should be.");
}

static int Write(string name)
{
    using Writer writer = new(name);
    writer.Run(TimeSpan.FromMinutes(1));
    return 0;
}

static Process Start(params string[] arguments) =>
    Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardOutput = true })!;

static bool Expect(string reader, Process process, string expected)
{
    string said = process.StandardOutput.ReadToEnd();
    Console.Write($"{reader,-8}, {said}");
    process.WaitForExit();
    return process.ExitCode == 0 && said.Contains(expected, StringComparison.Ordinal);
}

static int Fail(string message)
{
    Console.Error.WriteLine(message);
    return 1;
}

static int Usage()
{
    Console.Error.WriteLine("""
        Broadcast                       a writer and three readers, for three seconds
        Broadcast write NAME            the writer, for a minute: NAME may lose samples, NAME.all does not
        Broadcast read NAME [slowly]    a reader, started before or after it
        """);
    return 2;
}
