using TypedShm.TestMessages;
using Xunit;

namespace TypedShm.Channels.Tests.Producers;

/// <summary>What a name makes of the writers of a queue, and of its reader.</summary>
public sealed class ProducerTests
{
    private static readonly SharedQueueOptions s_small = new() { Capacity = 8, PayloadCapacity = 16 };
    private static readonly OpenOptions s_producer = new() { Producer = "shop", Timeout = Until.Patience };
    private static readonly OpenOptions s_kept = s_producer with { Reconnect = true };

    private readonly string _name = NamesDirectory.NewName("producer");

    [Fact]
    public void What_the_former_process_left_is_read_before_what_the_next_one_writes()
    {
        using SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(_name, s_small);
        using (SharedQueueWriter<Quote> first = SharedQueue.OpenWriter<Quote>(_name, s_producer))
            WriteTo(first, 3);
        using (SharedQueueWriter<Quote> second = SharedQueue.OpenWriter<Quote>(_name, s_producer))
        {
            Assert.Equal(3, second.Position);
            WriteTo(second, 5);
        }

        using SharedQueueWriter<Quote> third = SharedQueue.OpenWriter<Quote>(_name, s_producer);
        Assert.Equal(5, third.Position);
        WriteTo(third, 8);
        Assert.Equal(8, reader.Count);
        Assert.True(reader.TryPeek(out Quote peeked));
        Assert.Equal(0, peeked.Number);
        for (int i = 0; i < 8; i++)
        {
            Assert.True(reader.TryRead(out Quote quote), $"message {i} is not there");
            Assert.Equal(i, quote.Number);
        }

        Assert.False(reader.TryRead(out _));
        Assert.Equal(8, reader.Position);
        WriteTo(third, 9);
        Assert.Equal(8, reader.Read().Number);
    }

    [Fact]
    public async Task A_reader_that_waits_is_woken_by_a_lane_that_was_behind_another()
    {
        using SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(_name, s_small with { Wait = WaitMode.Park });
        using (SharedQueueWriter<Quote> first = SharedQueue.OpenWriter<Quote>(_name, s_producer))
            WriteTo(first, 1);
        using SharedQueueWriter<Quote> second = SharedQueue.OpenWriter<Quote>(_name, s_producer);
        for (int i = 0; i < 200; i++)
        {
            WriteTo(second, second.Position + 1);
            Assert.True(await reader.WaitToReadAsync());
            Assert.True(reader.TryRead(out Quote quote));
            Assert.Equal(i, quote.Number);
        }
    }

    [Fact]
    public void Producers_of_different_names_take_turns_and_know_nothing_of_each_other()
    {
        using SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(_name, s_small);
        using SharedQueueWriter<Quote> one = SharedQueue.OpenWriter<Quote>(_name, s_producer);
        using SharedQueueWriter<Quote> other = SharedQueue.OpenWriter<Quote>(_name, s_producer with { Producer = "store.2" });
        using SharedQueueWriter<Quote> nameless = SharedQueue.OpenWriter<Quote>(_name);
        WriteTo(one, 2);
        Assert.Equal(0, other.Position);
        Assert.Equal(0, nameless.Position);
        WriteTo(other, 1);
        Assert.Equal([0L, 0, 1], new[] { reader.Read().Number, reader.Read().Number, reader.Read().Number });
    }

    [Fact]
    public void The_name_of_a_producer_that_is_connected_is_not_given_to_another()
    {
        using SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(_name, s_small);
        using SharedQueueWriter<Quote> writer = SharedQueue.OpenWriter<Quote>(_name, s_producer);
        WriteTo(writer, 2);
        PeerRefusedException refused = Assert.Throws<PeerRefusedException>(() => SharedQueue.OpenWriter<Quote>(_name, s_producer));
        Assert.Equal(RefusalReason.ProducerInUse, refused.Reason);
        Assert.Contains("'shop' is connected", refused.Message, StringComparison.Ordinal);
        Assert.Single(reader.Peers);
        WriteTo(writer, 3);
        Assert.Equal(3, reader.Count);
        Assert.Throws<InvalidOperationException>(() => writer.AddLane());
    }

