using System.Threading.Channels;
using TypedShm.Memory;
using TypedShm.Rings;
using TypedShm.TestMessages;
using Xunit;

namespace TypedShm.Channels.Tests.Broadcast;

/// <summary>How a broadcast ends, and what a writer can do that it must not.</summary>
public class EndingTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task The_error_of_a_completed_broadcast_reaches_every_reader_after_the_last_message()
    {
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> reader) = SharedBroadcast.CreatePair<Quote>();
        writer.Write(Quote.Of(1));
        writer.Complete(new InvalidDataException("the feed is broken"));
        Assert.IsType<InvalidDataException>(Assert.Throws<ChannelClosedException>(() => writer.Write(Quote.Of(2))).InnerException);
        Assert.IsType<InvalidDataException>(Assert.Throws<ChannelClosedException>(() => writer.Complete()).InnerException);
        await Assert.ThrowsAsync<InvalidDataException>(() => writer.WaitToWriteAsync().AsTask());
        Assert.True(await reader.WaitToReadAsync());
        Assert.True(reader.TryRead(out _));
        SharedMemoryException error = await Assert.ThrowsAsync<SharedMemoryException>(() => reader.WaitToReadAsync().AsTask());
        Assert.Contains("InvalidDataException: the feed is broken", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<SharedMemoryException>(() => reader.Completion.WaitAsync(s_patience));
        reader.Dispose();
        writer.Dispose();
    }

    /// <summary>
    /// A reader whose connection breaks, or that is cut off, still reads what is in the memory of the old connection, which the writer goes
    /// on writing. Over the new one it begins after that.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_breaks_between_two_who_live_is_made_again_and_nothing_comes_twice(bool lossless)
    {
        string name = NamesDirectory.NewName("again");
        using SharedBroadcastWriter<Quote> writer =
            SharedBroadcast.Create<Quote>(name, new() { Capacity = 8, Lossless = lossless });
        int joined = 0;
        writer.PeerJoined += (_, _) => Interlocked.Increment(ref joined);
        using SharedBroadcastReader<Quote> reader = SharedBroadcast.Open<Quote>(name, new() { Reconnect = true });
        for (int i = 0; i < 2; i++)
            writer.Write(Quote.Of(i));
        reader.Link.Dispose();
        await Until.Holds(() => Volatile.Read(ref joined) == 2 && reader.State == ConnectionState.Connected, "it is connected again");

        for (int i = 2; i < 5; i++)
            writer.Write(Quote.Of(i));
        for (int i = 0; i < 5; i++)
        {
            Assert.True(reader.TryRead(out Quote quote));
            Assert.Equal(i, quote.Number);
        }

        Assert.False(reader.TryRead(out _));
        Assert.Equal(5, reader.Position);
        Assert.Equal(0, reader.Lost);

        // The writer waits for no message that was read.
        for (int i = 5; i < 13; i++)
            Assert.True(writer.TryWrite(Quote.Of(i)));
        for (int i = 5; i < 13; i++)
            Assert.Equal(i, reader.Read().Number);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(true, 4)]
    public async Task Who_has_completed_can_try_but_not_write(bool lossless, int written)
    {
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> reader) =
            SharedBroadcast.CreatePair<Quote>(new() { Capacity = 4, Lossless = lossless, PayloadCapacity = 8 });
        for (int i = 0; i < written; i++)
            writer.Write(Quote.Of(i));
        writer.Complete();
        Assert.False(writer.TryWrite(Quote.Of(5)));
        Assert.False(writer.TryWrite(Quote.Of(5), [1]));
        Assert.False(writer.TryClaim(out _));
        Assert.False(await writer.WaitToWriteAsync());
        Assert.Throws<ChannelClosedException>(() => writer.Write(Quote.Of(5)));
        Assert.Throws<ChannelClosedException>(() => writer.TryWrite(Quote.Of(5), TimeSpan.Zero));
        Assert.Throws<ChannelClosedException>(() => writer.Write(Quote.Of(5), [1]));
        Assert.Throws<ChannelClosedException>(() => writer.Claim());
        await Assert.ThrowsAsync<ChannelClosedException>(() => writer.WriteAsync(Quote.Of(5)).AsTask());
        for (int i = 0; i < written; i++)
            Assert.Equal(i, reader.Read().Number);
        Assert.False(reader.WaitToRead());
        reader.Dispose();
        writer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => writer.TryWrite(Quote.Of(5)));
    }

    [Fact]
    public void What_was_written_before_the_writer_was_disposed_is_read()
    {
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> reader) = SharedBroadcast.CreatePair<Quote>();
        writer.Write(Quote.Of(1));
        writer.Dispose();
        Assert.Equal(1, reader.Read().Number);
        Assert.False(reader.WaitToRead());
        Assert.Throws<ChannelClosedException>(() => reader.Read());
        Assert.True(reader.Completion.IsCompletedSuccessfully);
        Assert.Throws<ObjectDisposedException>(() => writer.TryWrite(default));
        Assert.Throws<ObjectDisposedException>(() => writer.TryClaim(out _));
        reader.Dispose();
    }

    [Fact]
    public void Waits_end_with_their_time()
    {
        TimeSpan moment = TimeSpan.FromMilliseconds(10);
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> reader) =
            SharedBroadcast.CreatePair<Quote>(new() { Capacity = 1, Lossless = true });
        Assert.False(reader.TryWaitToRead(moment));
        Assert.False(reader.TryLease(out _, moment));
        Assert.True(writer.TryWaitToWrite(TimeSpan.Zero));
        writer.Write(Quote.Of(1));
        Assert.False(writer.TryWaitToWrite(moment));
        Assert.True(reader.TryWaitToRead(TimeSpan.Zero));
        Assert.True(reader.TryLease(out BroadcastLease<Quote> lease, moment));
        Assert.Equal(0, lease.Number);
        lease.Dispose();
        Assert.True(writer.WaitToWrite());

        CancellationToken cancelled = new(canceled: true);
        Assert.Throws<OperationCanceledException>(() => reader.TryWaitToRead(s_patience, cancelled));
        Assert.Throws<OperationCanceledException>(() => reader.TryLease(out _, s_patience, cancelled));
        Assert.Throws<OperationCanceledException>(() => writer.TryWaitToWrite(s_patience, cancelled));

        writer.Complete(new InvalidDataException("the feed is broken"));
        Assert.Throws<InvalidDataException>(() => writer.TryWaitToWrite(s_patience));
        Assert.Throws<SharedMemoryException>(() => reader.TryWaitToRead(s_patience));
        Assert.Throws<SharedMemoryException>(() => reader.TryLease(out _, s_patience));
        writer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => writer.TryWaitToWrite(s_patience));
        reader.Dispose();
        Assert.Throws<ObjectDisposedException>(() => reader.TryWaitToRead(s_patience));
    }

    [Fact]
    public async Task Dispose_and_cancellation_end_waits_of_readers_and_writers()
    {
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> reader) =
            SharedBroadcast.CreatePair<Quote>(new() { Capacity = 1, Lossless = true });
        using (CancellationTokenSource stop = new())
        {
            Task[] reads = [Run(() => reader.WaitToRead(stop.Token)), reader.WaitToReadAsync(stop.Token).AsTask()];
            await Task.Delay(20);
            await stop.CancelAsync();
            foreach (Task read in reads)
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(s_patience));
        }

        writer.Write(Quote.Of(0));

        // One after the other: a writer is for one thread at a time.
        foreach (Func<CancellationToken, Task> write in (Func<CancellationToken, Task>[])
            [token => Run(() => writer.Write(Quote.Of(1), token)), token => writer.WaitToWriteAsync(token).AsTask()])
        {
            using CancellationTokenSource stop = new();
            Task waiting = write(stop.Token);
            await Task.Delay(20);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(s_patience));
        }

        Task last = Run(() => writer.Write(Quote.Of(1)));
        await Task.Delay(20);
        writer.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => last.WaitAsync(s_patience));

        (writer, reader) = SharedBroadcast.CreatePair<Quote>();
        Task[] waits = [Run(() => reader.WaitToRead()), reader.WaitToReadAsync().AsTask()];
        await Task.Delay(20);
        reader.Dispose();
        foreach (Task wait in waits)
            await Assert.ThrowsAsync<ObjectDisposedException>(() => wait.WaitAsync(s_patience));
        Assert.Throws<ObjectDisposedException>(() => reader.TryRead(out _));
        Assert.Throws<ObjectDisposedException>(() => reader.TryLease(out _));
        writer.Dispose();

        static Task Run(Action action) =>
            Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    [Fact]
    public async Task One_wait_set_waits_for_several_broadcasts()
    {
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> reader) = SharedBroadcast.CreatePair<Quote>();
        (SharedBroadcastWriter<Quote> other, SharedBroadcastReader<Quote> otherReader) = SharedBroadcast.CreatePair<Quote>();
        SharedWaitSet both = new(reader, otherReader);
        Task<int> wait = both.WaitAnyAsync().AsTask();
        other.Write(Quote.Of(1));
        Assert.Equal(1, await wait);
        otherReader.Read();
        writer.Complete();
        Assert.Equal(0, both.WaitAny());
        Assert.False(reader.WaitToRead());
        foreach (IDisposable end in (IDisposable[])[writer, reader, other, otherReader])
            end.Dispose();
    }

    [Theory]
    [InlineData(0UL, 0UL)]
    [InlineData(1UL, 0UL)]
    [InlineData(ulong.MaxValue, ulong.MaxValue)]
    [InlineData(8UL, ulong.MaxValue)]
    [InlineData(8UL, 1UL << 61)]
    [InlineData(7UL, 0UL)]
    public void Sequences_and_a_tail_that_make_no_sense_end_the_broadcast_or_nothing(ulong sequence, ulong tail)
    {
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> reader) =
            SharedBroadcast.CreatePair<Quote>(new() { Capacity = 2 });
        Words words = new(writer.Region);
        words.Tail = tail;
        words.Sequence(0) = sequence;
        words.Sequence(1) = sequence;
        for (int i = 0; i < 10; i++)
            reader.TryRead(out _);
        Assert.True(reader.Lost >= 0);
        Assert.True(reader.Position >= 0);
        if (sequence > 2 && tail > 1UL << 61)
        {
            Assert.Throws<ProtocolException>(() => reader.WaitToRead());
            Assert.Empty(reader.Peers);
        }

        reader.Dispose();
        writer.Dispose();
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(3UL)]
    [InlineData(ulong.MaxValue)]
    public void A_final_count_that_is_not_what_was_written_is_a_fault(ulong count)
    {
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> reader) = SharedBroadcast.CreatePair<Quote>();
        writer.Write(Quote.Of(0));
        Words words = new(writer.Region);
        words.TotalCount = count;
        words.End = 1;
        Assert.Equal(0, reader.Read().Number);
        Assert.Throws<ProtocolException>(() => reader.WaitToRead());
        reader.Dispose();
        writer.Dispose();
    }

    [Fact]
    public void A_lossless_message_that_is_overwritten_without_a_word_is_a_fault()
    {
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> reader) =
            SharedBroadcast.CreatePair<Quote>(new() { Capacity = 2, Lossless = true });
        writer.Write(Quote.Of(0));
        new Words(writer.Region).Sequence(0) = 5;
        Assert.False(reader.TryRead(out _));
        Assert.Throws<ProtocolException>(() => reader.WaitToRead());
        reader.Dispose();
        writer.Dispose();
    }

    [Fact]
    public void A_payload_that_is_longer_than_its_slot_is_a_fault()
    {
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> reader) =
            SharedBroadcast.CreatePair<Quote>(new() { Capacity = 2, PayloadCapacity = 16 });
        writer.Write(Quote.Of(0));
        new Words(writer.Region).PayloadLength(0) = 17;
        Assert.False(reader.TryLease(out _));
        Assert.False(reader.TryRead(out _, new byte[100], out _));
        Assert.Throws<ProtocolException>(() => reader.WaitToRead());
        reader.Dispose();
        writer.Dispose();
    }

    [Theory]
    [InlineData]
    [InlineData(8L, 0L, 16L, 0L)]
    [InlineData(8L, 0L, 16L, 0L, 2L)]
    [InlineData(7L, 0L, 16L, 0L, 0L)]
    [InlineData(long.MaxValue, 0L, 16L, 0L, 0L)]
    public void Parameters_that_describe_no_broadcast_are_refused(params long[] parameters) =>
        Assert.Throws<ProtocolException>(() => RingShape.FromParameters(parameters));

    /// <summary>The words of a broadcast, as its writer can write them.</summary>
    private readonly unsafe struct Words(SharedRegion region)
    {
        private readonly byte* _control = (byte*)region.Address + region.Header.ControlOffset;
        private readonly byte* _slots = (byte*)region.Address + region.Header.DataOffset;

        public ulong Tail
        {
            set => *(ulong*)_control = value;
        }

        public ulong TotalCount
        {
            set => *(ulong*)(_control + ControlWords.Spacing) = value;
        }

        public ulong End
        {
            set => *(ulong*)(_control + (2 * ControlWords.Spacing)) = value;
        }

        public ref ulong Sequence(int slot) => ref *(ulong*)(_slots + (slot * region.Header.Stride));

        public ref uint PayloadLength(int slot) => ref *(uint*)(_slots + (slot * region.Header.Stride) + region.Header.Slot.LengthOffset);
    }
}
