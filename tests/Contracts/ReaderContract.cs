using TypedShm.Contracts.Channels;

namespace TypedShm.Contracts;

/// <summary>What reads, and waits for what it reads.</summary>
public abstract class ReaderContract<TChannel> : ContractTest<TChannel>
    where TChannel : Channel, new()
{
    private readonly string _name = NamesDirectory.NewName();

    [Fact]
    public async Task A_wait_that_is_cancelled_loses_nothing_that_came_at_the_same_moment()
    {
        (IDisposable owner, IDisposable client) = Channel.Pair();
        using IDisposable one = owner;
        using IDisposable other = client;
        (IDisposable writer, IDisposable reader) = Directed(owner, client);
        for (int round = 1; round <= 200; round++)
        {
            using CancellationTokenSource cancel = new();
            CancellationToken token = cancel.Token;
            Task waiting = round % 2 == 0 ? Channel.WaitAsync(reader, token) : OnThread(() => Channel.Wait(reader, token));
            using Barrier together = new(2);
            Action[] both = [cancel.Cancel, () => Channel.Send(writer, round)];
            if (round % 4 < 2)
                Array.Reverse(both);
            Task first = OnThread(() =>
            {
                together.SignalAndWait();
                both[0]();
            });
            together.SignalAndWait();
            Thread.SpinWait(round * 20);
            both[1]();
            await Until.Soon(first);
            try
            {
                await Until.Soon(waiting);
            }
            catch (OperationCanceledException)
            {
                await Until.Soon(Channel.WaitAsync(reader));
            }

            Assert.Equal(round, Channel.Receive(reader));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_waits_again_after_a_wait_that_was_cancelled_finds_what_came_meanwhile(bool asynchronous)
    {
        (IDisposable owner, IDisposable client) = Channel.Pair();
        using IDisposable one = owner;
        using IDisposable other = client;
        (IDisposable writer, IDisposable reader) = Directed(owner, client);
        for (int round = 1; round <= 20; round++)
        {
            using CancellationTokenSource cancel = new();
            CancellationToken token = cancel.Token;
            Task waiting = asynchronous ? Channel.WaitAsync(reader, token) : OnThread(() => Channel.Wait(reader, token));
            cancel.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Until.Soon(waiting));
            Channel.Send(writer, round);
            await Until.Soon(asynchronous ? Channel.WaitAsync(reader) : OnThread(() => Channel.Wait(reader)));
            Assert.Equal(round, Channel.Receive(reader));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Dispose_ends_waits(bool asynchronous)
    {
        for (int round = 0; round < 10; round++)
        {
            (IDisposable owner, IDisposable client) = Channel.Pair();
            IDisposable reader = Directed(owner, client).Reader;
            int thread = 0;
            Task waiting = asynchronous ? Channel.WaitAsync(reader) : OnThread(() =>
            {
                Volatile.Write(ref thread, Until.ThreadNumber);
                Channel.Wait(reader);
            });
            if (!asynchronous && round % 2 == 0)
                await Until.Sleeps(() => Volatile.Read(ref thread), "the wait");
            reader.Dispose();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => Until.Soon(waiting));
            owner.Dispose();
            client.Dispose();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_another_process_sends_ends_a_wait(bool asynchronous)
    {
        Peer peer = Channel.OwnerWrites ? Start("create", _name) : null!;
        using IDisposable end = Channel.OwnerWrites ? await Channel.OpenAsync(_name, Patient) : Channel.Create(_name, new());
        peer ??= Start("open", _name);
        peer.Expect("open");
        for (int round = 1; round <= 20; round++)
        {
            Task waiting = asynchronous ? Channel.WaitAsync(end) : OnThread(() => Channel.Wait(end));
            peer.Tell($"send {round}");
            await Until.Soon(waiting);
            await Until.Holds(() => Channel.Receive(end) == round);
            peer.Expect($"send {round}");
        }

        peer.Dispose();
    }

    [Fact]
    public async Task A_stopped_writer_is_alive()
    {
        Peer peer = Channel.OwnerWrites ? Start("create", _name) : null!;
        using IDisposable end = Channel.OwnerWrites ? await Channel.OpenAsync(_name, Patient) : Channel.Create(_name, new());
        peer ??= Start("open", _name);
        peer.Expect("open");
        await peer.Stop();
        using CancellationTokenSource cancel = new(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Until.Soon(Channel.WaitAsync(end, cancel.Token)));
        Assert.Single(end.Peers());

        // What it is told meanwhile it does when it goes on.
        Task waiting = Channel.WaitAsync(end);
        peer.Tell("send 1");
        peer.Continue();
        await Until.Soon(waiting);
        await Until.Holds(() => Channel.Receive(end) == 1);
        peer.Dispose();
    }

    [Fact]
    public async Task Whatever_can_be_cancelled_is_cancelled()
    {
        using IDisposable owner = Channel.Create(_name, new());
        using IDisposable client = await Channel.OpenAsync(_name, Patient);
        await Connected(owner, 1);
        CancellationToken cancelled = new(canceled: true);
        List<string> faults = [];
        IDisposable reader = Directed(owner, client).Reader;
        foreach (Member member in Member.Of(reader.GetType()).Where(member => member.TakesToken))
        {
            try
            {
                object? answer = await member.Call(reader, cancelled);
                faults.Add($"{member.Name} answers {answer}");
            }
            catch (OperationCanceledException)
            {
                // As it should be.
            }
        }

        Assert.Empty(faults);
    }

    [Fact]
    public async Task A_client_that_reconnects_goes_on_with_the_successor_of_a_killed_owner()
    {
        using Peer first = Start("create", _name);
        first.Expect("open");
        using IDisposable client = Channel.Open(_name, Patient with { Reconnect = true });
        EventLog log = EventLog.OfClient(client);
        first.Kill();
        await Until.Holds(() => log.Lines is ["Lost"]);
        using IDisposable successor = Channel.Create(_name, new());
        await Until.Holds(() => log.Lines is ["Lost", "Connected"]);
        await Connected(successor, 1);
        await Converse(successor, client, 9);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_waits_learns_how_its_owner_went(bool closed)
    {
        if (!Channel.OwnerWrites)
            return;
        using Peer peer = Start("create", _name);
        peer.Expect("open");
        using IDisposable client = Channel.Open(_name, Patient);
        Task waiting = OnThread(() => Channel.Wait(client));
        Task other = Channel.WaitAsync(client);
        if (closed)
            peer.Tell("close");
        else
            peer.Kill();
        foreach (Task task in (Task[])[waiting, other])
        {
            Exception? error = await Record.ExceptionAsync(() => Until.Soon(task));

            // To whoever reads messages a good end is none that is thrown.
            if (error is null && closed)
            {
                Assert.Equal(0, Channel.Receive(client));
                continue;
            }

            PeerGoneException gone = Assert.IsType<PeerGoneException>(error is PeerGoneException ? error : error?.InnerException);
            Assert.Equal(closed, gone.WasClosed);
        }
    }
}
