using System.Runtime.CompilerServices;

namespace TypedShm.Samples.WebDashboard;

/// <summary>A page that shows the newest state, ten times a second, by server-sent events.</summary>
internal static class Dashboard
{
    private const string Html = """
        <!doctype html>
        <meta charset="utf-8">
        <title>Engine</title>
        <style>body { font: 2em system-ui; margin: 2em } b { display: inline-block; min-width: 5em; text-align: right }</style>
        <p>Tick <b id="tick">-</b><p>Rpm <b id="rpm">-</b><p>Temperature <b id="temperature">-</b>
        <script>
            new EventSource("/telemetry").addEventListener("telemetry", event => {
                for (const [name, value] of Object.entries(JSON.parse(event.data)))
                    document.getElementById(name).textContent = value;
            });
        </script>
        """;

    public static WebApplication Build(string name, string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
        builder.Configuration["TypedShm:engine:Name"] = name;
        builder.Services.AddSharedStateReader<Telemetry>("engine");
        builder.Services.AddHealthChecks().AddSharedEnds();

        WebApplication app = builder.Build();
        app.MapGet("/", () => Results.Content(Html, "text/html; charset=utf-8"));
        app.MapGet("/telemetry", ([FromKeyedServices("engine")] SharedStateReader<Telemetry> engine, CancellationToken left) =>
            TypedResults.ServerSentEvents(Values(engine, left), eventType: "telemetry"));
        app.MapHealthChecks("/health");
        return app;
    }

    // The newest value, whatever came in between: a browser that is slow skips values, and holds nobody up.
    private static async IAsyncEnumerable<Reading> Values(
        SharedStateReader<Telemetry> engine, [EnumeratorCancellation] CancellationToken left)
    {
        StateGeneration seen = default;
        while (true)
        {
            await engine.WaitAsync(seen, left);
            Telemetry value = engine.Read(out seen);
            yield return new Reading(value.Tick, Math.Round(value.Rpm), value.Temperature);
            await Task.Delay(100, left);
        }
    }

    private sealed record Reading(long Tick, double Rpm, double Temperature);
}
