using System.Diagnostics;
using TypedShm.TestMessages;
using Xunit;

namespace TypedShm.Channels.Tests.Lifecycle;

/// <summary>Channels that are opened before they are created.</summary>
[Collection(nameof(CountingTests))]
public sealed class LazyTests
{
    private static readonly OpenOptions s_lazy = new() { Lazy = true };

    private readonly string _name = $"@typedshm-test-{Guid.NewGuid():N}";

    [Fact]
    public async Task A_state_has_no_value_until_its_creator_has_published_one()
    {
        using SharedStateReader<Quote> reader = SharedState.Open<Quote>(_name, s_lazy);
        Assert.Equal(ConnectionState.Connecting, reader.State);
        Assert.Empty(reader.Peers);
        Assert.False(reader.HasValue);
        Assert.Equal(default, reader.Read(out StateGeneration none));
        Assert.False(reader.TryWait(none, TimeSpan.FromMilliseconds(20)));
        Task<Quote> next = Next();

        // A creator that has published nothing changes nothing.
        using SharedStateWriter<Quote> writer = SharedState.Create<Quote>(_name);
        await Until.Holds(() => reader.State == ConnectionState.Connected);
        Assert.False(reader.HasValue);
        Assert.False(reader.HasChanged(none));
        Assert.False(reader.TryWait(none, TimeSpan.FromMilliseconds(20)));

        writer.Write(Quote.Of(7));
        Assert.Equal(7, (await Until.Soon(next)).Number);
        Assert.True(reader.HasValue);
        Assert.Single(reader.Peers);

        async Task<Quote> Next()
        {
            await foreach (Quote quote in reader.ReadAllAsync())
                return quote;
            throw new InvalidOperationException("It never ends.");
        }
    }

    [Fact]
    public async Task A_table_has_no_elements_until_it_is_created()
    {
        using SharedTableReader<Quote> reader = SharedTable.Open<Quote>(_name, s_lazy);
        Assert.Equal(0, reader.Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.Read(0));
        Task wait = reader.WaitAsync(reader.Generation).AsTask();

        using SharedTableWriter<Quote> writer = SharedTable.Create<Quote>(_name, 3);
        await Until.Soon(wait);
        writer.Write(2, Quote.Of(5));
        Assert.Equal(3, reader.Count);
        Assert.Equal(5, reader.Read(2).Number);
    }

    [Fact]
    public async Task A_struct_shows_zeros_until_it_is_created()
    {
        using SharedStructReader<Quote> reader = SharedStruct.Open<Quote>(_name, s_lazy);
        Assert.Equal(0, reader.Value.Number);
        Task signalled = reader.WaitAsync().AsTask();

        using SharedStructWriter<Quote> writer = SharedStruct.Create<Quote>(_name);
        writer.Value.Number = 3;
        writer.Signal();
        await Until.Soon(signalled);
        await Until.Holds(() => reader.State == ConnectionState.Connected);
        Assert.Equal(3, reader.Value.Number);
    }

