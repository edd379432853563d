using TypedShm.TestMessages;
using Xunit;

namespace TypedShm.Channels.Tests;

/// <summary>Batches, payloads and time limits of both channels of messages, on threads and without.</summary>
public sealed class MessageTwinsTests
{
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(20);

    public enum Kind
    {
        Queue,
        Lossless,
        Lossy,
    }

    public static TheoryData<Kind> Kinds => [Kind.Queue, Kind.Lossless, Kind.Lossy];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Payloads_are_written_and_read_in_every_way(Kind kind)
    {
        using Ends ends = new(kind);
        byte[] room = new byte[8];
        ends.Writer.Write(Quote.Of(1), new byte[] { 1 });
        await ends.Writer.WriteAsync(Quote.Of(2), new byte[] { 1, 2 });
        Assert.True(ends.Writer.TryWrite(Quote.Of(3), new byte[] { 1, 2, 3 }, s_moment));
        Assert.True(await ends.Writer.TryWriteAsync(Quote.Of(4), new byte[] { 1, 2, 3, 4 }, s_moment));

        Assert.Equal((1L, 1), (ends.Reader.Read(room, out int length).Number, length));
        (Quote quote, length) = await ends.Reader.ReadAsync(room);
        Assert.Equal((2L, 2), (quote.Number, length));
        Assert.True(ends.Reader.TryRead(out quote, room, out length, s_moment));
        Assert.Equal((3L, 3), (quote.Number, length));
        Assert.Equal(4, (await ends.Reader.TryReadAsync(room, s_moment))?.PayloadLength);
        Assert.Equal([1, 2, 3, 4], room[..4]);

        Assert.False(ends.Reader.TryRead(out _, room, out _, s_moment));
        Assert.Null(await ends.Reader.TryReadAsync(room, s_moment));
        Assert.Null(await ends.Reader.TryReadAsync(s_moment));
        Assert.False(ends.Reader.TryWaitToRead(s_moment));
        Assert.False(await ends.Reader.TryWaitToReadAsync(s_moment));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_payload_for_which_there_is_no_room_stays_the_next(Kind kind)
    {
        using Ends ends = new(kind);
        ends.Writer.Write(Quote.Of(1), new byte[5]);
        Assert.Contains("5 bytes", Assert.Throws<ArgumentException>(() => ends.Reader.TryRead(out _, new byte[4], out _)).Message,
            StringComparison.Ordinal);
        Assert.Contains("5 bytes", Assert.Throws<ArgumentException>(() => ends.Reader.Read(new byte[4], out _)).Message,
            StringComparison.Ordinal);
        Assert.Equal(1, ends.Reader.Read(new byte[5], out int length).Number);
        Assert.Equal(5, length);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Batches_are_written_and_read_in_every_way(Kind kind)
    {
        using Ends ends = new(kind);
        Quote[] two = [Quote.Of(1), Quote.Of(2)];
        Quote[] room = new Quote[3];
        Assert.True(ends.Writer.TryWriteBatch(two));
        ends.Writer.WriteBatch(two);
        await ends.Writer.WriteBatchAsync(two);
        Assert.True(ends.Writer.TryWriteBatch(two, s_moment));
        Assert.Equal(8, ends.Reader.Count);
        Assert.True(ends.Reader.TryPeek(out Quote first));
        Assert.Equal(1, first.Number);

        Assert.True(ends.Reader.TryReadBatch(room, out int count));
        Assert.Equal([1L, 2, 1], room[..count].Select(quote => quote.Number));
        Assert.Equal(3, ends.Reader.ReadBatch(room));
        Assert.Equal([2L, 1, 2], room.Select(quote => quote.Number));
        Assert.Equal(2, await ends.Reader.ReadBatchAsync(room));
        Assert.Equal(0, await ends.Reader.TryReadBatchAsync(room, s_moment));
        Assert.False(ends.Reader.TryReadBatch(room, out count, s_moment));
        Assert.Equal(0, count);
        Assert.Equal(0, ends.Reader.Count);
        Assert.False(ends.Reader.TryPeek(out _));
        Assert.Throws<ArgumentException>(() => ends.Reader.TryReadBatch([], out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => ends.Writer.TryWriteBatch(new Quote[9]));
        Assert.True(await ends.Writer.TryWriteBatchAsync(two, s_moment));
    }

    [Theory]
    [InlineData(Kind.Queue)]
    [InlineData(Kind.Lossless)]
    public async Task A_batch_for_which_there_is_no_room_is_not_written_at_all(Kind kind)
    {
        using Ends ends = new(kind);
        ends.Writer.WriteBatch(new Quote[7]);
        Assert.False(ends.Writer.TryWriteBatch([Quote.Of(1), Quote.Of(2)]));
        Assert.False(ends.Writer.TryWriteBatch([Quote.Of(1), Quote.Of(2)], s_moment));
        Assert.False(await ends.Writer.TryWriteBatchAsync(new Quote[2], s_moment));
        Assert.Equal(7, ends.Reader.Count);
        Task late = ends.Writer.WriteBatchAsync(new[] { Quote.Of(1), Quote.Of(2) }).AsTask();
        ends.Reader.Read();
        await Until.Soon(late);
        Assert.Equal(8, ends.Reader.Count);
        Assert.False(ends.Writer.TryWrite(Quote.Of(3), s_moment));
        Assert.False(await ends.Writer.TryWriteAsync(Quote.Of(3), s_moment));
        Assert.False(await ends.Writer.TryWriteAsync(Quote.Of(3), new byte[1], s_moment));
        Assert.False(ends.Writer.TryWaitToWrite(s_moment));
        Assert.False(await ends.Writer.TryWaitToWriteAsync(s_moment));
    }

    /// <summary>Each message of a batch shows where it begins: a reader that finds the first finds all.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Readers_see_whole_batches(Kind kind)
    {
        const int Batches = 20_000;
        const int Size = 4;
        using Ends ends = new(kind);
        Task writing = Task.Factory.StartNew(
            () =>
            {
                Quote[] batch = new Quote[Size];
                for (int i = 0; i < Batches; i++)
                {
                    for (int k = 0; k < Size; k++)
                        batch[k] = Quote.Of((i * Size) + k);
                    ends.Writer.WriteBatch(batch);
                }

                ends.Writer.Complete();
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        long next = 0;
        long received = 0;
        while (ends.Reader.WaitToRead())
        {
            while (ends.Reader.TryRead(out Quote quote))
            {
                Take(quote);

                // Who finds the first of a batch finds the others; of a lossy broadcast they may have been overwritten by now.
                for (int k = 1; kind != Kind.Lossy && k < Size; k++)
                {
                    Assert.True(ends.Reader.TryRead(out quote));
                    Take(quote);
                }
            }
        }

        await Until.Soon(writing);
        Assert.Equal(Batches * Size, received + ((ends.Reader as SharedBroadcastReader<Quote>)?.Lost ?? 0));

        void Take(Quote quote)
        {
            Assert.True(quote.IsWhole && (kind == Kind.Lossy ? quote.Number >= next : quote.Number == next),
                $"{quote.Number} instead of {next}");
            next = quote.Number + 1;
            received++;
        }
    }

    private sealed class Ends : IDisposable
    {
        public Ends(Kind kind)
        {
            if (kind == Kind.Queue)
            {
                (Writer, Reader) = SharedQueue.CreatePair<Quote>(new() { Capacity = 8, PayloadCapacity = 8 });
                return;
            }

            (Writer, Reader) = SharedBroadcast.CreatePair<Quote>(
                new() { Capacity = 8, PayloadCapacity = 8, Lossless = kind == Kind.Lossless });
        }

        public SharedMessageWriter<Quote> Writer { get; }

        public SharedMessageReader<Quote> Reader { get; }

        public void Dispose()
        {
            Writer.Dispose();
            Reader.Dispose();
        }
    }
}
