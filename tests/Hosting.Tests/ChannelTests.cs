using Microsoft.Extensions.DependencyInjection;
using TypedShm.TestKit;
using Xunit;

namespace TypedShm.Hosting.Tests;

/// <summary>Each channel between two hosts, of which the one that opens it starts first.</summary>
public sealed class ChannelTests
{
    [Fact]
    public async Task A_struct_goes_from_host_to_host()
    {
        await using TestHost reading = await TestHost.Started(services => services.AddSharedStructReader<Order>("a-struct"));
        await using TestHost writing = await TestHost.Started(services => services.AddSharedStructWriter<Order>("a-struct"));
        writing.Get<SharedStructWriter<Order>>("a-struct").Value.Number = 7;
        await Until.Holds(() => reading.Get<SharedStructReader<Order>>("a-struct").Value.Number == 7);
    }

    [Fact]
    public async Task A_state_goes_from_host_to_host()
    {
        await using TestHost reading = await TestHost.Started(services => services.AddSharedStateReader<Order>("a-state"));
        await using TestHost writing = await TestHost.Started(services => services.AddSharedStateWriter<Order>("a-state"));
        writing.Get<SharedStateWriter<Order>>("a-state").Write(new Order { Number = 7 });
        await Until.Holds(() => reading.Get<SharedStateReader<Order>>("a-state").Read().Number == 7);
    }

    [Fact]
    public async Task A_table_goes_from_host_to_host()
    {
        await using TestHost reading = await TestHost.Started(services => services.AddSharedTableReader<Order>("a-table"));
        await using TestHost writing = await TestHost.Started(services => services.AddSharedTableWriter<Order>("a-table", count: 3));
        writing.Get<SharedTableWriter<Order>>("a-table").Write(2, new Order { Number = 7 });
        SharedTableReader<Order> table = reading.Get<SharedTableReader<Order>>("a-table");
        await Until.Holds(() => table.Count == 3 && table.Read(2).Number == 7);
    }

    [Fact]
    public async Task A_queue_goes_from_its_writers_to_the_host_that_created_it()
    {
        await using TestHost writing = await TestHost.Started(services => services.AddSharedQueueWriter<Order>("a-queue"));
        await using TestHost reading = await TestHost.Started(services => services.AddSharedQueueReader<Order>("a-queue"));
        await Until.Soon(writing.Get<SharedQueueWriter<Order>>("a-queue").WriteAsync(new Order { Number = 7 }).AsTask());
        Assert.Equal(7, (await Until.Soon(reading.Get<SharedQueueReader<Order>>("a-queue").ReadAsync().AsTask())).Number);
    }

    [Fact]
    public async Task A_queue_goes_from_the_host_that_created_it_to_its_reader()
    {
        await using TestHost reading = await TestHost.Started(services => services.AddSharedQueueOpeningReader<Order>("its-queue"));
        await using TestHost writing = await TestHost.Started(services => services.AddSharedQueueCreatingWriter<Order>("its-queue"));
        writing.Get<SharedQueueWriter<Order>>("its-queue").Write(new Order { Number = 7 });
        Assert.Equal(7, (await Until.Soon(reading.Get<SharedQueueReader<Order>>("its-queue").ReadAsync().AsTask())).Number);
    }

    [Fact]
    public async Task A_broadcast_goes_from_host_to_host()
    {
        await using TestHost reading = await TestHost.Started(services => services.AddSharedBroadcastReader<Order>("a-broadcast"));
        await using TestHost writing = await TestHost.Started(services => services.AddSharedBroadcastWriter<Order>("a-broadcast"));
        SharedBroadcastWriter<Order> writer = writing.Get<SharedBroadcastWriter<Order>>("a-broadcast");
        await Until.Holds(() => writer.Peers.Count == 1);
        writer.Write(new Order { Number = 7 });
        Assert.Equal(7, (await Until.Soon(reading.Get<SharedBroadcastReader<Order>>("a-broadcast").ReadAsync().AsTask())).Number);
    }

    [Fact]
    public async Task A_host_is_asked_before_it_is_there_and_answers()
    {
        await using TestHost asking = await TestHost.Started(services => services.AddSharedCallClient<Inquiry, Order>("a-call"));
        Task<Order> answer = asking.Get<SharedCallClient<Inquiry, Order>>("a-call").CallAsync(new Inquiry { Number = 6 }).AsTask();
        await using TestHost answering = await TestHost.Started(services =>
            services.AddSharedCallServer<Inquiry, Order>("a-call").AddHostedService<Incrementing>());
        Assert.Equal(7, (await Until.Soon(answer)).Number);
    }

    private sealed class Incrementing([FromKeyedServices("a-call")] IHostedEnd<SharedCallServer<Inquiry, Order>> server)
        : SharedCallService<Inquiry, Order>(server)
    {
        protected override ValueTask<Order> HandleAsync(AsyncCall<Inquiry, Order> incoming, CancellationToken cancellationToken) =>
            new(new Order { Number = incoming.Request.Number + 1 });
    }
}
