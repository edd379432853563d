using TypedShm.TestMessages;
using Xunit;

namespace TypedShm.Channels.Tests;

/// <summary>What the survivor sees when the other process is killed or stopped: one test for each row that the protocol promises.</summary>
public class CrashTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(30)]
    public void What_a_killed_writer_committed_is_read_and_batches_are_whole(int milliseconds)
    {
        string name = NewName();
        using SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(name, new() { Capacity = 64 });
        using Peer peer = ChannelPeer.Start("write-batches", name);
        peer.Expect("open");
        Assert.Equal(0, reader.Read().Number);
        long next = 1;
        long until = Environment.TickCount64 + milliseconds;
        while (Environment.TickCount64 < until)
            next = ReadAll(reader, next);
        peer.Kill();
        next = ReadAll(reader, next);
        while (reader.Peers.Count > 0)
            next = ReadAll(reader, next);
        next = ReadAll(reader, next);
        Assert.True(next > 0);
        Assert.Equal(0, next % 3);

        // The name is free for a successor, who is read as if nothing had happened.
        using Peer successor = ChannelPeer.Start("write", name, "2");
        Assert.Equal(0, reader.Read().Number);
        Assert.Equal(1, reader.Read().Number);
    }

    [Fact]
    public void A_batch_whose_commit_was_cut_short_never_existed()
    {
        string name = NewName();
        using SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(name, new() { Capacity = 64 });
        using Peer peer = ChannelPeer.Start("half-commit", name);
        peer.Expect("half");
        peer.Kill();
        Assert.Equal(5, ReadAll(reader, 0));
        while (reader.Peers.Count > 0)
            Thread.Yield();
        Assert.Equal(5, ReadAll(reader, 5));
    }

    [Fact]
    public void A_writer_that_is_killed_in_mid_write_leaves_the_last_good_value()
    {
        string name = NewName();
        using Peer peer = ChannelPeer.Start("half-state", name);
        using SharedStateReader<Quote> reader = SharedState.Open<Quote>(name);
        peer.Expect("half");
        Quote quote = reader.Read(out StateGeneration generation);
        Assert.Equal(10, quote.Number);
        peer.Kill();
        Assert.False(Assert.Throws<PeerGoneException>(() => reader.Wait(generation)).WasClosed);
        Assert.True(reader.Read().IsWhole);
        Assert.Equal(10, reader.Read().Number);
    }

    [Fact]
    public async Task A_writer_whose_reader_is_killed_learns_how_far_it_had_read()
    {
        string name = NewName();
        using SharedQueueWriter<Quote> writer = SharedQueue.CreateWriter<Quote>(name, new() { Capacity = 8 });
        using Peer peer = ChannelPeer.Start("read", name, "3");
        for (int i = 0; i < 3; i++)
            writer.Write(Quote.Of(i));
        peer.Expect("read");
        await peer.Stop();
        for (int i = 3; i < 11; i++)
            writer.Write(Quote.Of(i));

        // A stopped process is alive: it holds the writer up, and nothing more.
        Assert.False(writer.TryWrite(Quote.Of(11), TimeSpan.FromMilliseconds(300)));
        Assert.Single(writer.Peers);
        peer.Kill();
        PeerGoneException gone = Assert.Throws<PeerGoneException>(() => writer.Write(Quote.Of(11)));
        Assert.False(gone.WasClosed);
        Assert.Contains("given back 3 messages", gone.Message, StringComparison.Ordinal);
        Assert.Equal(8, writer.Lost);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_writer_that_has_completed_looks_for_no_successor_of_its_reader(bool completedBefore)
    {
        string name = NewName();
        using Peer peer = ChannelPeer.Start("create-reader", name, "2");
        OpenOptions reconnect = new() { Reconnect = true };
        using SharedQueueWriter<Quote> writer = SharedQueue.OpenWriter<Quote>(name, reconnect);
        using SharedQueueWriter<Quote> other = SharedQueue.OpenWriter<Quote>(name, reconnect);
        for (int i = 0; i < 3; i++)
            writer.Write(Quote.Of(i));
        peer.Expect("read");
        if (completedBefore)
            writer.Complete();
        peer.Kill();

        // Until the other one has noticed, what it writes goes to the dead reader.
        await Until.Holds(() => writer.State == ConnectionState.Lost && other.State == ConnectionState.Lost);
        if (!completedBefore)
            writer.Complete();

        // The other one comes back, and nobody has completed the successor's queue.
        using SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(name);
        Assert.True(other.TryWrite(Quote.Of(7), s_patience));
        Assert.True(reader.TryRead(out Quote quote, s_patience));
        Assert.Equal(7, quote.Number);
        Assert.Single(reader.Peers);
        Assert.Equal(ConnectionState.Lost, writer.State);
        Assert.False(writer.TryWrite(Quote.Of(3)));
        Assert.False(await writer.WaitToWriteAsync());
        Assert.Throws<System.Threading.Channels.ChannelClosedException>(() => writer.Complete());
        Assert.Equal(1, writer.Lost);
    }

    [Fact]
    public void A_reader_of_a_killed_writers_own_queue_reads_everything_and_then_learns_of_the_death()
    {
        string name = NewName();
        string back = NewName();
        using SharedQueueWriter<Quote> there = SharedQueue.CreateWriter<Quote>(name);
        using SharedQueueReader<Quote> replies = SharedQueue.CreateReader<Quote>(back);
        using Peer peer = ChannelPeer.Start("echo", name, back, "Park", "Auto");
        for (int i = 0; i < 100; i++)
            there.Write(Quote.Of(i));
        for (int i = 0; i < 100; i++)
            Assert.Equal(i, replies.Read().Number);

        // Killed while it is parked: one futile wake, and the end.
        peer.Kill();
        Assert.Throws<PeerGoneException>(() =>
        {
            for (int i = 0; i < 10_000; i++)
                there.Write(Quote.Of(i));
        });
        Assert.False(replies.TryRead(out _, TimeSpan.FromMilliseconds(10)));
    }

    [Theory]
    [InlineData(WaitMode.Spin, WaitFence.Auto)]
    [InlineData(WaitMode.SpinThenPark, WaitFence.Auto)]
    [InlineData(WaitMode.SpinThenPark, WaitFence.Full)]
    [InlineData(WaitMode.Park, WaitFence.Barrier)]
    [InlineData(WaitMode.Park, WaitFence.Full)]
    public void Two_processes_answer_each_other_without_losing_a_wake_up(WaitMode mode, WaitFence fence)
    {
        int rounds = mode == WaitMode.Spin && Environment.ProcessorCount > 1 ? 500 : 5_000;
        string name = NewName();
        string back = NewName();
        SharedQueueOptions options = new() { Wait = mode, Fence = fence, Capacity = 16 };
        using SharedQueueWriter<Quote> there = SharedQueue.CreateWriter<Quote>(name, options);
        using SharedQueueReader<Quote> replies = SharedQueue.CreateReader<Quote>(back, options);
        using Peer peer = ChannelPeer.Start("echo", name, back, mode.ToString(), fence.ToString());
        there.Write(Quote.Of(-1));
        Assert.Equal(-1, replies.Read().Number);
        bool parks = mode != WaitMode.Spin;
        int slow = 0;
        for (int i = 0; i < rounds; i++)
        {
            long begun = Environment.TickCount64;
            there.Write(Quote.Of(i));
            Assert.Equal(i, replies.Read().Number);
            slow += parks && Environment.TickCount64 - begun >= 90 ? 1 : 0;
        }

        // A lost wake-up would have been found by the end of a slice.
        Assert.InRange(slow, 0, rounds / 100);
        there.Complete();
        Assert.False(replies.WaitToRead());
        peer.WaitForExit();
    }

    [Fact]
    public async Task A_completion_crosses_the_processes_with_its_error()
    {
        string name = NewName();
        using SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(name);
        using Peer peer = ChannelPeer.Start("write", name, "100");
        peer.Expect("written");
        peer.Tell("complete");
        int next = 0;
        SharedMemoryException error = await Assert.ThrowsAsync<SharedMemoryException>(async () =>
        {
            await foreach (Quote quote in reader.ReadAllAsync())
                Assert.Equal(next++, quote.Number);
        });
        Assert.Equal(100, next);
        Assert.Contains("InvalidDataException: no more", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<SharedMemoryException>(() => reader.Completion.WaitAsync(s_patience));
        peer.WaitForExit();
    }

    private static string NewName() => $"@typedshm-test-{Guid.NewGuid():N}";

    private static long ReadAll(SharedQueueReader<Quote> reader, long next)
    {
        while (reader.TryRead(out Quote quote))
        {
            if (!quote.IsWhole || quote.Number != next)
                Assert.Fail($"Expected message {next}, found {quote.Number}, whole: {quote.IsWhole}.");
            next++;
        }

        return next;
    }
}