    [Fact]
    public async Task A_producer_that_has_completed_the_queue_has_no_successor()
    {
        using SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(_name, s_small with { Writers = 2 });
        using (SharedQueueWriter<Quote> writer = SharedQueue.OpenWriter<Quote>(_name, s_producer))
        {
            WriteTo(writer, 2);
            writer.Complete();
        }

        RefusedAsComplete();
        Assert.Equal(0, reader.Read().Number);
        Assert.Equal(1, reader.Read().Number);
        Assert.False(reader.TryRead(out _));
        await Until.Holds(() => reader.Peers.Count == 0, "the lane is gone");
        RefusedAsComplete();

        void RefusedAsComplete()
        {
            PeerRefusedException refused = Assert.Throws<PeerRefusedException>(() => SharedQueue.OpenWriter<Quote>(_name, s_producer));
            Assert.Equal(RefusalReason.Full, refused.Reason);
            Assert.Contains("has completed", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_producer_writes_on_while_there_is_no_reader_and_what_was_handed_out_comes_again()
    {
        SharedQueueReader<Quote> first = SharedQueue.CreateReader<Quote>(_name, s_small);
        using SharedQueueWriter<Quote> writer = SharedQueue.OpenWriter<Quote>(_name, s_kept);
        WriteTo(writer, 5);
        Assert.Equal(0, first.Read().Number);
        Lease<Quote> lease = first.Lease();
        Assert.False(lease.IsRedelivery);
        using (HeldMessage<Quote> held = lease.Hold())
        {
            Assert.False(held.IsRedelivery);
            first.Dispose();
            await Until.Holds(() => writer.State == ConnectionState.Closed, "the reader is gone");
        }

        // A claim that was open, and what was written meanwhile, are the next reader's.
        WriteTo(writer, 8);
        Assert.Equal(7, writer.Count);
        Claim<Quote> claim = writer.Claim();
        claim.Value = Quote.Of(8);
        Assert.True(claim.Value.IsWhole);
        using SharedQueueReader<Quote> second = SharedQueue.CreateReader<Quote>(_name, s_small);
        Connected(writer);
        claim.Commit(0);
        Assert.False(writer.TryWrite(Quote.Of(9)));
        using (MessageBatch<Quote> batch = second.LeaseBatch(4))
        {
            Assert.Equal(4, batch.Count);
            for (int i = 0; i < batch.Count; i++)
                Assert.Equal(i + 1, batch[i].Number);
            Assert.True(batch.IsRedelivery(0));
            Assert.False(batch.IsRedelivery(1));
        }

        for (int i = 5; i < 9; i++)
        {
            using Lease<Quote> next = second.Lease();
            Assert.Equal(i, next.Value.Number);
            Assert.False(next.IsRedelivery);
        }

        Assert.Equal(0, writer.Lost);
        WriteTo(writer, 10);
        Assert.Equal(9, second.Read().Number);
        Assert.Equal(0, writer.Count);
    }

    [Fact]
    public async Task What_a_reader_never_got_is_new_to_the_next_one_also_if_it_was_copied()
    {
        SharedQueueReader<Quote> first = SharedQueue.CreateReader<Quote>(_name, s_small);
        using SharedQueueWriter<Quote> writer = SharedQueue.OpenWriter<Quote>(_name, s_kept);
        WriteTo(writer, 4);
        Assert.Equal(0, first.Read().Number);
        Assert.True(first.TryPeek(out Quote peeked));
        Assert.Equal(1, peeked.Number);
        first.Dispose();
        await Until.Holds(() => writer.State == ConnectionState.Closed, "the reader is gone");
        using SharedQueueReader<Quote> second = SharedQueue.CreateReader<Quote>(_name, s_small);
        for (int i = 1; i < 4; i++)
        {
            using Lease<Quote> lease = second.Lease();
            Assert.Equal(i, lease.Value.Number);
            Assert.Equal(i == 1, lease.IsRedelivery);
        }
    }

    [Fact]
    public async Task A_connection_that_breaks_between_two_who_live_is_made_again_and_nothing_comes_twice()
    {
        using SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(_name, s_small);
        using SharedQueueWriter<Quote> writer = SharedQueue.OpenWriter<Quote>(_name, s_kept);
        WriteTo(writer, 4);
        Assert.Equal(0, reader.Read().Number);
        HeldMessage<Quote> held = reader.Lease().Hold();
        TaskCompletionSource<Exception> inVain = new();
        writer.StateChanged += (_, change) =>
        {
            if (change.Error is { } error)
                inVain.TrySetResult(error);
        };
        writer.Client!.Current.Link.Dispose();

        // As long as the reader has something of the old connection it takes no new one.
        PeerRefusedException refused = Assert.IsType<PeerRefusedException>(await inVain.Task.WaitAsync(Until.Patience));
        Assert.Equal(RefusalReason.ProducerInUse, refused.Reason);
        WriteTo(writer, 6);
        for (int i = 2; i < 6; i++)
            Assert.Equal(i, reader.Read().Number);
        Assert.Equal(1, held.Value.Number);
        held.Dispose();
        Assert.False(reader.TryRead(out _));
        Connected(writer);
        Assert.Equal(0, writer.Count);
        for (int i = 6; i < 30; i++)
        {
            writer.Write(Quote.Of(i));
            using Lease<Quote> lease = reader.Lease();
            Assert.Equal(i, lease.Value.Number);
            Assert.False(lease.IsRedelivery);
        }
    }

    [Fact]
    public async Task A_queue_that_is_created_with_other_options_does_not_get_what_was_kept()
    {
        SharedQueueReader<Quote> first = SharedQueue.CreateReader<Quote>(_name, s_small);
        using SharedQueueWriter<Quote> writer = SharedQueue.OpenWriter<Quote>(_name, s_kept);
        WriteTo(writer, 2);
        first.Dispose();
        TaskCompletionSource<Exception> inVain = new();
        writer.StateChanged += (_, change) =>
        {
            if (change.Error is { } error)
                inVain.TrySetResult(error);
        };
        using (SharedQueue.CreateReader<Quote>(_name, s_small with { Capacity = 16 }))
        {
            Exception error = await inVain.Task.WaitAsync(Until.Patience);
            Assert.Contains("2 unread messages", Assert.IsType<PeerRefusedException>(error).Message, StringComparison.Ordinal);
        }

        using SharedQueueReader<Quote> second = SharedQueue.CreateReader<Quote>(_name, s_small);
        Assert.Equal(0, second.Read().Number);
        Assert.Equal(1, second.Read().Number);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("ä")]
    [InlineData("a/b")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Names_are_checked(string name) =>
        Assert.Throws<ArgumentException>(() => SharedQueue.OpenWriter<Quote>(_name, s_producer with { Producer = name }));

    [Fact]
    public void Only_who_opens_a_queue_to_write_is_a_producer()
    {
        Assert.Throws<ArgumentException>(() => SharedQueue.OpenReader<Quote>(_name, s_producer));
        Assert.Throws<ArgumentException>(() => SharedState.Open<Quote>(_name, s_producer));
        Assert.Throws<ArgumentException>(() => SharedBroadcast.CreatePair<Quote>(openOptions: s_producer));
        (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) = SharedQueue.CreatePair<Quote>(s_small, s_producer);
        using (reader)
        using (writer)
        {
            WriteTo(writer, 1);
            Assert.Equal(0, reader.Read().Number);
        }
    }

    private static void WriteTo(SharedQueueWriter<Quote> writer, long position)
    {
        while (writer.Position < position)
            Assert.True(writer.TryWrite(Quote.Of(writer.Position)));
    }

    private static void Connected(SharedQueueWriter<Quote> writer) =>
        Until.Holds(() => writer.State == ConnectionState.Connected, "the next reader is there").GetAwaiter().GetResult();
}