    [Fact]
    public void A_struct_is_not_opened_lazily_for_writing() =>
        Assert.Contains("OpenReadWriteAsync",
            Assert.Throws<ArgumentException>(() => SharedStruct.OpenReadWrite<Quote>(_name, s_lazy)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_queue_is_empty_until_its_writer_has_created_it(bool reconnect)
    {
        using SharedQueueReader<Quote> reader = SharedQueue.OpenReader<Quote>(_name, s_lazy with { Reconnect = reconnect });
        Assert.False(reader.TryRead(out Quote _));
        Assert.False(reader.TryRead(out Quote _, TimeSpan.FromMilliseconds(20)));
        Assert.False(reader.Completion.IsCompleted);
        Task<Quote> next = reader.ReadAsync().AsTask();

        SharedQueueWriter<Quote> writer = SharedQueue.CreateWriter<Quote>(_name, new() { Capacity = 16 });
        writer.Write(Quote.Of(1));
        Assert.Equal(1, (await Until.Soon(next)).Number);
        Assert.Equal(16, reader.Capacity);
        writer.Write(Quote.Of(2));
        writer.Complete();
        Assert.Equal(2, (await Until.Soon(reader.ReadAsync().AsTask())).Number);
        Assert.False(await Until.Soon(reader.WaitToReadAsync().AsTask()));
        writer.Dispose();
    }

    [Fact]
    public async Task A_writer_of_a_queue_has_no_room_until_its_reader_has_created_it()
    {
        using SharedQueueWriter<Quote> writer = SharedQueue.OpenWriter<Quote>(_name, s_lazy);
        Assert.False(writer.TryWrite(Quote.Of(1)));
        Assert.False(writer.TryWrite(Quote.Of(1), new byte[10]));
        Assert.False(writer.TryWriteBatch(new Quote[10]));
        Assert.False(writer.TryWrite(Quote.Of(1), TimeSpan.FromMilliseconds(20)));
        Task written = writer.WriteAsync(Quote.Of(1), new byte[10]).AsTask();

        using SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(_name, new() { PayloadCapacity = 10 });
        await Until.Soon(written);
        Assert.Equal(1, reader.Read().Number);
        Assert.Equal(0, writer.Lost);
        Assert.Equal(10, writer.PayloadCapacity);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_broadcast_is_empty_until_it_is_created(bool lossless)
    {
        using SharedBroadcastReader<Quote> reader = SharedBroadcast.Open<Quote>(_name, s_lazy);
        Assert.False(reader.TryRead(out Quote _));
        Task<Quote> next = reader.ReadAsync().AsTask();

        using SharedBroadcastWriter<Quote> writer = SharedBroadcast.Create<Quote>(_name, new() { Lossless = lossless });
        await Until.Holds(() => reader.State == ConnectionState.Connected);
        writer.Write(Quote.Of(4));
        Assert.Equal(4, (await Until.Soon(next)).Number);
        Assert.Equal(lossless, reader.IsLossless);
        writer.Complete();
        Assert.False(await Until.Soon(reader.WaitToReadAsync().AsTask()));
    }

    [Fact]
    public async Task Calls_wait_until_their_server_is_there()
    {
        using SharedCallClient<Quote, Answer> client = SharedCall.Open<Quote, Answer>(_name, s_lazy);
        Assert.Equal(0, client.Capacity);
        Assert.False(client.TryCall(Quote.Of(1), out _, TimeSpan.FromMilliseconds(20)));
        Assert.False(client.TryClaim(out _, TimeSpan.FromMilliseconds(20)));
        Task<Answer> call = client.CallAsync(Quote.Of(2)).AsTask();
        Task<(Answer Response, int PayloadLength)> withPayload = client.CallAsync(Quote.Of(3), new byte[5], new byte[10]).AsTask();
        Task<(Answer Response, int PayloadLength)> tooLong = client.CallAsync(Quote.Of(4), new byte[11], new byte[10]).AsTask();

        using SharedCallServer<Quote, Answer> server = SharedCall.Create<Quote, Answer>(_name, new() { PayloadCapacity = 10 });
        using CancellationTokenSource stop = new();
        Task serving = Task.Factory.StartNew(
            () => server.Serve(call => call.Response = Answer.To(call.Request), stop.Token), CancellationToken.None,
                TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.True((await Until.Soon(call)).IsTo(2));
        Assert.True((await Until.Soon(withPayload)).Response.IsTo(3));
        Assert.Contains("10", (await Assert.ThrowsAsync<ArgumentException>(() => Until.Soon(tooLong))).Message, StringComparison.Ordinal);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => serving);
    }

    /// <summary>At once, and without anything left behind: threads, descriptors, mappings.</summary>
    [Fact]
    public async Task An_end_that_never_finds_its_creator_is_closed_at_once()
    {
        SharedState.Open<Quote>(_name, s_lazy).Dispose();
        ResourceCount before = ResourceCount.Now();
        for (int i = 0; i < 20; i++)
        {
            SharedStateReader<Quote> reader = SharedState.Open<Quote>(_name, s_lazy);
            Task wait = Task.Run(() => reader.Wait(default));
            if (i % 2 == 0)
                await Task.Delay(5);
            reader.Dispose();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => Until.Soon(wait));
        }

        await before.Returns();
    }

    [Fact]
    public async Task Nothing_is_left_of_what_stood_in_for_the_creator()
    {
        await ComeAndGo();
        ResourceCount before = ResourceCount.Now();
        for (int i = 0; i < 5; i++)
            await ComeAndGo();
        await before.Returns();

        async Task ComeAndGo()
        {
            using SharedQueueReader<Quote> queue = SharedQueue.OpenReader<Quote>($"{_name}-queue", s_lazy);
            using SharedBroadcastReader<Quote> broadcast = SharedBroadcast.Open<Quote>($"{_name}-broadcast", s_lazy);
            using SharedStateReader<Quote> state = SharedState.Open<Quote>($"{_name}-state", s_lazy);
            using SharedCallClient<Quote, Answer> client = SharedCall.Open<Quote, Answer>($"{_name}-call", s_lazy);
            SharedEnd[] lazy = [queue, broadcast, state, client];
            using SharedQueueWriter<Quote> writer = SharedQueue.CreateWriter<Quote>($"{_name}-queue");
            using SharedBroadcastWriter<Quote> sender = SharedBroadcast.Create<Quote>($"{_name}-broadcast");
            using SharedStateWriter<Quote> creator = SharedState.Create<Quote>($"{_name}-state");
            using SharedCallServer<Quote, Answer> server = SharedCall.Create<Quote, Answer>($"{_name}-call");
            await Until.Holds(() => lazy.All(end => end.State == ConnectionState.Connected));
        }
    }

    [Fact]
    public async Task What_keeps_it_from_connecting_is_told()
    {
        using SharedStateReader<Answer> reader = SharedState.Open<Answer>(_name, s_lazy);
        TaskCompletionSource<Exception> error = new();
        reader.StateChanged += (_, changed) =>
        {
            if (changed.Error is { } failed)
                error.TrySetResult(failed);
        };
        using SharedStateWriter<Quote> other = SharedState.Create<Quote>(_name);
        Assert.IsType<LayoutMismatchException>(await Until.Soon(error.Task));
        Assert.Equal(ConnectionState.Connecting, reader.State);
    }

    /// <summary>One who waits for nothing when it opens still looks for its creator later, and not without rest.</summary>
    [Fact]
    public async Task A_time_out_of_zero_does_not_keep_it_from_connecting_later()
    {
        using SharedStateReader<Quote> reader = SharedState.Open<Quote>(_name, s_lazy with { Timeout = TimeSpan.Zero });
        Assert.Equal(ConnectionState.Connecting, reader.State);
        using SharedStateWriter<Quote> writer = SharedState.Create<Quote>(_name);
        await Until.Holds(() => reader.State == ConnectionState.Connected);
    }

    [Fact]
    public void What_is_there_is_opened_without_waiting()
    {
        Assert.False(SharedState.TryOpen(_name, out SharedStateReader<Quote>? none));
        Assert.Null(none);
        using SharedStateWriter<Quote> writer = SharedState.Create<Quote>(_name);
        Assert.True(SharedState.TryOpen(_name, out SharedStateReader<Quote>? reader));
        reader.Dispose();
        using SharedStateReader<Quote> atOnce = SharedState.Open<Quote>(_name, new OpenOptions { Timeout = TimeSpan.Zero });
        Assert.Equal(ConnectionState.Connected, atOnce.State);
    }

    [Fact]
    public void Nobody_there_is_found_out_at_once()
    {
        long begun = Stopwatch.GetTimestamp();
        Assert.Throws<TimeoutException>(() => SharedState.Open<Quote>(_name, new OpenOptions { Timeout = TimeSpan.Zero }));
        Assert.True(Stopwatch.GetElapsedTime(begun) < Until.Patience);
    }
}
