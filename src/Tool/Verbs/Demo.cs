using System.CommandLine;
using System.Numerics;

namespace TypedShm.Tool.Verbs;

/// <summary>What the demonstration publishes.</summary>
[SharedLayout]
internal partial struct DemoEngine
{
    public long Tick;
    public double Rpm;
    public float Temperature;
    public Vector3 Position;
    public DemoGear Gear;
    public Text16 Unit;
}

/// <summary>An enum of the demonstration.</summary>
internal enum DemoGear
{
    Neutral,
    First,
    Second,
    Third,
}

/// <summary><c>demo</c>: a writer, and a watch on it, in one command.</summary>
internal static class Demo
{
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(20);

    public static Command Create()
    {
        Option<string?> name = new("--name") { Description = "The name of the channel; demo-PID unless given." };
        Option<long> count = Arguments.Count("looks");
        Option<bool> json = Arguments.Json();
        Command command = new(
            "demo",
            """
            Creates a channel, writes to it 50 times a second, and watches it as `typedshm watch` does. While it runs, try the other verbs
            on it in another terminal. Ctrl-C ends it.

            Example:
              typedshm demo --name engine
            """)
        {
            name, count, json,
        };
        command.SetAction((parsed, token) =>
            Run(parsed.GetValue(name) ?? $"demo-{Environment.ProcessId}", parsed.GetValue(count), parsed.GetValue(json), token));
        return command;
    }

    private static async Task<int> Run(string name, long count, bool json, CancellationToken cancellationToken)
    {
        using SharedStateWriter<DemoEngine> writer = SharedState.Create<DemoEngine>(name, new SharedStateOptions { PublishTimes = true });
        writer.Write(Engine(0));
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task writing = Task.Run(() => Write(writer, stop.Token), CancellationToken.None);
        try
        {
            return await Watch.Run(name, TimeSpan.FromMilliseconds(100), count, 0, json, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await writing.ConfigureAwait(false);
        }
    }

    private static async Task Write(SharedStateWriter<DemoEngine> writer, CancellationToken cancellationToken)
    {
        for (long tick = 1; !cancellationToken.IsCancellationRequested; tick++)
        {
            writer.Write(Engine(tick));
            await Task.Delay(s_period, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static DemoEngine Engine(long tick)
    {
        double turn = tick * 0.05;
        return new DemoEngine
        {
            Tick = tick,
            Rpm = 3_000 + (1_500 * Math.Sin(turn)),
            Temperature = 90 + (5 * MathF.Cos((float)turn / 3)),
            Position = new Vector3(MathF.Cos((float)turn), MathF.Sin((float)turn), tick * 0.01f),
            Gear = (DemoGear)(tick / 50 % 4),
            Unit = "rpm",
        };
    }
}
