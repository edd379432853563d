using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using TypedShm.TestKit;
using Xunit;

namespace TypedShm.Hosting.Tests;

/// <summary>Health, metrics and traces of real hosts.</summary>
public sealed class ObservationTests
{
    [Fact]
    public async Task Health_follows_the_connection()
    {
        await using TestHost reading = await TestHost.Started(services => services
            .AddSharedStateReader<Order>("healthy").AddHealthChecks().AddSharedEnds());
        Assert.Equal(HealthStatus.Degraded, await Health(reading));
        TestHost writing = await TestHost.Started(services => services
            .AddSharedStateWriter<Order>("healthy").AddHealthChecks().AddSharedEnds());
        Assert.Equal(HealthStatus.Healthy, await Health(writing));
        await Until.Holds(() => Health(reading).Result == HealthStatus.Healthy);
        await writing.DisposeAsync();
        await Until.Holds(() => Health(reading).Result == HealthStatus.Degraded);
    }

    [Fact]
    public async Task An_end_that_has_ended_is_unhealthy_and_says_which()
    {
        await using TestHost reading = await TestHost.Started(
            services => services.AddSharedStateReader<Order>("ending").AddSharedStateReader<Order>("unasked")
                .AddHealthChecks().AddSharedEnds(keys: ["ending"]),
            ("TypedShm:ending:Reconnect", "false"));
        SharedStateWriter<Order> writer = SharedState.Create<Order>("ending");
        await Until.Holds(() => Health(reading).Result == HealthStatus.Healthy);
        writer.Dispose();
        await Until.Holds(() => Health(reading).Result == HealthStatus.Unhealthy);
        HealthReport report = await reading.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.StartsWith("The SharedStateReader 'ending' is ended", report.Entries["typedshm"].Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_ends_are_measured_when_somebody_asks()
    {
        await using TestHost host = await TestHost.Started(services => services
            .AddSharedQueueReader<Order>("measured").AddSharedBroadcastWriter<Order>("measured-too").AddSharedStateReader<Order>("alone"));
        using SharedQueueWriter<Order> writer = SharedQueue.OpenWriter<Order>("measured");
        for (int i = 0; i < 5; i++)
            writer.Write(default);
        SharedQueueReader<Order> reader = host.Get<SharedQueueReader<Order>>("measured");
        await Until.Holds(() => reader.Count == 5);
        reader.Read();
        reader.Read();
        host.Get<SharedBroadcastWriter<Order>>("measured-too").Write(default);

        Dictionary<string, long> measured = Measure();
        Assert.Equal(1, measured["typedshm.peers measured queue reader"]);
        Assert.Equal(2, measured["typedshm.messages measured queue reader"]);
        Assert.Equal(3, measured["typedshm.messages.unread measured queue reader"]);
        Assert.Equal(1, measured["typedshm.messages measured-too broadcast writer"]);
        Assert.Equal(0, measured["typedshm.connected alone state reader"]);
        Assert.Equal(1, measured["typedshm.connected measured queue reader"]);
        Assert.DoesNotContain("typedshm.messages alone state reader", measured.Keys);

        await host.Stop();
        Assert.DoesNotContain("typedshm.messages measured queue reader", Measure().Keys);
    }

    [Fact]
    public async Task What_writers_have_left_behind_counts_as_read()
    {
        using SharedQueueReader<Order> reader = SharedQueue.CreateReader<Order>("counted");
        for (int i = 0; i < 3; i++)
        {
            using (SharedQueueWriter<Order> writer = SharedQueue.OpenWriter<Order>("counted"))
            {
                writer.WriteBatch([default, default]);
                Assert.Equal(2, writer.Position);
            }

            reader.Read();
            reader.Read();
            await Until.Holds(() => !reader.TryRead(out _) && reader.Peers.Count == 0);
            Assert.Equal(2 * (i + 1), reader.Position);
        }
    }

    [Fact]
    public async Task A_writer_counts_what_it_wrote_to_each_reader()
    {
        using SharedQueueReader<Order> first = SharedQueue.CreateReader<Order>("recounted");
        using SharedQueueWriter<Order> writer = SharedQueue.OpenWriter<Order>("recounted", new OpenOptions { Reconnect = true });
        writer.WriteBatch([default, default]);
        first.Dispose();
        await Until.Holds(() => writer.Lost == 2);
        using SharedQueueReader<Order> second = SharedQueue.CreateReader<Order>("recounted");
        await Until.Soon(writer.WriteAsync(default).AsTask());
        Assert.Equal((3, 2), (writer.Position, writer.Lost));
    }

    [Fact]
    public async Task A_trace_goes_on_in_the_host_that_answers()
    {
        List<Activity> stopped = [];
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == TypedShmTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                lock (stopped)
                    stopped.Add(activity);
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using TestHost answering = await TestHost.Started(services =>
            services.AddSharedCallServer<Inquiry, Order>("traced").AddHostedService<Failing>());
        await using TestHost asking = await TestHost.Started(services => services.AddSharedCallClient<Inquiry, Order>("traced"));

        await Assert.ThrowsAsync<RemoteCallException>(() =>
            Until.Soon(asking.Get<SharedCallClient<Inquiry, Order>>("traced").CallTracedAsync(default).AsTask()));
        Activity[] both = [];
        await Until.Holds(() =>
        {
            lock (stopped)
                both = [.. stopped.Where(activity => activity.GetTagItem("typedshm.channel") is "traced")];
            return both.Length == 2;
        });
        Activity client = both.Single(activity => activity.Kind == ActivityKind.Client);
        Activity server = both.Single(activity => activity.Kind == ActivityKind.Server);
        Assert.Equal(("call traced", "serve traced"), (client.DisplayName, server.DisplayName));
        Assert.Equal((client.TraceId, client.SpanId), (server.TraceId, server.ParentSpanId));
        Assert.True(server.HasRemoteParent);
        Assert.All(both, activity => Assert.Equal(ActivityStatusCode.Error, activity.Status));
    }

    [Fact]
    public void A_trace_context_is_the_same_on_the_other_side()
    {
        ActivityContext context = new(
            ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, isRemote: true);
        Assert.Equal(context, TraceContext.Of(context).ToActivityContext());
        Assert.Equal(default, default(TraceContext).ToActivityContext());
    }

    private static async Task<HealthStatus> Health(TestHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Status;

    private static Dictionary<string, long> Measure()
    {
        Dictionary<string, long> measured = [];
        using MeterListener listener = new() { InstrumentPublished = (instrument, self) => Listen(instrument, self) };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            List<string> key = [instrument.Name];
            foreach (KeyValuePair<string, object?> tag in tags)
                key.Add($"{tag.Value}");
            measured[string.Join(' ', key)] = value;
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return measured;
    }

    private static void Listen(Instrument instrument, MeterListener listener)
    {
        if (instrument.Meter.Name == TypedShmTelemetry.Name)
            listener.EnableMeasurementEvents(instrument);
    }

    private sealed class Failing([FromKeyedServices("traced")] IHostedEnd<SharedCallServer<Inquiry, Order>> server)
        : SharedCallService<Inquiry, Order>(server)
    {
        protected override ValueTask<Order> HandleAsync(AsyncCall<Inquiry, Order> incoming, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("There is no price.");
    }
}
