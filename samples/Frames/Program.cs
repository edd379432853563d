using System.Diagnostics;
using Camera;

// Without arguments this program is the camera, and starts itself twice more, as those who look at the pictures.
return args switch
{
    [] => All(),
    ["write", string name] => Writer.Run(name, TimeSpan.FromMinutes(1)) > 0 ? 0 : 1,
    ["read", string name] => Reader.Run(name, TimeSpan.Zero),
    ["read", string name, "slowly"] => Reader.Run(name, TimeSpan.FromMilliseconds(50)),
    _ => Usage(),
};

static int All()
{
    string name = $"frames-{Environment.ProcessId}";
    Process fast = Start("read", name), slow = Start("read", name, "slowly");
    long written = Writer.Run(name, TimeSpan.FromSeconds(3), readers: 2);
    return Expect("fast", fast) & Expect("slow", slow) ? 0 : 1;

    bool Expect(string reader, Process process)
    {
        string said = process.StandardOutput.ReadToEnd();
        Console.Write($"{reader}, {said}");
        process.WaitForExit();
        return process.ExitCode == 0 && said.Contains($"of {written} frames,", StringComparison.Ordinal);
    }
}

static Process Start(params string[] arguments) =>
    Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardOutput = true })!;

static int Usage()
{
    Console.Error.WriteLine("""
        Frames                      a camera and two readers, for three seconds
        Frames write NAME           the camera, for a minute
        Frames read NAME [slowly]   a reader, started before or after it
        """);
    return 2;
}
