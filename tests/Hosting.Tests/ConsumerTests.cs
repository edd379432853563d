using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using TypedShm.TestKit;
using Xunit;

namespace TypedShm.Hosting.Tests;

/// <summary>Consumers and call services: what they handle, and how they stop.</summary>
public sealed class ConsumerTests
{
    [Fact]
    public async Task What_is_there_when_the_host_stops_is_handled_still()
    {
        Work work = new();
        await using TestHost host = await Consuming("drained", work);
        using SharedQueueWriter<Order> writer = SharedQueue.OpenWriter<Order>("drained");
        for (int i = 0; i < 100; i++)
            writer.Write(new Order { Number = i });
        await Until.Holds(() => work.Begun == 1);

        // The first one is held up, the others wait in the lane.
        Task stopped = host.Stop();
        await Until.Holds(() => host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
        Assert.False(stopped.IsCompleted);
        work.Gate.SetResult();
        await Until.Soon(stopped);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => (long)i), work.Handled);
    }

    [Fact]
    public async Task A_handler_is_cancelled_only_when_the_host_has_no_more_time()
    {
        Work work = new();
        await using TestHost host = await Consuming("cancelled", work);
        using SharedQueueWriter<Order> writer = SharedQueue.OpenWriter<Order>("cancelled");
        writer.Write(default);
        await Until.Holds(() => work.Begun == 1);
        using CancellationTokenSource time = new();
        Task stopped = host.Host.StopAsync(time.Token);
        Assert.False(work.Token.IsCancellationRequested);
        await time.CancelAsync();
        await Until.Holds(() => work.Token.IsCancellationRequested);
        try
        {
            await Until.Soon(stopped);
        }
        catch (OperationCanceledException)
        {
            // The host may say that it had too little time.
        }

        Assert.Empty(work.Handled);
    }

    [Fact]
    public async Task The_end_of_the_queue_is_told_and_the_host_goes_on()
    {
        Work work = new();
        work.Gate.SetResult();
        await using TestHost host = await Consuming("completed", work);
        using SharedQueueWriter<Order> writer = SharedQueue.OpenWriter<Order>("completed");
        writer.Write(new Order { Number = 7 });
        writer.Complete();
        await Until.Soon(work.Completed.Task);
        Assert.Equal([7], work.Handled);
        Assert.False(host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
    }

    [Fact]
    public async Task An_error_of_the_writer_stops_the_host()
    {
        Work work = new();
        await using TestHost host = await Consuming("failed", work);
        using SharedQueueWriter<Order> writer = SharedQueue.OpenWriter<Order>("failed");
        writer.Complete(new InvalidOperationException("The exchange is closed."));
        await Until.Holds(() => host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
        Assert.False(work.Completed.Task.IsCompleted);
    }

    [Fact]
    public async Task Payloads_come_with_their_messages()
    {
        Work work = new();
        work.Gate.SetResult();
        await using TestHost host = await TestHost.Started(services => services
            .AddSingleton(work)
            .AddSharedQueueReader<Order>("orders", new SharedQueueOptions { PayloadCapacity = 100 })
            .AddHostedService<Consumer>(), ("TypedShm:orders:Name", "loaded"));
        using SharedQueueWriter<Order> writer = SharedQueue.OpenWriter<Order>("loaded");
        writer.Write(default, [1, 2, 3]);
        writer.Write(default);
        await Until.Holds(() => work.Handled.Count == 2);
        Assert.Equal([3, 0], work.Lengths);
    }

    [Fact]
    public async Task Calls_that_are_under_way_when_the_host_stops_are_answered()
    {
        Work work = new();
        await using TestHost host = await TestHost.Started(services => services
            .AddSingleton(work).AddSharedCallServer<Inquiry, Order>("asked").AddHostedService<Server>());
        using SharedCallClient<Inquiry, Order> client = SharedCall.Open<Inquiry, Order>("asked");
        Task<Order> answer = client.CallAsync(new Inquiry { Number = 7 }).AsTask();
        await Until.Holds(() => work.Begun == 1);
        Task stopped = host.Stop();
        work.Gate.SetResult();
        Assert.Equal(7, (await Until.Soon(answer)).Number);
        await Until.Soon(stopped);
    }

    private static Task<TestHost> Consuming(string name, Work work) => TestHost.Started(
        services => services.AddSingleton(work).AddSharedQueueReader<Order>("orders").AddHostedService<Consumer>(),
        ("TypedShm:orders:Name", name));

    private sealed class Work
    {
        private int _begun;

        public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Completed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ConcurrentQueue<long> Handled { get; } = new();

        public ConcurrentQueue<int> Lengths { get; } = new();

        public CancellationToken Token { get; private set; }

        public int Begun => Volatile.Read(ref _begun);

        public async Task Do(long number, CancellationToken cancellationToken)
        {
            Token = cancellationToken;
            Interlocked.Increment(ref _begun);
            await Gate.Task.WaitAsync(cancellationToken);
            Handled.Enqueue(number);
        }
    }

    private sealed class Consumer([FromKeyedServices("orders")] IHostedEnd<SharedQueueReader<Order>> orders, Work work)
        : SharedMessageConsumer<Order>(orders)
    {
        protected override async ValueTask HandleAsync(Order message, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
        {
            work.Lengths.Enqueue(payload.Length);
            await work.Do(message.Number, cancellationToken);
        }

        protected override ValueTask OnCompletedAsync()
        {
            work.Completed.SetResult();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Server([FromKeyedServices("asked")] IHostedEnd<SharedCallServer<Inquiry, Order>> server, Work work)
        : SharedCallService<Inquiry, Order>(server)
    {
        protected override async ValueTask<Order> HandleAsync(AsyncCall<Inquiry, Order> incoming, CancellationToken cancellationToken)
        {
            await work.Do(incoming.Request.Number, cancellationToken);
            return new Order { Number = incoming.Request.Number };
        }
    }
}
