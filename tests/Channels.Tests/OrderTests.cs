using System.Runtime.CompilerServices;
using TypedShm.Rings;
using TypedShm.TestMessages;
using Xunit;

namespace TypedShm.Channels.Tests;

/// <summary>In which order things become visible, and whose turn it is.</summary>
public class OrderTests
{
    [Fact]
    public async Task A_message_is_there_as_a_whole_or_not_at_all()
    {
        const int Messages = 50_000;
        (SharedQueueWriter<Long> writer, SharedQueueReader<Long> reader) =
            SharedQueue.CreatePair<Long>(new() { Capacity = 2, Wait = WaitMode.Spin });
        Task writing = Task.Run(() =>
        {
            Long message = default;
            for (int i = 1; i <= Messages; i++)
            {
                message.First = message.Last = i;
                writer.Write(in message);
            }
        });
        for (int i = 1; i <= Messages; i++)
        {
            Long message = reader.Read();
            Assert.Equal((i, i), (message.First, message.Last));
        }

        await writing;
        writer.Dispose();
        reader.Dispose();
    }

    [Fact]
    public async Task A_batch_is_there_as_a_whole_or_not_at_all()
    {
        const int Size = 64;
        const int Rounds = 20_000;
        (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) =
            SharedQueue.CreatePair<Quote>(new() { Capacity = 2 * Size, Wait = WaitMode.Spin });
        Quote[] batch = [.. Enumerable.Range(0, Size).Select(i => Quote.Of(i))];
        Task writing = Task.Run(() =>
        {
            for (int round = 0; round < Rounds; round++)
                writer.WriteBatch(batch);
        });
        for (int round = 0; round < Rounds; round++)
        {
            MessageBatch<Quote> read;
            while (!reader.TryLeaseBatch(Size, out read))
                Thread.Yield();
            using (read)
                Assert.Equal(Size, read.Count);
        }

        await writing;
        writer.Dispose();
        reader.Dispose();
    }

    [Fact]
    public void Writers_are_read_in_turn_however_much_one_of_them_has_written()
    {
        (SharedQueueWriter<Quote> busy, SharedQueueReader<Quote> reader) = SharedQueue.CreatePair<Quote>(new() { Capacity = 16 });
        SharedQueueWriter<Quote> other = busy.AddLane();
        for (int i = 1; i <= 8; i++)
            Assert.True(busy.TryWrite(Quote.Of(i)));
        for (int i = -1; i >= -2; i--)
            Assert.True(other.TryWrite(Quote.Of(i)));

        List<long> first = [];
        for (int i = 0; i < 4; i++)
        {
            Assert.True(reader.TryRead(out Quote quote));
            first.Add(quote.Number);
        }

        // A writer gets its turn after one message of each of the others.
        Assert.Equal([1L, 2L], first.Where(number => number > 0));
        Assert.Equal([-1L, -2L], first.Where(number => number < 0));
        other.Dispose();
        busy.Dispose();
        reader.Dispose();
    }

    [Fact]
    public unsafe void A_value_that_is_complete_but_was_not_published_is_not_read()
    {
        using StateMemory<Quote> memory = StateMemory<Quote>.Create("order", times: false);
        Publish(1);

        // The next value of the same cell is complete: its writer was killed just before it published it.
        ulong unpublished = 1 + (ulong)StateMemory<Quote>.Cells;
        Fill(unpublished);
        Assert.True(!memory.TryFind(out ulong newest, out ulong version) || !memory.IsIntact(newest, version));

        for (ulong next = 2; next <= unpublished; next++)
            Publish(next);
        Assert.True(memory.TryFind(out newest, out version));
        Assert.True(memory.IsIntact(newest, version));
        Assert.Equal(unpublished, version);

        void Publish(ulong number)
        {
            Fill(number);
            Volatile.Write(ref memory.Version, number);
        }

        void Fill(ulong number)
        {
            byte* value = memory.Fill(number);
            *(Quote*)value = Quote.Of((long)number);
            memory.Close(value, number);
        }
    }

    [Fact]
    public void Who_joins_a_lossless_broadcast_does_not_start_where_the_next_message_is_written()
    {
        const int Capacity = 8;
        string name = $"order-{Environment.ProcessId}";
        using SharedBroadcastWriter<Quote> writer =
            SharedBroadcast.Create<Quote>(name, new() { Capacity = Capacity, History = Capacity, Lossless = true });
        for (int i = 0; i < 20; i++)
            Assert.True(writer.TryWrite(Quote.Of(i)));

        // Message 20 may have been begun before the writer heard of the reader, and takes the slot of message 12.
        using SharedBroadcastReader<Quote> reader = SharedBroadcast.Open<Quote>(name);
        Assert.Equal(20 - Capacity + 1, reader.Start);
        Assert.Equal(reader.Start, reader.Read().Number);
    }
}

/// <summary>A message whose end is some lines of the cache away from its beginning.</summary>
[SharedLayout]
internal partial struct Long
{
    public long First;
    public Middle Between;
    public long Last;

    [InlineArray(126)]
    public struct Middle
    {
        private long _first;
    }
}
