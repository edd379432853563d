using System.Diagnostics;
using TypedShm.Samples.WebDashboard;

// Without arguments this program starts itself as the engine, serves the dashboard, and reads from it, as a browser would.
return args switch
{
    [] => await Show(),
    ["engine", string name] => Engine.Run(name),
    ["web", string name, ..] => await Serve(name, args[2..]),
    _ => Usage(),
};

static async Task<int> Show()
{
    string name = $"engine-{Environment.ProcessId}";
    await using WebApplication app = Dashboard.Build(name, ["--urls", "http://127.0.0.1:0"]);
    await app.StartAsync();

    // The page is there before the engine is.
    using HttpClient browser = new() { BaseAddress = new Uri(app.Urls.First()) };
    Console.WriteLine($"health without the engine: {await browser.GetStringAsync("/health")}");
    using Process engine = Process.Start(Environment.ProcessPath!, ["engine", name]);
    await using (Stream events = await browser.GetStreamAsync("/telemetry"))
    {
        using StreamReader lines = new(events);
        for (int i = 0; i < 9; i++)
            Console.WriteLine(await lines.ReadLineAsync());
    }

    Console.WriteLine($"health with it: {await browser.GetStringAsync("/health")}");
    engine.Kill();
    await app.StopAsync();
    return 0;
}

static async Task<int> Serve(string name, string[] args)
{
    await using WebApplication app = Dashboard.Build(name, args);
    await app.RunAsync();
    return 0;
}

static int Usage()
{
    Console.Error.WriteLine("""
        WebDashboard                        both, and what a browser would get
        WebDashboard engine NAME            the engine, until it is stopped
        WebDashboard web NAME --urls URL    the page, until it is stopped
        """);
    return 2;
}
