using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Shop;
using TypedShm.Hosting;

// Without arguments this program starts itself twice: a till and, a second later, the warehouse that it needs.
return args switch
{
    [] => Both(),
    ["till", ..] => Run(Till.Configure),
    ["warehouse", ..] => Run(Warehouse.Configure),
    _ => Usage(),
};

int Run(Action<IServiceCollection> configure)
{
    // Settings may be given as arguments: --TypedShm:prices:Name=other.
    HostApplicationBuilder builder = Host.CreateApplicationBuilder(args[1..]);
    configure(builder.Services);
    builder.Services.AddHealthChecks().AddSharedEnds();
    builder.Services.AddOpenTelemetry()
        .WithMetrics(metrics => metrics.AddMeter(TypedShmTelemetry.Name).AddConsoleExporter())
        .WithTracing(traces => traces.AddSource(TypedShmTelemetry.Name, Till.Activities.Name).AddConsoleExporter());
    builder.Build().Run();
    return 0;
}

int Both()
{
    string[] names = [$"--TypedShm:prices:Name=prices-{Environment.ProcessId}", $"--TypedShm:orders:Name=orders-{Environment.ProcessId}"];
    using Process till = Process.Start(Environment.ProcessPath!, ["till", .. names]);
    Thread.Sleep(1_000);
    using Process warehouse = Process.Start(Environment.ProcessPath!, ["warehouse", .. names]);

    // The till stops when its three orders are placed; the warehouse, as services do, by SIGTERM.
    till.WaitForExit();
    using (Process kill = Process.Start("kill", [$"{warehouse.Id}"]))
        kill.WaitForExit();
    warehouse.WaitForExit();
    return till.ExitCode != 0 ? till.ExitCode : warehouse.ExitCode;
}

static int Usage()
{
    Console.Error.WriteLine("""
        Hosting              both services: three orders, then they stop
        Hosting till         the one that asks for prices and places orders
        Hosting warehouse    the one that answers
        """);
    return 2;
}
