using System.Diagnostics;
using Weather;

// Without arguments this program is the display, and starts the station a moment later.
return args switch
{
    [] => await Both(),
    ["station", string name] => Station.Run(name),
    ["display", string name] => await Display.Run(name),
    _ => Usage(),
};

static async Task<int> Both()
{
    string name = $"tour-{Environment.ProcessId}";
    Task<int> display = Display.Run(name);
    using Process station = Process.Start(Environment.ProcessPath!, ["station", name]);
    int shown = await display;
    await station.WaitForExitAsync();
    return shown == 0 && station.ExitCode == 0 ? 0 : 1;
}

static int Usage()
{
    Console.Error.WriteLine("""
        Tour                  both, in two processes
        Tour station NAME     creates six channels, and writes
        Tour display NAME     opens them, before or after
        """);
    return 2;
}
