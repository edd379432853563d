using TypedShm.Contracts.Channels;

namespace TypedShm.Contracts;

/// <summary>Events: each once, in order, whenever one subscribes, whatever the handlers do.</summary>
public abstract class EventContract<TChannel> : ContractTest<TChannel>
    where TChannel : Channel, new()
{
    private readonly string _name = NamesDirectory.NewName();

    [Fact]
    public async Task Whoever_joins_and_leaves_is_told_once_in_order()
    {
        using IDisposable owner = Channel.Create(_name, new());
        EventLog log = EventLog.OfOwner(owner);
        string[] expected = [];
        for (int round = 0; round < (Channel.TakesOneClient ? 1 : 5); round++)
        {
            using (IDisposable client = await Channel.OpenAsync(_name, Patient))
                await Connected(owner, 1);
            await Connected(owner, 0);
            expected = [.. expected, $"joined {Environment.ProcessId}", $"closed {Environment.ProcessId}"];
            await Until.Holds(() => log.Lines.Length >= expected.Length);
            Assert.Equal(expected, log.Lines);
        }
    }

    [Fact]
    public async Task Who_subscribes_late_is_told_of_those_who_are_there()
    {
        using IDisposable owner = Channel.Create(_name, new());
        using IDisposable client = await Channel.OpenAsync(_name, Patient);
        await Connected(owner, 1);

        EventLog log = EventLog.OfOwner(owner);

        await Until.Holds(() => log.Lines.Length > 0, "the client that is there is announced");
        client.Dispose();
        await Until.Holds(() => log.Left == 1);
        Assert.Equal([$"joined {Environment.ProcessId}", $"closed {Environment.ProcessId}"], log.Lines);
    }

    [Fact]
    public async Task Nobody_who_joins_while_one_subscribes_is_missed_or_told_twice()
    {
        for (int round = 0; round < 40; round++)
        {
            Task<IDisposable> opening = Task.Run(() => Channel.OpenAsync(_name, Patient));
            using IDisposable owner = Channel.Create(_name, new());
            if (round % 2 == 1)
                Thread.SpinWait(round * 500);
            EventLog log = EventLog.OfOwner(owner);
            (await Until.Soon(opening)).Dispose();
            await Until.Holds(() => log.Left == 1, $"the client of round {round} is announced and has left");
            Assert.Equal([$"joined {Environment.ProcessId}", $"closed {Environment.ProcessId}"], log.Lines);
        }
    }

    [Fact]
    public async Task A_handler_that_is_gone_is_not_called()
    {
        using IDisposable owner = Channel.Create(_name, new());
        int calls = 0;
        EventHandler<PeerJoinedEventArgs> handler = (_, _) => Interlocked.Increment(ref calls);
        owner.OnJoined(handler);
        owner.GetType().GetEvent("PeerJoined")!.RemoveEventHandler(owner, handler);
        EventLog log = EventLog.OfOwner(owner);
        using IDisposable client = await Channel.OpenAsync(_name, Patient);
        await Until.Holds(() => log.Count("joined") == 1);
        Assert.Equal(0, calls);
    }

    [Fact]
    public async Task A_client_is_told_what_becomes_of_its_connection()
    {
        IDisposable owner = Channel.Create(_name, new());
        using IDisposable client = Channel.Open(_name, Patient with { Reconnect = true });
        EventLog log = EventLog.OfClient(client);
        owner.Dispose();
        await Until.Holds(() => log.Lines is ["Closed"]);
        using (IDisposable successor = Channel.Create(_name, new()))
        {
            await Until.Holds(() => log.Lines is ["Closed", "Connected"]);
            await Connected(successor, 1);
            client.Dispose();
            await Until.Holds(() => log.Lines is ["Closed", "Connected", "Disposed"]);
            await Connected(successor, 0);
        }
    }

    [Fact]
    public async Task A_handler_that_blocks_holds_nothing_up_but_the_handlers_after_it()
    {
        TaskCompletionSource goOn = new();
        using IDisposable owner = Channel.Create(_name, new());
        bool isIn = false;
        owner.OnJoined((_, _) =>
        {
            Volatile.Write(ref isIn, true);
            goOn.Task.Wait();
        });
        IDisposable client = await Channel.OpenAsync(_name, Patient);
        await Until.Holds(() => Volatile.Read(ref isIn));
        await Converse(owner, client, 1);
        if (!Channel.TakesOneClient)
        {
            client.Dispose();
            await Connected(owner, 0);
            client = await Channel.OpenAsync(_name, Patient);
            await Connected(owner, 1);
            await Converse(owner, client, 2);
        }

        await Until.Soon(OnThread(owner.Dispose));
        await Until.Holds(() => client.State() == ConnectionState.Closed);
        client.Dispose();
        goOn.SetResult();
    }

    [Fact]
    public async Task A_handler_may_dispose_the_end_that_calls_it()
    {
        using IDisposable owner = Channel.Create(_name, new());
        owner.OnJoined((_, _) => owner.Dispose());
        using IDisposable client = await Channel.OpenAsync(_name, Patient with { Reconnect = true });
        client.OnStateChanged((_, _) => client.Dispose());
        await Until.Holds(() => client.State() == ConnectionState.Disposed);
        Assert.Throws<ObjectDisposedException>(() => Channel.Receive(Directed(owner, client).Reader));
    }

    [Fact]
    public async Task A_handler_may_dispose_when_a_peer_leaves()
    {
        using IDisposable owner = Channel.Create(_name, new());
        owner.OnLeft((_, _) => owner.Dispose());
        (await Channel.OpenAsync(_name, Patient)).Dispose();
        await Until.Holds(() => SaysThatItIsDisposed(owner));
    }

    [Fact]
    public async Task What_a_handler_throws_ends_the_process_and_is_shown()
    {
        Peer peer = Start("throw-in-handler", _name);
        peer.Expect("open");
        using IDisposable client = await Channel.OpenAsync(_name, Patient);
        Assert.NotEqual(0, peer.Exit());
        Assert.Contains("a mistake in a handler", peer.Errors, StringComparison.Ordinal);
    }

    private static bool SaysThatItIsDisposed(IDisposable owner)
    {
        try
        {
            if (Channel.OwnerWrites)
                Channel.Send(owner, 1);
            else
                Channel.Receive(owner);
            return false;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
        catch (PeerGoneException)
        {
            // What it writes, nobody reads any more.
            return false;
        }
    }
}
