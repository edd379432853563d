using TypedShm;
using TypedShm.WebHost;

// A minimal API whose peer need not be there: it starts without, and answers what it knows. The address is the only argument.
WebApplicationBuilder builder = WebApplication.CreateBuilder(args[1..]);
builder.WebHost.UseUrls(args[0]);
builder.Logging.ClearProviders();
builder.Services.AddSingleton(_ => SharedState.Open<Speed>(args[1], new OpenOptions { Lazy = true, Reconnect = true }));
WebApplication app = builder.Build();

// Made now, as an eager singleton is.
_ = app.Services.GetRequiredService<SharedStateReader<Speed>>();
app.MapGet("/", (SharedStateReader<Speed> speed) => speed.HasValue ? $"{speed.Read().Rpm} rpm" : $"{speed.State}");
app.MapPost("/{rpm:double}", (double rpm) =>
{
    Writing.Writer ??= SharedState.Create<Speed>(args[1]);
    Writing.Writer.Write(new Speed { Rpm = rpm });
});
app.Lifetime.ApplicationStarted.Register(() => Console.WriteLine("started"));
app.Run();

namespace TypedShm.WebHost
{
    [SharedLayout]
    internal partial struct Speed
    {
        public double Rpm;
    }

    internal static class Writing
    {
        public static SharedStateWriter<Speed>? Writer { get; set; }
    }
}
