using TypedShm.Memory;
using TypedShm.Rings;
using TypedShm.TestMessages;
using TypedShm.Transport;
using TypedShm.Waiting;
using Xunit;

namespace TypedShm.Channels.Tests;

/// <summary>What is left of an end after Dispose, and of a connection after its end.</summary>
public class DisposeTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Fact]
    public void A_held_message_stays_what_it_is_when_its_reader_is_disposed()
    {
        (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) = SharedQueue.CreatePair<Quote>(new() { PayloadCapacity = 8 });
        writer.Write(Quote.Of(77), [1, 2, 3]);
        writer.Write(Quote.Of(78), [4]);
        HeldMessage<Quote> first = reader.Lease().Hold();
        HeldMessage<Quote> second = reader.Lease().Hold();
        ReadOnlyMemory<byte> payload = first.Payload;
        reader.Dispose();
        writer.Dispose();
        Assert.Equal(77, first.Value.Number);
        Assert.True(first.Value.IsWhole);
        Assert.Equal([1, 2, 3], payload.ToArray());
        first.Dispose();
        Assert.Equal(78, second.Value.Number);
        second.Dispose();
        Assert.Throws<ObjectDisposedException>(() => first.Value.Number);
        Assert.Throws<ObjectDisposedException>(() => payload.Span.Length);
    }

    [Fact]
    public void A_lease_stays_what_it_is_when_another_thread_disposes_its_reader()
    {
        (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) = SharedQueue.CreatePair<Quote>();
        writer.Write(Quote.Of(5));
        Lease<Quote> lease = reader.Lease();
        Elsewhere(reader.Dispose);
        Assert.True(lease.Value.IsWhole);
        Assert.Equal(5, lease.Value.Number);
        HeldMessage<Quote> held = lease.Hold();
        Assert.Equal(5, held.Value.Number);
        held.Dispose();
        Assert.Throws<ObjectDisposedException>(() => reader.TryRead(out _));
        writer.Dispose();
    }

    [Fact]
    public void A_lease_of_a_broadcast_stays_intact_when_another_thread_disposes_its_reader()
    {
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> reader) = SharedBroadcast.CreatePair<Quote>();
        writer.Write(Quote.Of(5));
        BroadcastLease<Quote> lease = reader.Lease();
        Elsewhere(reader.Dispose);
        Assert.Equal(5, lease.Value.Number);
        Assert.True(lease.IsIntact);
        lease.Dispose();
        Assert.Throws<ObjectDisposedException>(() => reader.TryRead(out _));
        writer.Dispose();
    }

    [Fact]
    public void After_Dispose_every_read_of_a_queue_throws()
    {
        (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) = SharedQueue.CreatePair<Quote>();
        writer.Write(Quote.Of(1));
        System.Threading.Channels.ChannelReader<Quote> channel = reader.AsChannelReader();
        Assert.Equal(1, channel.Count);
        reader.Dispose();
        Assert.Throws<ObjectDisposedException>(() => channel.Count);
        Assert.Throws<ObjectDisposedException>(() => channel.TryRead(out _));
        Assert.Throws<ObjectDisposedException>(() => reader.TryRead(out _));
        Assert.Throws<ObjectDisposedException>(() => reader.TryRead(out _, out SharedPeer? _));
        Assert.Throws<ObjectDisposedException>(() => reader.TryLease(out _));
        Assert.Throws<ObjectDisposedException>(() => reader.TryLeaseBatch(8, out _));
        Assert.Throws<ObjectDisposedException>(() => reader.Read());
        writer.Dispose();
    }

    [Fact]
    public void A_claim_that_is_committed_after_Dispose_throws_and_its_memory_is_there_until_then()
    {
        (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) = SharedQueue.CreatePair<Quote>();
        using (Claim<Quote> claim = writer.Claim())
        {
            Elsewhere(writer.Dispose);
            claim.Value = Quote.Of(3);
            Assert.Equal(3, claim.Value.Number);
            Throws<ObjectDisposedException, Claim<Quote>>(claim, static claim => claim.Commit());
        }

        (SharedStateWriter<Quote> state, SharedStateReader<Quote> other) = SharedState.CreatePair<Quote>();
        using (StateClaim<Quote> claim = state.Update())
        {
            Elsewhere(state.Dispose);
            Throws<ObjectDisposedException, StateClaim<Quote>>(claim, static claim => claim.Commit());
        }

        (SharedTableWriter<Quote> table, SharedTableReader<Quote> third) = SharedTable.CreatePair<Quote>(4);
        using (TableClaim<Quote> claim = table.Update(1))
        {
            Elsewhere(table.Dispose);
            Throws<ObjectDisposedException, TableClaim<Quote>>(claim, static claim => claim.Value = Quote.Of(1));
            Throws<ObjectDisposedException, TableClaim<Quote>>(claim, static claim => claim.Commit());
        }

        reader.Dispose();
        other.Dispose();
        third.Dispose();
    }

    [Fact]
    public void Memory_in_use_when_its_ends_are_disposed_goes_with_its_last_use()
    {
        string name = Name();
        SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(name);
        SharedQueueWriter<Quote> writer = SharedQueue.OpenWriter<Quote>(name);
        writer.Write(Quote.Of(1));
        Claim<Quote> claim = writer.Claim();
        Lease<Quote> lease = reader.Lease();
        Elsewhere(writer.Dispose);
        Elsewhere(reader.Dispose);
        Assert.Equal(2, MappingsOf($"{name}:lane"));
        claim.Dispose();
        Assert.Equal(1, MappingsOf($"{name}:lane"));
        lease.Dispose();
        Assert.Equal(0, MappingsOf($"{name}:lane"));

        string another = Name();
        SharedBroadcastWriter<Quote> sender = SharedBroadcast.Create<Quote>(another);
        SharedBroadcastReader<Quote> receiver = SharedBroadcast.Open<Quote>(another);
        sender.Write(Quote.Of(1));
        BroadcastLease<Quote> received = receiver.Lease();
        BroadcastClaim<Quote> sent = sender.Claim();
        Elsewhere(sender.Dispose);
        Elsewhere(receiver.Dispose);
        Assert.Equal(2, MappingsOf(another));
        sent.Dispose();
        Assert.Equal(1, MappingsOf(another));
        received.Dispose();
        Assert.Equal(0, MappingsOf(another));

        static int MappingsOf(string region) =>
            File.ReadLines("/proc/self/maps").Count(line => line.EndsWith($"/memfd:typedshm:{region} (deleted)", StringComparison.Ordinal));
    }

    [Fact]
    public void A_copy_of_a_claim_that_was_given_up_is_not_the_next_claim()
    {
        (SharedQueueWriter<Quote> queue, SharedQueueReader<Quote> reader) = SharedQueue.CreatePair<Quote>();
        Claim<Quote> old = queue.Claim();
        old.Dispose();
        using (Claim<Quote> next = queue.Claim())
        {
            Throws<InvalidOperationException, Claim<Quote>>(old, static claim => claim.Value = default);
            Throws<InvalidOperationException, Claim<Quote>>(old, static claim => claim.Commit());
            old.Dispose();
            next.Value = Quote.Of(9);
            next.Commit();
        }

        Assert.Equal(9, reader.Read().Number);
        (SharedBroadcastWriter<Quote> broadcast, SharedBroadcastReader<Quote> second) = SharedBroadcast.CreatePair<Quote>();
        BroadcastClaim<Quote> oldMessage = broadcast.Claim();
        oldMessage.Dispose();
        using (BroadcastClaim<Quote> next = broadcast.Claim())
        {
            Throws<InvalidOperationException, BroadcastClaim<Quote>>(oldMessage, static claim => claim.Commit());
            next.Value = Quote.Of(9);
            next.Commit();
        }

        Assert.Equal(9, second.Read().Number);
        (SharedStateWriter<Quote> state, SharedStateReader<Quote> third) = SharedState.CreatePair<Quote>();
        StateClaim<Quote> oldValue = state.Update();
        oldValue.Dispose();
        using (StateClaim<Quote> next = state.Update())
        {
            Throws<InvalidOperationException, StateClaim<Quote>>(oldValue, static claim => claim.Commit());
            next.Value = Quote.Of(9);
            next.Commit();
        }

        Assert.Equal(9, third.Read().Number);
        foreach (IDisposable end in (IDisposable[])[queue, reader, broadcast, second, state, third])
            end.Dispose();
    }

    [Fact]
    public void A_payload_that_is_kept_too_long_never_shows_another_queue()
    {
        (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) = SharedQueue.CreatePair<Quote>(new() { PayloadCapacity = 4 });
        (SharedQueueWriter<Quote> otherWriter, SharedQueueReader<Quote> otherReader) =
            SharedQueue.CreatePair<Quote>(new() { PayloadCapacity = 4 });
        writer.Write(Quote.Of(1), [1, 1, 1, 1]);
        otherWriter.Write(Quote.Of(2), [2, 2, 2, 2]);
        HeldMessage<Quote> mine = reader.Lease().Hold();
        ReadOnlyMemory<byte> kept = mine.Payload;
        mine.Dispose();
        HeldMessage<Quote> others = otherReader.Lease().Hold();
        Assert.Throws<ObjectDisposedException>(() => kept.Span.Length);
        Assert.Equal([2, 2, 2, 2], others.Payload.ToArray());
        others.Dispose();
        foreach (IDisposable end in (IDisposable[])[writer, reader, otherWriter, otherReader])
            end.Dispose();
    }

    [Fact]
    public void What_stands_for_held_messages_keeps_no_reader_alive()
    {
        WeakReference lane = Held();
        for (int i = 0; i < 20 && lane.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(lane.IsAlive);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference Held()
        {
            Lane lane = Lane.Create<Quote>("test", new MessageShape(4, 0, 16, PublishTimes: false));
            WaiterTests.DeadLink link = new(ControlWords.Create("test"), ControlWords.Create("test"));
            LaneReader<Quote> reader = new(lane, link, 0);
            reader.Slots.SequenceOf(0) = 1;
            HeldMessage<Quote> held = new(reader.Hold(0));
            held.Dispose();
            reader.DisposeWhenReleased();
            link.Dispose();
            return new WeakReference(reader);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Who_writes_to_a_reader_that_is_gone_learns_how_much_was_read(bool writerOwnsTheName)
    {
        (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) = writerOwnsTheName
            ? SharedQueue.CreateWriterPair<Quote>()
            : SharedQueue.CreatePair<Quote>();
        for (int i = 0; i < 100; i++)
            writer.Write(Quote.Of(i));
        for (int i = 0; i < 60; i++)
            reader.Read();
        reader.Dispose();
        Assert.True(SpinWait.SpinUntil(() => writer.Peers.Count == 0, s_patience));
        PeerGoneException gone = Assert.Throws<PeerGoneException>(() => writer.Write(Quote.Of(100)));
        Assert.Equal(60, gone.MessagesRead);
        Assert.Contains(" 60 ", gone.Message, StringComparison.Ordinal);
        Assert.Equal(40, writer.Lost);
        writer.Dispose();
    }

    [Fact]
    public void A_claim_that_is_committed_after_its_reader_left_is_lost()
    {
        string name = Name();
        SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(name);
        using SharedQueueWriter<Quote> writer = SharedQueue.OpenWriter<Quote>(name, new OpenOptions { Reconnect = true });
        writer.Write(Quote.Of(0));
        Claim<Quote> claim = writer.Claim();
        reader.Dispose();
        Assert.True(SpinWait.SpinUntil(() => writer.State != ConnectionState.Connected, s_patience));
        Assert.True(SpinWait.SpinUntil(() => writer.Lost == 1, s_patience));
        claim.Value = Quote.Of(1);
        claim.Commit();
        Assert.Equal(2, writer.Lost);
        using (SharedQueueReader<Quote> successor = SharedQueue.CreateReader<Quote>(name))
        {
            writer.Write(Quote.Of(2));
            Assert.Equal(2, successor.Read().Number);
        }

        Assert.True(SpinWait.SpinUntil(() => writer.State != ConnectionState.Connected, s_patience));
        Assert.Equal(2, writer.Lost);
    }

    [Fact]
    public void A_claim_that_is_open_when_a_successor_comes_goes_nowhere_and_counts_as_lost()
    {
        string name = Name();
        SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(name);
        using SharedQueueWriter<Quote> writer = SharedQueue.OpenWriter<Quote>(name, new OpenOptions { Reconnect = true });
        Claim<Quote> claim = writer.Claim();
        claim.Value = Quote.Of(7);
        reader.Dispose();
        using SharedQueueReader<Quote> successor = SharedQueue.CreateReader<Quote>(name);
        Assert.True(SpinWait.SpinUntil(() => successor.Peers.Count == 1 && writer.State == ConnectionState.Connected, s_patience));
        Assert.Equal(7, claim.Value.Number);
        claim.Commit();
        Assert.Equal(1, writer.Lost);
        writer.Write(Quote.Of(8));
        Assert.Equal(8, successor.Read().Number);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_writer_that_hangs_up_and_goes_on_writing_is_read_for_a_lane_full_of_messages(bool held)
    {
        Lane lane = Lane.Create<Quote>("test", new MessageShape(4, 0, 16, PublishTimes: false));
        WaiterTests.DeadLink link = new(ControlWords.Create("test"), ControlWords.Create("test"));
        LaneReader<Quote> reader = new(lane, link, 0);
        link.Dispose();
        int read = 0;
        for (ulong i = 0; i < 100; i++)
        {
            reader.Slots.SequenceOf(i) = i + 1;
            if (!held && reader.TryTake(out _))
                read++;
            else if (held && reader.HasMessage)
            {
                reader.Release(reader.Hold());
                read++;
            }
        }

        Assert.Equal(4, read);
        Assert.True(reader.IsOver(out SharedMemoryException? error, out _));
        Assert.IsType<PeerGoneException>(error);
        reader.DisposeWhenReleased();
    }

    [Fact]
    public void A_broadcaster_that_hangs_up_and_goes_on_writing_is_read_for_a_ring_of_messages()
    {
        Ring ring = Ring.Create<Quote>("test", new RingShape(new MessageShape(4, 0, 16, PublishTimes: false), false));
        WaiterTests.DeadLink link = new(ControlWords.Create("test"), ControlWords.Create("test"));
        RingReader<Quote> reader = new(ring, link, 0);
        link.Start(new WaiterTests.Handler(reader.OnEnded));
        link.Dispose();
        int read = 0;
        for (ulong i = 0; i < 100; i++)
        {
            reader.Slots.SequenceOf(i) = Ring.Committed(i);
            ring.Tail = i + 1;
            if (reader.TryTake(out _))
                read++;
        }

        // A ring of messages, and the one that a reader may have been at.
        Assert.Equal(5, read);
        Assert.True(reader.IsOver(out SharedMemoryException? error, out _));
        Assert.IsType<PeerGoneException>(error);
        ring.Dispose();
    }

    [Fact]
    public async Task Another_lane_is_given_up_with_its_token_or_its_writer()
    {
        string name = Name();
        SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(name);
        SharedQueueWriter<Quote> writer = SharedQueue.OpenWriter<Quote>(name, new OpenOptions { Timeout = Timeout.InfiniteTimeSpan });
        reader.Dispose();
        using CancellationTokenSource source = new(100);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Run(() => writer.AddLane(source.Token)).WaitAsync(s_patience));
        Task<SharedQueueWriter<Quote>> another = Task.Run(() => writer.AddLane());
        await Task.Delay(100);
        writer.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => another.WaitAsync(s_patience));
    }

    /// <summary>Each exception that an end keeps is thrown as an object of its own, with all that it says.</summary>
    [Fact]
    public void What_is_thrown_again_is_another_object_of_the_same_kind()
    {
        SharedMemoryException[] kept = [new PeerGoneException("gone", wasClosed: true, messagesRead: 60), new ProtocolException("fault"),
            new CutOffException("cut"), new("error")];
        foreach (SharedMemoryException error in kept)
        {
            SharedMemoryException clone = error.CloneForRethrow();
            Assert.NotSame(error, clone);
            Assert.IsType(error.GetType(), clone);
            Assert.Equal(error.Message, clone.Message);
            Assert.Equal((error as PeerGoneException)?.MessagesRead, (clone as PeerGoneException)?.MessagesRead);
            Assert.Equal((error as PeerGoneException)?.WasClosed, (clone as PeerGoneException)?.WasClosed);
        }
    }

    /// <summary>Two threads write at once: every call that succeeded is one message, and the others are told.</summary>
    [Fact]
    public void With_an_exact_check_two_threads_on_one_writer_lose_nothing()
    {
        (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) =
            SharedQueue.CreatePair<Quote>(new() { Capacity = 64, ExactThreadCheck = true });
        int written = 0;
        Thread[] threads = [.. Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 100_000; i++)
            {
                try
                {
                    if (writer.TryWrite(Quote.Of(i)))
                        Interlocked.Increment(ref written);
                }
                catch (InvalidOperationException)
                {
                    // The other one is writing.
                }
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        int read = 0;
        while (threads.Any(thread => thread.IsAlive))
            read += Drain();
        read += Drain();
        Assert.Equal(written, read);
        Assert.True(written > 0);
        writer.Dispose();
        reader.Dispose();

        int Drain()
        {
            int count = 0;
            while (reader.TryRead(out Quote quote))
            {
                Assert.True(quote.IsWhole);
                count++;
            }

            return count;
        }
    }

    private static string Name() => $"dispose-{Environment.ProcessId}-{Guid.NewGuid():N}";

    private static void Elsewhere(Action action)
    {
        Thread thread = new(() => action());
        thread.Start();
        thread.Join();
    }

    private static void Throws<TException, TState>(TState state, Use<TState> action)
        where TException : Exception
        where TState : allows ref struct
    {
        TException? caught = null;
        try
        {
            action(state);
        }
        catch (TException error)
        {
            caught = error;
        }

        Assert.NotNull(caught);
        Assert.IsType<TException>(caught);
    }

    private delegate void Use<TState>(TState state)
        where TState : allows ref struct;
}
