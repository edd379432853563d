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
    public Task A_handshake_that_goes_wrong_leaves_nothing_on_either_side(int step, RelayEnd end) => InRounds(
        4,
        new Limits(MaxPeers: 2, HandshakeTimeout: TimeSpan.FromMilliseconds(200)),
        async (owner, _, round) =>
        {
            using Relay relay = new(_name, step, end);
            using CancellationTokenSource cancel = new();

            // Of two that wait for each other, the client is the first to lose patience, or the owner, or the client is told to go.
            OpenOptions options = round % 2 == 0 ? new() { Timeout = TimeSpan.FromMilliseconds(50) } : Patient;
            // The owner waits for nothing any more once it has sent its last packet.
            int enough = round == 1 && end == RelayEnd.Stop && step < Relay.HandshakeLength - 1 ? 2 : 1;
            Task<IDisposable> opening = Channel.OpenAsync(relay.Name, options, cancel.Token);
            await Until.Holds(() => relay.Ended >= enough || opening.IsCompleted, "the handshake has come to the step");
            cancel.Cancel();
            await GivenUpOrClosed(opening);

            // One that had joined holds its place until the owner has noticed that it is gone.
            await Connected(owner, 0);
        });

    [Fact]
    public Task Those_who_come_at_the_same_moment_are_let_in_or_turned_away_and_nobody_stays() => InRounds(
        30,
        new Limits(MaxPeers: 2),
        async (owner, log, _) =>
        {
            using Barrier together = new(3);
            int joined = log.Count("joined");
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
            Assert.InRange(clients.Count, 1, Channel.TakesOneClient ? 1 : 2);
            await Connected(owner, clients.Count);
            foreach (IDisposable client in clients)
                client.Dispose();
            await Connected(owner, 0);

            // Events come later than what they tell.
            await Until.Holds(() => log.Count("joined") == joined + clients.Count, "the owner was told who joined");
        });

    [Fact]
    public async Task Opens_that_are_cancelled_at_any_moment_leave_nobody_behind()
    {
        Random random = new(1);
        await InRounds(s_cancelled, new(), async (_, _, _) =>
        {
            using CancellationTokenSource cancel = new(TimeSpan.FromMicroseconds(random.Next(5_000)));
            await GivenUpOrClosed(Channel.OpenAsync(_name, Patient, cancel.Token));
        });
    }

    /// <summary>Who is seen by an owner has all that it needs, whatever becomes of the owner.</summary>
    [Theory]
    [InlineData("closed", ConnectionState.Closed)]
    [InlineData("killed", ConnectionState.Lost)]
    public async Task A_client_that_was_seen_is_connected_even_if_its_owner_ends_at_once(string how, ConnectionState end)
    {
        Peer owner = Start("create-until-seen", _name, how);
        owner.Expect("open");

        // Nobody comes after that owner.
        using IDisposable client = await Channel.OpenAsync(_name, Patient with { Timeout = TimeSpan.FromSeconds(20) });
        await Until.Holds(() => client.State() == end, $"the owner was {how}");
    }

    [Fact]
    public Task Clients_that_are_gone_as_soon_as_they_are_in_are_noticed() => InRounds(5, new(), async (_, _, _) =>
    {
        using Relay relay = new(_name, 3, RelayEnd.HangUp);
        using CancellationTokenSource cancel = new();

        // It tries again and again.
        Task<IDisposable> opening = Channel.OpenAsync(relay.Name, Patient, cancel.Token);
        await Until.Holds(() => relay.Ended >= 20 || opening.IsCompleted, "clients came and went");
        cancel.Cancel();
        await GivenUpOrClosed(opening);
        Assert.False(opening.IsCompletedSuccessfully);
    });

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

    /// <summary>
    /// Does something to an owner again and again; of a channel that takes one client in its life, to another owner as soon as it has had
    /// that. Afterwards the owner has to be as before.
    /// </summary>
    private async Task InRounds(int rounds, Limits limits, Func<IDisposable, EventLog, int, Task> act)
    {
        for (int round = 0; round < rounds;)
        {
            using IDisposable owner = Channel.Create(_name, limits);
            EventLog log = EventLog.OfOwner(owner);
            ResourceCount before = ResourceCount.Now();
            do
                await act(owner, log, round++);
            while (round < rounds && !(Channel.TakesOneClient && log.Count("joined") > 0));
            await Connected(owner, 0);
            await Until.Holds(() => log.Count("joined") == log.Left, "whoever joined has left");
            await before.Returns();
            await LetsIn(owner, Channel.TakesOneClient ? 1 : Math.Min(2, limits.MaxPeers), log);
        }
    }

    /// <summary>As many as ever, one after the other, at once, and with a conversation.</summary>
    private async Task LetsIn(IDisposable owner, int count, EventLog log)
    {
        List<IDisposable> clients = [];
        try
        {
            for (int i = 0; i < count; i++)
                clients.Add(await Channel.OpenAsync(_name, Patient));
        }
        catch (PeerRefusedException refused) when (HadItsClient(refused))
        {
            await Until.Holds(() => log.Count("joined") > 0, "the owner had its client");
            return;
        }

        await Connected(owner, count);
        await Converse(owner, clients[0], 7);
        clients.ForEach(client => client.Dispose());
        await Connected(owner, 0);
    }

    /// <summary>Closes the client if it has connected; if it has not, the reason has to be one that these tests give.</summary>
    private static async Task GivenUpOrClosed(Task<IDisposable> opening)
    {
        try
        {
            (await Until.Soon(opening)).Dispose();
        }
        catch (Exception error) when (error is OperationCanceledException or TimeoutException or PeerGoneException or ProtocolException
            || (error is PeerRefusedException refused && (refused.Reason == RefusalReason.Malformed || HadItsClient(refused))))
        {
            // It was told to, or waited too long for the other side, which was gone, or broke the protocol.
        }
    }

    private static bool HadItsClient(PeerRefusedException refused) => refused.Reason == RefusalReason.Full && Channel.TakesOneClient;
}
