using TypedShm.Ends;
using TypedShm.TestMessages;
using TypedShm.Transport;
using Xunit;

namespace TypedShm.Channels.Tests.Lifecycle;

/// <summary>Peers that come together, leave in mid-work, or are turned away at the last moment.</summary>
public sealed class EndOfConnection
{
    private readonly string _name = $"@typedshm-test-{Guid.NewGuid():N}";

    /// <summary>One of them gets the place; the other is refused, and nothing of it stays.</summary>
    [Fact]
    public async Task Readers_that_open_at_the_same_moment_leave_no_ghost()
    {
        for (int round = 0; round < 30; round++)
        {
            string name = $"{_name}-{round}";
            using SharedQueueWriter<Quote> writer = SharedQueue.CreateWriter<Quote>(name);
            using Barrier start = new(2);
            Task<SharedQueueReader<Quote>?>[] opening = [.. Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    try
                    {
                        return SharedQueue.OpenReader<Quote>(name);
                    }
                    catch (PeerRefusedException)
                    {
                        return null;
                    }
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
            SharedQueueReader<Quote>?[] readers = await Task.WhenAll(opening);
            Assert.Single(readers, reader => reader is not null);
            await Until.Holds(() => writer.Peers.Count == 1);
            foreach (SharedQueueReader<Quote>? reader in readers)
                reader?.Dispose();
            await Until.Holds(() => writer.Peers.Count == 0);

            // The list is empty a moment before the lane is closed.
            await Until.Holds(() => Record.Exception(() => writer.TryWrite(Quote.Of(1))) is PeerGoneException);
        }
    }

    /// <summary>Whoever was considered while there was a place, but finds none when it joins, gives back what it brought.</summary>
    [Fact]
    public void A_writer_that_is_turned_away_in_the_last_step_leaves_no_lane()
    {
        using SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(_name, new() { MaxPeers = 1 });
        QueueReaderHost<Quote> host = Assert.IsType<QueueReaderHost<Quote>>(reader.Host);
        HelloMessage hello = new(ChannelKind.Queue, PeerRole.Writer, default, [LayoutAdvertisement.Of<Quote>()]);
        using Admission late = host.Admit(hello);
        ConnectRequest request = QueueWriterClient<Quote>.Request(EndpointName.Parse("@late"), new OpenOptions());
        using ConnectResult first = host.Pair(request);
        (PairLink ours, PairLink theirs) = PairLink.Create("pair", PeerRole.Writer, default, default);
        using Rings.Lane lane = Rings.Lane.Create<Quote>("late", new Rings.MessageShape(1024, 0, 16, false));
        using (ReceivedRegions received =
            new([lane.Region.DescriptorForPeer(writable: false), theirs.Own.Region.DescriptorForPeer(writable: false)]))
            late.Attach(received,
                [new RegionOffer(lane.Region, IsWritable: false).Info, new RegionOffer(theirs.Own.Region, IsWritable: false).Info]);
        bool isTold = false;
        Assert.Equal(RefusalReason.Full, Assert.Throws<PeerRefusedException>(() => late.Join(ours, _ => isTold = true)).Reason);
        Assert.False(isTold);
        Assert.Single(reader.Peers);
        int mapped = Mappings("late:lane");
        late.Dispose();
        Assert.Equal(mapped - 1, Mappings("late:lane"));
        ours.Dispose();
        theirs.Dispose();
    }

    /// <summary>Its answer stands in a lane that nobody reads; the lanes are given back when it is done.</summary>
    [Fact]
    public async Task A_handler_that_outlives_its_client_answers_nobody()
    {
        using SharedCallServer<Quote, Answer> server = SharedCall.Create<Quote, Answer>(_name);
        SharedCallClient<Quote, Answer> gone = SharedCall.Open<Quote, Answer>(_name);
        using ManualResetEventSlim entered = new();
        using ManualResetEventSlim go = new();
        Task<Answer> lost = gone.CallAsync(Quote.Of(1)).AsTask();
        Task<bool> serving = Task.Factory.StartNew(
            () =>
            {
                bool served;
                while (!(served = server.TryServe(call =>
                {
                    entered.Set();
                    go.Wait();
                    Assert.True(call.IsCancelled);

                    // The memory is still that of the call.
                    Assert.Equal(1, call.Request.Number);
                    call.Response = Answer.To(call.Request);
                    Assert.True(call.Response.IsTo(1));
                })))
                    Thread.Yield();
                return served;
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        entered.Wait();
        gone.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => lost);
        await Until.Holds(() => server.Peers.Count == 0);

        // They have calls open whose places and counts are those of the first client.
        SharedCallClient<Quote, Answer>[] others = [.. Enumerable.Range(0, 8).Select(_ => SharedCall.Open<Quote, Answer>(_name))];
        Task<Answer>[] open = [.. others.Select((client, i) => client.CallAsync(Quote.Of(100 + i)).AsTask())];
        go.Set();
        Assert.True(await serving);
        await Task.Delay(50);
        Assert.All(open, call => Assert.False(call.IsCompleted));
        using (Calls.Serving.Echo(server))
        {
            for (int i = 0; i < open.Length; i++)
                Assert.True((await open[i]).IsTo(100 + i));
        }

        Assert.All(others, client => Assert.Equal(0, client.IgnoredResponses));
        foreach (SharedCallClient<Quote, Answer> client in others)
            client.Dispose();
    }

    /// <summary>Numbers begin at random: a response that strays into another client's lane is for none of its calls.</summary>
    [Fact]
    public void Two_clients_share_no_number_of_a_call()
    {
        using SharedCallServer<Quote, Answer> server = SharedCall.Create<Quote, Answer>(_name);
        SharedCallClient<Quote, Answer>[] clients = [.. Enumerable.Range(0, 4).Select(_ => SharedCall.Open<Quote, Answer>(_name))];
        foreach (SharedCallClient<Quote, Answer> client in clients)
            Assert.False(client.TryCall(Quote.Of(1), out _, TimeSpan.FromMilliseconds(1)));
        Assert.Equal(4, server.Host.Clients.Select(client => client.Slots.CallOf(0)).Distinct().Count());
        foreach (SharedCallClient<Quote, Answer> client in clients)
            client.Dispose();
    }

    /// <summary>What they had not written, and what they had asked for, goes with them.</summary>
    [Fact]
    public async Task Departed_peers_hold_no_memory()
    {
        using SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(_name, new() { MaxPeers = 4 });
        for (int i = 0; i < 10; i++)
        {
            SharedQueue.OpenWriter<Quote>(_name).Dispose();
            await Until.Holds(() => reader.Peers.Count == 0);
        }

        await Until.Holds(() => reader.Host!.Inbox.LaneCount == 0);

        using SharedCallServer<Quote, Answer> server = SharedCall.Create<Quote, Answer>(_name + "c");
        for (int i = 0; i < 10; i++)
        {
            using SharedCallClient<Quote, Answer> client = SharedCall.Open<Quote, Answer>(_name + "c");
            Assert.False(client.TryCall(Quote.Of(1), out _, TimeSpan.FromMilliseconds(1)));
        }

        await Until.Holds(() => server.Peers.Count == 0);
        Assert.False(server.Host.Inbox.HasMessage());
    }

    /// <summary>Unread lanes of those who have left take places, so that a reader that does not read cannot be filled up.</summary>
    [Fact]
    public async Task Unread_messages_of_departed_writers_count_as_peers()
    {
        using SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(_name, new() { MaxPeers = 3 });
        for (int i = 0; i < 3; i++)
        {
            using SharedQueueWriter<Quote> writer = SharedQueue.OpenWriter<Quote>(_name);
            writer.Write(Quote.Of(i));
        }

        await Until.Holds(() => reader.Peers.Count == 0);
        PeerRefusedException refused = Assert.Throws<PeerRefusedException>(() => SharedQueue.OpenWriter<Quote>(_name));
        Assert.Equal(RefusalReason.Full, refused.Reason);
        Assert.Contains("counting 3 that left messages behind", refused.Message, StringComparison.Ordinal);
        for (int i = 0; i < 3; i++)
            Assert.True(reader.TryRead(out _));
        Assert.False(reader.TryRead(out _));
        SharedQueue.OpenWriter<Quote>(_name).Dispose();
    }

    /// <summary>An honest server that goes away is gone, and breaks no protocol.</summary>
    [Fact]
    public async Task An_honest_server_that_goes_is_gone()
    {
        for (int round = 0; round < 60; round++)
        {
            (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) =
                SharedCall.CreatePair<Quote, Answer>(new() { Capacity = 2 });
            Calls.Serving serving = Calls.Serving.Echo(server);
            Task[] callers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
            {
                while (true)
                    await client.CallAsync(Quote.Of(1));
            }))];
            await Task.Delay(5);
            serving.Dispose();
            foreach (Task caller in callers)
                await Assert.ThrowsAsync<PeerGoneException>(() => caller);
            client.Dispose();
        }
    }

    [Fact]
    public void The_number_of_messages_that_were_given_back_is_right()
    {
        (SharedQueueWriter<Quote> writer, SharedQueueReader<Quote> reader) = SharedQueue.CreatePair<Quote>();
        for (int i = 0; i < 60; i++)
            writer.Write(Quote.Of(i));
        for (int i = 0; i < 60; i++)
            Assert.True(reader.TryRead(out _));
        reader.Dispose();
        SpinWait.SpinUntil(() => writer.State == ConnectionState.Closed);
        PeerGoneException gone = Assert.Throws<PeerGoneException>(() => writer.Write(Quote.Of(60)));
        Assert.Equal(60, gone.MessagesRead);
        Assert.Contains("60 messages", gone.Message, StringComparison.Ordinal);
        writer.Dispose();
    }

    /// <summary>Threads that call receive by themselves: they get their answers although every thread of the pool is at work.</summary>
    [Fact]
    public async Task Synchronous_calls_do_without_the_pool_while_an_asynchronous_one_is_open()
    {
        (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) = SharedCall.CreatePair<Quote, Answer>();
        using (server)
        using (client)
        {
            Task<Answer> open = client.CallAsync(Quote.Of(1)).AsTask();
            CallHandler<Quote, Answer> echo = static call => call.Response = Answer.To(call.Request);

            // The pump receives for it. The thread takes the role over.
            Assert.False(client.Client.Calls.HasReceivingThread);
            Task<Answer> call = Task.Factory.StartNew(
                () => client.Call(Quote.Of(2)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            await Until.Holds(() => client.Client.Calls.HasReceivingThread);
            Assert.True(server.TryServe(echo));
            Assert.True(server.TryServe(echo));
            await call;
            Assert.True((await open).IsTo(1));
        }
    }

    [Fact]
    public void An_exception_after_dispose_names_the_endpoint()
    {
        SharedStateWriter<Quote> state = SharedState.Create<Quote>(_name);
        SharedStateReader<Quote> reader = SharedState.Open<Quote>(_name);
        reader.Dispose();
        state.Dispose();
        Assert.Equal($"SharedStateReader<Quote> '{_name}'", Assert.Throws<ObjectDisposedException>(() => reader.Read()).ObjectName);
        Assert.Equal($"SharedStateWriter<Quote> '{_name}'", Assert.Throws<ObjectDisposedException>(() => state.Read()).ObjectName);
    }

    [Fact]
    public void An_open_claim_of_a_table_that_was_disposed_says_so()
    {
        (SharedTableWriter<Quote> table, SharedTableReader<Quote> reader) = SharedTable.CreatePair<Quote>(1);
        table.Write(0, Quote.Of(1));
        using TableClaim<Quote> claim = table.Update(0);
        table.Dispose();
        bool isDisposed = false;
        try
        {
            claim.Commit();
        }
        catch (ObjectDisposedException)
        {
            isDisposed = true;
        }

        Assert.True(isDisposed);
        reader.Dispose();
    }

    private static int Mappings(string what) =>
        File.ReadLines("/proc/self/maps").Count(line => line.Contains(what, StringComparison.Ordinal));
}
