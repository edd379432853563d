using System.Collections.Concurrent;
using System.Globalization;
using TypedShm.Contracts.Channels;

namespace TypedShm.Contracts;

/// <summary>Whatever happens while a client connects, at whichever step: the owner is as before, and lets the next one in.</summary>
public abstract class HandshakeContract<TChannel> : ContractTest<TChannel>
    where TChannel : Channel, new()
{
    /// <summary>How many opens are cancelled; a variable of the environment asks for more.</summary>
    private static readonly int s_cancelled =
        int.Parse(Environment.GetEnvironmentVariable("TYPEDSHM_CANCELLED_OPENS") ?? "300", CultureInfo.InvariantCulture);

    private readonly string _name = NamesDirectory.NewName();

    public static TheoryData<int, RelayEnd> Steps
    {
        get
        {
            TheoryData<int, RelayEnd> steps = [];
            for (int step = 0; step < Relay.HandshakeLength; step++)
            {
                steps.Add(step, RelayEnd.HangUp);
                steps.Add(step, RelayEnd.Stop);
                steps.Add(step, RelayEnd.Repeat);
                steps.Add(step, RelayEnd.AddDescriptors);
            }

            steps.Add(Relay.HandshakeLength, RelayEnd.HangUp);
            steps.Add(Relay.HandshakeLength, RelayEnd.Stop);
            return steps;
        }
    }

    /// <summary>
    /// For each side, the other one dies, is stopped, repeats itself or sends too much after so many packets of the handshake.
    /// </summary>
    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_handshake_that_goes_wrong_leaves_nothing_on_either_side(int step, RelayEnd end)
    {
        using IDisposable owner = Channel.Create(_name, new Limits(MaxPeers: 2, HandshakeTimeout: TimeSpan.FromMilliseconds(300)));
        EventLog log = EventLog.OfOwner(owner);
        ResourceCount before = ResourceCount.Now();
        for (int round = 0; round < 3; round++)
        {
            using Relay relay = new(_name, step, end);
            try
            {
                OpenOptions options = new() { Timeout = TimeSpan.FromMilliseconds(500) };
                using IDisposable client = await Channel.OpenAsync(relay.Name, options);
                await Until.Holds(() => relay.Ended > 0 || end == RelayEnd.Repeat);
            }
            catch (Exception error) when (error is SharedMemoryException or TimeoutException)
            {
                // The other side is gone, or silent, or breaks the protocol.
            }
        }

        await Connected(owner, 0);
        await Until.Holds(() => log.Count("joined") == log.Left, "whoever joined has left");
        await before.Returns();
        await LetsIn(owner, Math.Min(2, Channel.MostClients));
    }

    [Fact]
    public async Task Those_who_come_at_the_same_moment_are_let_in_or_turned_away_and_nobody_stays()
    {
        int most = Math.Min(2, Channel.MostClients);
        using IDisposable owner = Channel.Create(_name, new Limits(MaxPeers: 2));
        EventLog log = EventLog.OfOwner(owner);
        ResourceCount before = ResourceCount.Now();
        for (int round = 0; round < 30; round++)
        {
            using Barrier together = new(3);
            ConcurrentBag<IDisposable> clients = [];
            await Until.Soon(Task.WhenAll(Enumerable.Range(0, 3).Select(_ => OnThread(() =>
            {
                together.SignalAndWait();
                try
                {
                    clients.Add(Channel.Open(_name, Patient));
                }
                catch (PeerRefusedException refused) when (refused.Reason == RefusalReason.Full)
                {
                    // Two were faster; or one was, and its connection is under way.
                }
            }))));
            Assert.InRange(clients.Count, 1, most);
            await Connected(owner, clients.Count);
            foreach (IDisposable client in clients)
                client.Dispose();
            await Connected(owner, 0);
        }

        await Until.Holds(() => log.Count("joined") == log.Left, "whoever joined has left");
        await before.Returns();
        await LetsIn(owner, most);
    }

    [Fact]
    public async Task Opens_that_are_cancelled_at_any_moment_leave_nobody_behind()
    {
        using IDisposable owner = Channel.Create(_name, new());
        EventLog log = EventLog.OfOwner(owner);
        ResourceCount before = ResourceCount.Now();
        Random random = new(1);
        for (int round = 0; round < s_cancelled; round++)
        {
            using CancellationTokenSource cancel = new(TimeSpan.FromMicroseconds(random.Next(5_000)));
            try
            {
                using IDisposable client = await Channel.OpenAsync(_name, Patient, cancel.Token);
            }
            catch (OperationCanceledException)
            {
                // As asked for.
            }
            catch (PeerRefusedException refused) when (refused.Reason == RefusalReason.Full && Channel.MostClients == 1)
            {
                // The one before has not been noticed to be gone.
            }
        }

        await Connected(owner, 0);
        await Until.Holds(() => log.Count("joined") == log.Left, "whoever joined has left");
        await before.Returns();
        await LetsIn(owner, Math.Min(2, Channel.MostClients));
    }

    [Fact]
    public async Task Clients_that_are_gone_as_soon_as_they_are_in_are_noticed()
    {
        using IDisposable owner = Channel.Create(_name, new());
        ResourceCount before = ResourceCount.Now();
        using (Relay relay = new(_name, 3, RelayEnd.HangUp))
        {
            for (int round = 0; round < 100; round++)
                await Assert.ThrowsAnyAsync<SharedMemoryException>(() => Channel.OpenAsync(relay.Name, Patient));
        }

        await Connected(owner, 0);
        await before.Returns();
        await LetsIn(owner, Math.Min(2, Channel.MostClients));
    }

    [Fact]
    public async Task An_owner_that_goes_while_clients_connect_frees_all_and_is_not_accused()
    {
        ResourceCount before = ResourceCount.Now();
        for (int round = 0; round < 30; round++)
        {
            IDisposable owner = Channel.Create(_name, new());
            Task[] opening = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
            {
                try
                {
                    using IDisposable client = await Channel.OpenAsync(_name, new OpenOptions { Timeout = TimeSpan.FromMilliseconds(200) });
                }
                catch (Exception error) when (error is PeerGoneException or PeerRefusedException or TimeoutException)
                {
                    // It has gone, or is full, or nobody is there any more.
                }
            }))];
            await Task.WhenAny([.. opening, Until.Holds(() => owner.Peers().Count > round % 3 - 1)]);
            owner.Dispose();
            await Until.Soon(Task.WhenAll(opening));
            GC.KeepAlive(owner);
        }

        await before.Returns();
    }

    [Fact]
    public async Task An_owner_whose_thread_pool_is_blocked_lets_clients_in_and_notices_that_they_go()
    {
        Peer peer = Start("create-with-blocked-pool", _name);
        peer.Expect("open");
        using (await Channel.OpenAsync(_name, Patient))
            peer.Expect("joined");
        await Until.Soon(Task.Run(() => peer.Expect("left")));
        peer.WaitForExit();
    }

    [Fact]
    public void A_client_whose_thread_pool_is_blocked_connects_and_notices_that_the_owner_is_gone()
    {
        Peer owner = Start("create", _name);
        owner.Expect("open");
        Peer client = Start("open-with-blocked-pool", _name);
        client.Expect("open");
        owner.Kill();
        client.Expect("lost");
        client.WaitForExit();
    }

    // As many as ever, one after the other, at once, and with a conversation.
    private async Task LetsIn(IDisposable owner, int count)
    {
        List<IDisposable> clients = [];
        for (int i = 0; i < count; i++)
            clients.Add(await Channel.OpenAsync(_name, Patient));
        await Connected(owner, count);
        await Converse(owner, clients[0], 7);
        clients.ForEach(client => client.Dispose());
        await Connected(owner, 0);
    }
}
