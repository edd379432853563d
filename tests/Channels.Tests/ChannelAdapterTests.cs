using System.Threading.Channels;
using TypedShm.TestMessages;
using Xunit;

namespace TypedShm.Channels.Tests;

/// <summary>
/// Queues behind the types of <c>System.Threading.Channels</c>: what is true of a bounded channel of .NET, with which each test is run
/// first, is true of them.
/// </summary>
public sealed class ChannelAdapterTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly List<IDisposable> _ends = [];

    public enum Kind
    {
        OfDotNet,
        Queue,
        QueueOfItsWriter,
    }

    public static TheoryData<Kind> Kinds => [Kind.OfDotNet, Kind.Queue, Kind.QueueOfItsWriter];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Everything_that_was_written_is_read_in_order_and_then_the_channel_is_complete(Kind kind)
    {
        const int Count = 20_000;
        (ChannelWriter<Quote> writer, ChannelReader<Quote> reader) = Create(kind, capacity: 16);
        Task writing = Task.Run(async () =>
        {
            for (int i = 0; i < Count; i++)
                await writer.WriteAsync(Quote.Of(i));
            Assert.True(writer.TryComplete());
        });
        int next = 0;
        await foreach (Quote quote in reader.ReadAllAsync())
            Assert.Equal(next++, quote.Number);
        Assert.Equal(Count, next);
        await writing;
        await reader.Completion.WaitAsync(s_patience);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_full_channel_takes_nothing_until_something_was_read(Kind kind)
    {
        (ChannelWriter<Quote> writer, ChannelReader<Quote> reader) = Create(kind, capacity: 2);
        Assert.True(writer.TryWrite(Quote.Of(0)));
        Assert.True(writer.TryWrite(Quote.Of(1)));
        Assert.False(writer.TryWrite(Quote.Of(2)));
        Task<bool> room = writer.WaitToWriteAsync().AsTask();
        Task write = Task.Run(() => reader.ReadAsync().AsTask());
        Assert.True(await room.WaitAsync(s_patience));
        await write;
        Assert.True(writer.TryWrite(Quote.Of(2)));
        Assert.False(writer.TryWrite(Quote.Of(3)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Messages_are_counted(Kind kind)
    {
        (ChannelWriter<Quote> writer, ChannelReader<Quote> reader) = Create(kind, capacity: 4);
        Assert.True(reader.CanCount);
        for (int lap = 0; lap < 3; lap++)
        {
            for (int i = 0; i < 4; i++)
            {
                Assert.Equal(i, reader.Count);
                Assert.True(writer.TryWrite(Quote.Of(i)));
            }

            Assert.Equal(4, reader.Count);
            for (int i = 3; i >= 0; i--)
            {
                Assert.True(reader.TryRead(out _));
                Assert.Equal(i, reader.Count);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_is_complete_takes_nothing_and_is_read_to_its_end(Kind kind)
    {
        (ChannelWriter<Quote> writer, ChannelReader<Quote> reader) = Create(kind, capacity: 4);
        Assert.True(writer.TryWrite(Quote.Of(1)));
        Assert.True(writer.TryComplete());
        Assert.False(writer.TryComplete());
        Assert.False(writer.TryComplete(new InvalidDataException("too late")));
        Assert.Throws<ChannelClosedException>(() => writer.Complete());
        Assert.False(writer.TryWrite(Quote.Of(2)));
        Assert.False(await writer.WaitToWriteAsync());
        await Assert.ThrowsAsync<ChannelClosedException>(() => writer.WriteAsync(Quote.Of(2)).AsTask());

        Assert.False(reader.Completion.IsCompleted);
        Assert.True(await reader.WaitToReadAsync());
        Assert.Equal(1, (await reader.ReadAsync()).Number);
        Assert.False(await reader.WaitToReadAsync());
        Assert.False(reader.TryRead(out _));
        Assert.Null((await Assert.ThrowsAsync<ChannelClosedException>(() => reader.ReadAsync().AsTask())).InnerException);
        await reader.Completion.WaitAsync(s_patience);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_error_ends_both_sides(Kind kind)
    {
        (ChannelWriter<Quote> writer, ChannelReader<Quote> reader) = Create(kind, capacity: 4);
        InvalidDataException error = new("the feed is broken");
        Assert.True(writer.TryWrite(Quote.Of(1)));
        Assert.True(writer.TryComplete(error));
        Assert.False(writer.TryWrite(Quote.Of(2)));
        Assert.Same(error, await Assert.ThrowsAsync<InvalidDataException>(() => writer.WaitToWriteAsync().AsTask()));
        Assert.Same(error, (await Assert.ThrowsAsync<ChannelClosedException>(() => writer.WriteAsync(Quote.Of(2)).AsTask()))
            .InnerException);

        Assert.True(await reader.WaitToReadAsync());
        Assert.True(reader.TryRead(out _));
        Exception?[] seen =
        [
            await Record.ExceptionAsync(() => reader.WaitToReadAsync().AsTask()),
            (await Assert.ThrowsAsync<ChannelClosedException>(() => reader.ReadAsync().AsTask())).InnerException,
            await Record.ExceptionAsync(() => reader.Completion.WaitAsync(s_patience)),
        ];
        Assert.False(reader.TryRead(out _));

        // The object itself does not cross over to another process.
        Assert.All(seen, exception => Assert.Contains("the feed is broken", exception!.Message, StringComparison.Ordinal));
        Assert.All(seen, exception =>
            Assert.IsType(kind == Kind.OfDotNet ? typeof(InvalidDataException) : typeof(SharedMemoryException), exception));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_token_that_was_cancelled_before_is_heeded_first(Kind kind)
    {
        (ChannelWriter<Quote> writer, ChannelReader<Quote> reader) = Create(kind, capacity: 4);
        CancellationToken cancelled = new(canceled: true);
        Assert.True(writer.TryWrite(Quote.Of(1)));
        Assert.True(writer.WriteAsync(Quote.Of(2), cancelled).AsTask().IsCanceled);
        Assert.True(writer.WaitToWriteAsync(cancelled).AsTask().IsCanceled);
        Assert.True(reader.ReadAsync(cancelled).AsTask().IsCanceled);
        Assert.True(reader.WaitToReadAsync(cancelled).AsTask().IsCanceled);
        Assert.Equal(1, (await reader.ReadAsync()).Number);
        Assert.False(reader.TryRead(out _));
    }

    [Fact]
    public async Task A_reader_that_has_left_counts_as_completion_with_an_error()
    {
        (SharedQueueWriter<Quote> end, SharedQueueReader<Quote> reader) = SharedQueue.CreatePair<Quote>(new() { Capacity = 4 });
        using (end)
        {
            ChannelWriter<Quote> writer = end.AsChannelWriter();
            for (int i = 0; i < 4; i++)
                Assert.True(writer.TryWrite(Quote.Of(i)));
            reader.Dispose();
            PeerGoneException gone =
                await Assert.ThrowsAsync<PeerGoneException>(() => writer.WaitToWriteAsync().AsTask().WaitAsync(s_patience));
            Assert.True(gone.WasClosed);
            Assert.False(writer.TryWrite(Quote.Of(1)));
            Assert.False(writer.TryComplete());
            Assert.IsType<PeerGoneException>(
                (await Assert.ThrowsAsync<ChannelClosedException>(() => writer.WriteAsync(Quote.Of(1)).AsTask())).InnerException);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_broadcast_is_a_channel_that_drops_the_oldest_or_nothing(bool lossless)
    {
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> end) =
            SharedBroadcast.CreatePair<Quote>(new() { Capacity = 4, Lossless = lossless });
        using (writer)
        using (end)
        {
            ChannelReader<Quote> reader = end.AsChannelReader();
            int written = 0;
            while (written < 10 && writer.TryWrite(Quote.Of(written)))
                written++;
            Assert.Equal(lossless ? 4 : 10, written);
            writer.Complete();
            long last = -1;
            int received = 0;
            await foreach (Quote quote in reader.ReadAllAsync())
            {
                Assert.True(quote.Number > last);
                last = quote.Number;
                received++;
            }

            Assert.Equal(written - 1, last);
            Assert.Equal(written, received + end.Lost);
            Assert.Equal(lossless, end.Lost == 0);
            await Assert.ThrowsAsync<ChannelClosedException>(() => reader.ReadAsync().AsTask());
            await reader.Completion.WaitAsync(s_patience);
        }
    }

    [Fact]
    public async Task Two_processes_talk_through_the_channels_of_dotnet()
    {
        const int Count = 2_000;
        string name = NewName();
        string back = NewName();
        using SharedQueueWriter<Quote> there = SharedQueue.CreateWriter<Quote>(name, new() { Capacity = 16 });
        using SharedQueueReader<Quote> replies = SharedQueue.CreateReader<Quote>(back, new() { Capacity = 16 });
        using Peer peer = ChannelPeer.Start("channel-echo", name, back);
        Task writing = Task.Run(async () =>
        {
            ChannelWriter<Quote> writer = there.AsChannelWriter();
            for (int i = 0; i < Count; i++)
                await writer.WriteAsync(Quote.Of(i));
            Assert.True(writer.TryComplete());
        });
        int next = 0;
        SharedMemoryException error = await Assert.ThrowsAsync<SharedMemoryException>(async () =>
        {
            await foreach (Quote quote in replies.AsChannelReader().ReadAllAsync())
                Assert.Equal(next++, quote.Number);
        });
        Assert.Equal(Count, next);
        Assert.Contains("InvalidDataException: no more", error.Message, StringComparison.Ordinal);
        await writing;
        peer.WaitForExit();
    }

    public void Dispose() => _ends.ForEach(end => end.Dispose());

    private static string NewName() => $"@typedshm-test-{Guid.NewGuid():N}";

    private (ChannelWriter<Quote> Writer, ChannelReader<Quote> Reader) Create(Kind kind, int capacity)
    {
        if (kind == Kind.OfDotNet)
        {
            Channel<Quote> channel = Channel.CreateBounded<Quote>(capacity);
            return (channel.Writer, channel.Reader);
        }

        SharedQueueOptions options = new() { Capacity = capacity };
        (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) = kind == Kind.Queue
            ? SharedQueue.CreatePair<Quote>(options)
            : SharedQueue.CreateWriterPair<Quote>(options);
        _ends.AddRange([writer, reader]);
        return (writer.AsChannelWriter(), reader.AsChannelReader());
    }
}
