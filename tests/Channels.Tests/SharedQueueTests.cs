using System.Threading.Channels;
using TypedShm.TestMessages;
using Xunit;

namespace TypedShm.Channels.Tests;

/// <summary>A queue, both ends in this process: the memory, the checks and the waits are the real ones.</summary>
public class SharedQueueTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Fact]
    public void Messages_come_in_order_and_whole_however_often_the_ring_wraps()
    {
        (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) = Pair(new() { Capacity = 8 });
        for (int i = 0; i < 1000; i++)
        {
            int count = 1 + (i % 8);
            for (int k = 0; k < count; k++)
                writer.Write(Quote.Of((1000 * i) + k));
            for (int k = 0; k < count; k++)
            {
                Assert.True(reader.TryRead(out Quote quote));
                Assert.True(quote.IsWhole);
                Assert.Equal((1000 * i) + k, quote.Number);
            }

            Assert.False(reader.TryRead(out _));
        }

        Close(writer, reader);
    }

    [Fact]
    public void A_full_queue_takes_a_message_as_soon_as_one_was_read()
    {
        (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) = Pair(new() { Capacity = 4 });
        for (int i = 0; i < 4; i++)
            Assert.True(writer.TryWrite(Quote.Of(i)));
        Assert.False(writer.TryWrite(Quote.Of(4)));
        Assert.False(writer.TryWrite(Quote.Of(4), TimeSpan.FromMilliseconds(20)));
        Assert.True(reader.TryRead(out _));
        Assert.True(writer.TryWrite(Quote.Of(4)));
        Assert.False(writer.TryWrite(Quote.Of(5)));
        for (int i = 1; i < 5; i++)
            Assert.Equal(i, reader.Read().Number);
        Close(writer, reader);
    }

    [Theory]
    [InlineData(WaitMode.Park, WaitFence.Barrier, false)]
    [InlineData(WaitMode.Park, WaitFence.Full, false)]
    [InlineData(WaitMode.SpinThenPark, WaitFence.Auto, true)]
    [InlineData(WaitMode.SpinThenPark, WaitFence.Full, true)]
    [InlineData(WaitMode.Spin, WaitFence.Auto, false)]
    public void Nothing_is_lost_or_doubled_while_both_sides_wait_for_each_other(WaitMode mode, WaitFence fence, bool writerOwns)
    {
        const int Count = 200_000;
        SharedQueueOptions options = new() { Capacity = 16, Wait = mode, Fence = fence };
        (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) = writerOwns
            ? SharedQueue.CreateWriterPair<Quote>(options)
            : Pair(options);
        Thread writing = new(() =>
        {
            for (int i = 0; i < Count; i++)
                writer.Write(Quote.Of(i));
            writer.Complete();
        });
        writing.Start();
        for (int i = 0; i < Count; i++)
        {
            Quote quote = reader.Read();
            if (!quote.IsWhole || quote.Number != i)
                Assert.Fail($"Expected message {i}, found {quote.Number}, whole: {quote.IsWhole}.");
        }

        Assert.False(reader.WaitToRead());
        Assert.True(reader.Completion.IsCompletedSuccessfully);
        writing.Join();
        Close(writer, reader);
    }

    [Theory]
    [InlineData(WaitFence.Auto)]
    [InlineData(WaitFence.Full)]
    public async Task Nothing_is_lost_or_doubled_while_tasks_wait_for_each_other(WaitFence fence)
    {
        const int Count = 20_000;
        (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) =
            Pair(new() { Capacity = 4, Wait = WaitMode.Park, Fence = fence });
        Task writing = Task.Run(async () =>
        {
            for (int i = 0; i < Count; i++)
                await writer.WriteAsync(Quote.Of(i));
            writer.Complete();
        });
        int next = 0;
        await foreach (Quote quote in reader.ReadAllAsync())
            Assert.Equal(next++, quote.Number);
        Assert.Equal(Count, next);
        await writing;
        await reader.Completion.WaitAsync(s_patience);
        await Assert.ThrowsAsync<ChannelClosedException>(() => reader.ReadAsync().AsTask());
        Close(writer, reader);
    }

    [Fact]
    public void A_claim_is_published_by_its_commit_alone()
    {
        (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) = Pair(new() { Capacity = 4 });
        using (Claim<Quote> claim = writer.Claim())
        {
            claim.Value = Quote.Of(1);
            Assert.False(reader.TryRead(out _));
        }

        Assert.False(reader.TryRead(out _));
        using (Claim<Quote> claim = writer.Claim())
        {
            claim.Value = Quote.Of(2);
            claim.Commit();
        }

        Assert.Equal(2, reader.Read().Number);
        Close(writer, reader);
    }

    [Fact]
    public void A_claim_that_is_over_or_not_the_only_one_is_refused()
    {
        (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) = Pair(new() { Capacity = 4 });
        Claim<Quote> claim = writer.Claim();
        Assert.Throws<InvalidOperationException>(() => writer.TryWrite(Quote.Of(1)));
        Assert.Throws<InvalidOperationException>(() => writer.TryClaim(out _));
        Assert.Throws<InvalidOperationException>(() => writer.Complete());
        claim.Commit();
        claim.Dispose();
        InvalidOperationException? error = null;
        try
        {
            claim.Value = default;
        }
        catch (InvalidOperationException thrown)
        {
            error = thrown;
        }

        Assert.NotNull(error);
        Assert.True(writer.TryWrite(Quote.Of(1)));
        Close(writer, reader);
    }

    [Fact]
    public void A_batch_appears_as_a_whole()
    {
        (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) = Pair(new() { Capacity = 8 });
        Assert.True(writer.TryWriteBatch([Quote.Of(0), Quote.Of(1), Quote.Of(2)]));
        Assert.True(writer.TryClaimBatch(4, out BatchClaim<Quote> claim));
        for (int i = 0; i < claim.Count; i++)
            claim[i] = Quote.Of(3 + i);
        claim.Commit();
        Assert.False(writer.TryWriteBatch([Quote.Of(7), Quote.Of(8)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.TryWriteBatch(new Quote[9]));

        Assert.True(reader.TryLeaseBatch(5, out MessageBatch<Quote> batch));
        Assert.Equal(5, batch.Count);
        Quote[] copy = new Quote[5];
        batch.CopyTo(copy);
        int next = 0;
        foreach (ref readonly Quote quote in batch)
            Assert.Equal(next++, quote.Number);
        Assert.Equal([0, 1, 2, 3, 4], copy.Select(quote => (int)quote.Number));
        Assert.False(writer.TryWriteBatch([Quote.Of(7), Quote.Of(8)]));
        batch.Dispose();
        Assert.True(writer.TryWriteBatch([Quote.Of(7), Quote.Of(8)]));
        foreach (int expected in (int[])[5, 6, 7, 8])
            Assert.Equal(expected, reader.Read().Number);
        Close(writer, reader);
    }

    [Fact]
    public void A_payload_travels_in_its_slot()
    {
        (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) =
            Pair(new() { Capacity = 4, PayloadCapacity = 100, PayloadAlignment = 64, PublishTimes = true });
        writer.Write(Quote.Of(1), [1, 2, 3]);
        using (Claim<Quote> claim = writer.Claim())
        {
            claim.Value = Quote.Of(2);
            claim.PayloadAs<double>()[1] = 2.5;
            Assert.Equal(12, claim.PayloadAs<double>().Length);
            claim.Commit(16);
        }

        writer.Write(Quote.Of(3));
        Assert.Throws<ArgumentException>(() => writer.TryWrite(Quote.Of(4), new byte[101]));
        using (Lease<Quote> lease = reader.Lease())
        {
            Assert.Equal(1, lease.Value.Number);
            Assert.Equal([1, 2, 3], lease.Payload.ToArray());
            Assert.True(lease.Age >= TimeSpan.Zero);
            Assert.Equal(Environment.ProcessId, lease.Peer.Identity.ProcessId);
        }

        using (Lease<Quote> lease = reader.Lease())
            Assert.Equal(2.5, lease.PayloadAs<double>()[1]);
        using (Lease<Quote> lease = reader.Lease())
            Assert.True(lease.Payload.IsEmpty);
        Close(writer, reader);
    }

    [Fact]
    public void A_lease_keeps_its_slot_and_its_reader_until_it_is_disposed()
    {
        (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) = Pair(new() { Capacity = 2 });
        writer.Write(Quote.Of(0));
        writer.Write(Quote.Of(1));
        Assert.True(reader.TryLease(out Lease<Quote> lease));
        Assert.False(writer.TryWrite(Quote.Of(2)));
        Assert.Throws<InvalidOperationException>(() => reader.TryRead(out _));
        lease.Dispose();
        lease.Dispose();
        Assert.True(writer.TryWrite(Quote.Of(2)));
        Assert.Equal(1, reader.Read().Number);
        Close(writer, reader);
    }

    [Fact]
    public void Held_messages_are_given_back_in_any_order()
    {
        (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) = Pair(new() { Capacity = 4, PayloadCapacity = 8 });
        for (int lap = 0; lap < 100; lap++)
        {
            for (int i = 0; i < 4; i++)
                writer.Write(Quote.Of(i), [(byte)i]);
            HeldMessage<Quote> first = Held(reader);
            HeldMessage<Quote> second = Held(reader);
            Assert.Equal(2, reader.Read().Number);
            HeldMessage<Quote> fourth = Held(reader);

            second.Dispose();
            second.Dispose();
            Assert.False(writer.TryWrite(Quote.Of(9)));
            Assert.Equal(0, first.Value.Number);
            Assert.Equal([0], first.Payload.ToArray());
            Assert.Throws<ObjectDisposedException>(() => second.Value);
            first.Dispose();
            Assert.True(writer.TryWriteBatch([Quote.Of(4), Quote.Of(5), Quote.Of(6)]));
            Assert.False(writer.TryWrite(Quote.Of(9)));
            Assert.Equal(3, fourth.Value.Number);
            Assert.Equal(4, reader.Read().Number);
            fourth.Dispose();
            Assert.Equal(5, reader.Read().Number);
            Assert.Equal(6, reader.Read().Number);
        }

        Close(writer, reader);

        static HeldMessage<Quote> Held(SharedQueueReader<Quote> reader)
        {
            Assert.True(reader.TryLease(out Lease<Quote> lease));
            HeldMessage<Quote> held = lease.Hold();
            lease.Dispose();
            return held;
        }
    }

    [Fact]
    public async Task Held_messages_are_given_back_by_other_threads_while_the_reader_goes_on()
    {
        const int Count = 50_000;
        (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) = Pair(new() { Capacity = 64 });
        Task writing = Task.Factory.StartNew(
            () =>
            {
                for (int i = 0; i < Count; i++)
                    writer.Write(Quote.Of(i));
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        Channel<HeldMessage<Quote>> handed = Channel.CreateBounded<HeldMessage<Quote>>(16);
        Task giving = Task.Run(async () =>
        {
            await foreach (HeldMessage<Quote> held in handed.Reader.ReadAllAsync())
            {
                Assert.True(held.Value.IsWhole);
                held.Dispose();
            }
        });
        for (int i = 0; i < Count; i++)
            await handed.Writer.WriteAsync(Next(i));
        handed.Writer.Complete();
        await giving;
        await writing;
        Assert.True(writer.TryWriteBatch(new Quote[64]));
        Close(writer, reader);

        HeldMessage<Quote> Next(int expected)
        {
            using Lease<Quote> lease = reader.Lease();
            Assert.Equal(expected, lease.Value.Number);
            return lease.Hold();
        }
    }

    [Fact]
    public void The_reader_takes_from_each_writer_in_turn_and_knows_who_it_was()
    {
        (SharedQueueWriter<Quote> first, SharedQueueReader<Quote> reader) = Pair(new() { Capacity = 64 });
        using SharedQueueWriter<Quote> second = first.AddLane();
        using SharedQueueWriter<Quote> third = second.AddLane();
        for (int i = 0; i < 50; i++)
            first.Write(Quote.Of(i));
        for (int i = 0; i < 10; i++)
        {
            second.Write(Quote.Of(1000 + i));
            third.Write(Quote.Of(2000 + i));
        }

        long[] sums = new long[3];
        for (int i = 0; i < 30; i++)
        {
            Assert.True(reader.TryRead(out Quote quote, out SharedPeer? peer));
            Assert.Equal(Environment.ProcessId, peer.Identity.ProcessId);
            sums[quote.Number / 1000]++;
        }

        Assert.Equal([10, 10, 10], sums);
        Assert.Equal(3, reader.Peers.Count);
        Close(first, reader);
    }

    [Fact]
    public void What_a_writer_wrote_before_it_left_is_read_and_others_go_on()
    {
        (SharedQueueWriter<Quote> first, SharedQueueReader<Quote> reader) = Pair(new() { Capacity = 64 });
        SharedQueueWriter<Quote> second = first.AddLane();
        for (int i = 0; i < 20; i++)
            second.Write(Quote.Of(i));
        second.Dispose();
        for (int i = 0; i < 20; i++)
            Assert.Equal(i, reader.Read().Number);
        Assert.False(reader.TryRead(out _, TimeSpan.FromMilliseconds(10)));
        first.Write(Quote.Of(7));
        Assert.Equal(7, reader.Read().Number);
        Assert.False(reader.Completion.IsCompleted);
        Close(first, reader);
    }

    [Fact]
    public async Task The_error_of_a_completed_queue_reaches_the_reader_after_the_last_message()
    {
        (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) = Pair(new() { Capacity = 4 });
        writer.Write(Quote.Of(1));
        writer.Complete(new InvalidDataException("the feed is broken"));
        Assert.IsType<InvalidDataException>(Assert.Throws<ChannelClosedException>(() => writer.Write(Quote.Of(2))).InnerException);
        await Assert.ThrowsAsync<InvalidDataException>(() => writer.WaitToWriteAsync().AsTask());
        Assert.True(await reader.WaitToReadAsync());
        Assert.True(reader.TryRead(out _));
        SharedMemoryException error = await Assert.ThrowsAsync<SharedMemoryException>(() => reader.WaitToReadAsync().AsTask());
        Assert.Contains("InvalidDataException: the feed is broken", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<SharedMemoryException>(() => reader.Completion.WaitAsync(s_patience));
        Assert.IsType<SharedMemoryException>(Assert.Throws<ChannelClosedException>(() => reader.Read()).InnerException);
        Close(writer, reader);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(false, 4)]
    [InlineData(true, 0)]
    [InlineData(true, 4)]
    public async Task Who_has_completed_can_try_but_not_write(bool writerOwns, int written)
    {
        SharedQueueOptions options = new() { Capacity = 4, PayloadCapacity = 8 };
        (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) = writerOwns
            ? SharedQueue.CreateWriterPair<Quote>(options)
            : Pair(options);
        for (int i = 0; i < written; i++)
            writer.Write(Quote.Of(i));
        writer.Complete();
        Assert.False(writer.TryWrite(Quote.Of(5)));
        Assert.False(writer.TryWrite(Quote.Of(5), [1]));
        Assert.False(writer.TryWriteBatch([Quote.Of(5), Quote.Of(6)]));
        Assert.False(writer.TryWriteBatch([]));
        Assert.False(writer.TryClaim(out _));
        Assert.False(writer.TryClaimBatch(2, out _));
        Assert.Throws<ChannelClosedException>(() => writer.Write(Quote.Of(5)));
        Assert.Throws<ChannelClosedException>(() => writer.TryWrite(Quote.Of(5), TimeSpan.Zero));
        Assert.Throws<ChannelClosedException>(() => writer.Write(Quote.Of(5), [1]));
        Assert.Throws<ChannelClosedException>(() => writer.WriteBatch([Quote.Of(5), Quote.Of(6)]));
        Assert.Throws<ChannelClosedException>(() => writer.Claim());
        await Assert.ThrowsAsync<ChannelClosedException>(() => writer.WriteAsync(Quote.Of(5)).AsTask());
        for (int i = 0; i < written; i++)
            Assert.Equal(i, reader.Read().Number);
        Assert.False(reader.WaitToRead());
        reader.Dispose();
        Assert.False(writer.TryWrite(Quote.Of(5)));
        writer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => writer.TryWrite(Quote.Of(5)));
    }

    [Fact]
    public void A_queue_that_its_writer_created_ends_with_the_writer()
    {
        (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) = SharedQueue.CreateWriterPair<Quote>();
        writer.Write(Quote.Of(1));
        writer.Dispose();
        Assert.Equal(1, reader.Read().Number);
        Assert.False(reader.WaitToRead());
        Assert.Throws<ChannelClosedException>(() => reader.Read());
        reader.Dispose();
    }

    [Fact]
    public async Task A_writer_whose_reader_left_learns_what_was_read()
    {
        foreach (bool writerOwns in (bool[])[false, true])
        {
            SharedQueueOptions options = new() { Capacity = 8 };
            (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) = writerOwns
                ? SharedQueue.CreateWriterPair<Quote>(options)
                : Pair(options);
            for (int i = 0; i < 8; i++)
                writer.Write(Quote.Of(i));
            reader.Read();
            reader.Read();
            writer.Write(Quote.Of(8));
            writer.Write(Quote.Of(9));
            Task[] waits = [Task.Factory.StartNew(
                () => writer.Write(Quote.Of(10)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)];
            await Task.Delay(20);
            reader.Dispose();
            PeerGoneException gone = await Assert.ThrowsAsync<PeerGoneException>(() => waits[0].WaitAsync(s_patience));
            Assert.Contains("given back 2 messages", gone.Message, StringComparison.Ordinal);
            Assert.Equal(8, writer.Lost);
            await Assert.ThrowsAsync<PeerGoneException>(() => writer.WaitToWriteAsync().AsTask());
            Assert.Throws<PeerGoneException>(() => writer.TryWrite(Quote.Of(10)));
            Assert.Throws<PeerGoneException>(() => writer.TryClaim(out _));
            writer.Dispose();
        }
    }

    [Fact]
    public void Waits_end_with_their_time()
    {
        TimeSpan moment = TimeSpan.FromMilliseconds(10);
        (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) = Pair(new() { Capacity = 1 });
        Assert.False(reader.TryWaitToRead(moment));
        Assert.False(reader.TryLease(out _, moment));
        Assert.True(writer.TryWaitToWrite(TimeSpan.Zero));
        writer.Write(Quote.Of(1));
        Assert.False(writer.TryWaitToWrite(moment));
        Assert.True(reader.TryWaitToRead(TimeSpan.Zero));
        Assert.True(reader.TryLease(out Lease<Quote> lease, moment));
        Assert.Equal(1, lease.Value.Number);
        lease.Dispose();
        Assert.True(writer.WaitToWrite());

        CancellationToken cancelled = new(canceled: true);
        Assert.Throws<OperationCanceledException>(() => reader.TryWaitToRead(s_patience, cancelled));
        Assert.Throws<OperationCanceledException>(() => reader.TryLease(out _, s_patience, cancelled));
        Assert.Throws<OperationCanceledException>(() => writer.TryWaitToWrite(s_patience, cancelled));

        using SharedQueueWriter<Quote> other = writer.AddLane();
        writer.Complete();
        Assert.False(writer.TryWaitToWrite(s_patience));
        Assert.False(writer.WaitToWrite());
        other.Complete(new InvalidDataException("the feed is broken"));
        Assert.Throws<InvalidDataException>(() => other.TryWaitToWrite(s_patience));
        Assert.Throws<SharedMemoryException>(() => reader.TryWaitToRead(s_patience));
        Assert.Throws<SharedMemoryException>(() => reader.TryLease(out _, s_patience));
        reader.Dispose();
        Assert.Throws<ObjectDisposedException>(() => reader.TryWaitToRead(s_patience));
        writer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => writer.TryWaitToWrite(s_patience));
    }

    [Fact]
    public async Task Waits_with_a_time_are_woken()
    {
        (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) = Pair(new() { Capacity = 1, Wait = WaitMode.Park });
        for (int i = 0; i < 100; i++)
        {
            Task<bool> read = Task.Run(() => reader.TryWaitToRead(s_patience));
            writer.Write(Quote.Of(i));
            Assert.True(await read);
            Task<bool> room = Task.Run(() => writer.TryWaitToWrite(s_patience));
            Assert.Equal(i, reader.Read().Number);
            Assert.True(await room);
        }

        Close(writer, reader);
    }

    [Fact]
    public async Task A_queue_of_several_writers_is_complete_when_all_have_completed_it()
    {
        (SharedQueueWriter<Quote> first, SharedQueueReader<Quote> reader) = Pair(new() { Capacity = 4, Writers = 3 });
        SharedQueueWriter<Quote> second = first.AddLane();
        first.Complete();
        Assert.False(reader.TryWaitToRead(TimeSpan.FromMilliseconds(10)));
        first.Dispose();

        // One that leaves without a word may have a successor.
        second.Dispose();
        await Until.Holds(() => reader.Peers.Count == 0);
        Assert.False(reader.TryWaitToRead(TimeSpan.FromMilliseconds(10)));
        Assert.False(reader.Completion.IsCompleted);
        reader.Dispose();

        (first, reader) = Pair(new() { Capacity = 4, Writers = 2 });
        second = first.AddLane();
        SharedQueueWriter<Quote> third = first.AddLane();
        first.Complete();
        second.Write(Quote.Of(2));
        second.Complete();
        Assert.Equal(2, reader.Read().Number);

        // One more than had to come is not cut short.
        Assert.False(reader.TryWaitToRead(TimeSpan.FromMilliseconds(10)));
        third.Write(Quote.Of(3));
        third.Complete();
        Assert.Equal(3, reader.Read().Number);
        Assert.False(reader.WaitToRead());
        Assert.True(reader.Completion.IsCompletedSuccessfully);
        foreach (IDisposable end in (IDisposable[])[first, second, third, reader])
            end.Dispose();
    }

    [Fact]
    public void A_number_of_writers_that_makes_no_sense_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Pair(new() { Writers = 0 }));
        Assert.Throws<ArgumentException>(() => SharedQueue.CreateWriter<Quote>("@never", new() { Writers = 2 }));
    }

    [Fact]
    public async Task Dispose_and_cancellation_end_waits()
    {
        (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) = Pair(new() { Capacity = 1 });
        using CancellationTokenSource stop = new();
        Task[] reads = [Run(() => reader.WaitToRead(stop.Token)), reader.WaitToReadAsync(stop.Token).AsTask()];
        await Task.Delay(20);
        await stop.CancelAsync();
        foreach (Task read in reads)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(s_patience));

        reads = [Run(() => reader.WaitToRead()), reader.WaitToReadAsync().AsTask()];
        await Task.Delay(20);
        reader.Dispose();
        foreach (Task read in reads)
            await Assert.ThrowsAsync<ObjectDisposedException>(() => read.WaitAsync(s_patience));
        Assert.Throws<ObjectDisposedException>(() => reader.TryRead(out _));
        writer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => writer.TryWrite(Quote.Of(1)));
        Assert.Throws<ObjectDisposedException>(() => writer.TryWriteBatch([]));
        Assert.Throws<ObjectDisposedException>(() => writer.TryClaim(out _));

        static Task Run(Action action) =>
            Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    [Fact]
    public void Writing_and_reading_allocate_nothing()
    {
        (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) =
            Pair(new() { Capacity = 64, PayloadCapacity = 16, PublishTimes = true });
        Round(1000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Round(10_000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Close(writer, reader);

        void Round(int count)
        {
            Span<Quote> batch = stackalloc Quote[3];
            for (int i = 0; i < count; i++)
            {
                writer.Write(Quote.Of(i), [1, 2, 3]);
                reader.TryRead(out _);
                writer.WriteBatch(batch);
                if (reader.TryLeaseBatch(3, out MessageBatch<Quote> read))
                    read.Dispose();
                using (Claim<Quote> claim = writer.Claim())
                    claim.Commit(3);
                using Lease<Quote> lease = reader.Lease();
                lease.Hold().Dispose();
            }
        }
    }

    [Theory]
    [InlineData(3, 0, 16)]
    [InlineData(0, 0, 16)]
    [InlineData(4, -1, 16)]
    [InlineData(4, 8, 3)]
    [InlineData(4, 8, 8192)]
    public void Options_that_make_no_sense_are_refused(int capacity, int payload, int alignment) =>
        Assert.Throws<ArgumentException>(
            () => SharedQueue.CreatePair<Quote>(new() { Capacity = capacity, PayloadCapacity = payload, PayloadAlignment = alignment }));

    private static (SharedQueueWriter<Quote> Writer, SharedQueueReader<Quote> Reader) Pair(SharedQueueOptions options) =>
        SharedQueue.CreatePair<Quote>(options);

    private static void Close(SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader)
    {
        writer.Dispose();
        reader.Dispose();
    }
}
