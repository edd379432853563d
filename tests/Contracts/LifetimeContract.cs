using System.Runtime.CompilerServices;
using TypedShm.Contracts.Channels;

namespace TypedShm.Contracts;

/// <summary>
/// From the making of an end to its Dispose, and after it: nothing leaks, nothing hangs, nothing is touched that is gone.
/// </summary>
public abstract class LifetimeContract<TChannel> : ContractTest<TChannel>
    where TChannel : Channel, new()
{
    private readonly string _name = NamesDirectory.NewName();

    [Theory]
    [InlineData("the client closes first")]
    [InlineData("the owner closes first")]
    [InlineData("both close at once")]
    public async Task Opening_and_closing_leaves_nothing(string how)
    {
        for (int round = 1; round <= 5; round++)
        {
            ResourceCount before = ResourceCount.Now();
            IDisposable owner = Channel.Create(_name, new());
            IDisposable client = await Channel.OpenAsync(_name, Patient);
            await Converse(owner, client, round);
            IDisposable[] order = how == "the owner closes first" ? [owner, client] : [client, owner];
            if (how == "both close at once")
                Parallel.ForEach(order, end => end.Dispose());
            else
                Array.ForEach(order, end => end.Dispose());

            // The ends are still referred to: what is given back, Dispose has given back, and no finalizer.
            await before.Returns($"round {round}");
            GC.KeepAlive(order);
        }
    }

    [Fact]
    public async Task A_pair_leaves_nothing()
    {
        ResourceCount before = ResourceCount.Now();
        (IDisposable owner, IDisposable client) = Channel.Pair();
        await Converse(owner, client, 1);
        client.Dispose();
        owner.Dispose();
        await before.Returns();
        GC.KeepAlive((owner, client));
    }

    [Fact]
    public async Task A_killed_client_leaves_nothing()
    {
        using IDisposable owner = Channel.Create(_name, new());
        EventLog log = EventLog.OfOwner(owner);
        ResourceCount before = ResourceCount.Now();
        Peer peer = Start("open", _name);
        peer.Expect("open");
        await Connected(owner, 1);

        peer.Kill();

        await Connected(owner, 0);
        await Until.Holds(() => log.Count($"lost {peer.Id}") == 1);
        peer.Dispose();
        await before.Returns();
    }

    [Fact]
    public async Task A_killed_owner_leaves_nothing()
    {
        ResourceCount before = ResourceCount.Now();
        Peer peer = Start("create", _name);
        peer.Expect("open");
        IDisposable client = Channel.Open(_name, Patient);
        EventLog log = EventLog.OfClient(client);

        peer.Kill();

        await Until.Holds(() => client.State() == ConnectionState.Lost);
        client.Dispose();
        peer.Dispose();
        await before.Returns();
        await Until.Holds(() => log.Lines is ["Lost", "Disposed"]);
        GC.KeepAlive(client);
    }

    [Fact]
    public async Task A_connection_costs_a_descriptor_a_side()
    {
        using IDisposable owner = Channel.Create(_name, new());
        int before = ResourceCount.Now().Descriptors;
        using IDisposable client = Channel.Open(_name, Patient);
        await Connected(owner, 1);
        await Until.Holds(
            () => ResourceCount.Now().Descriptors <= before + 1 + Channel.ClientDescriptors,
            "both ends have one more descriptor, and the client what else it needs");
    }

    [Fact]
    public async Task Clients_that_come_and_go_cost_an_owner_that_does_nothing_nothing()
    {
        using IDisposable owner = Channel.Create(_name, new Limits(MaxPeers: 4));
        ResourceCount before = ResourceCount.Now();
        for (int round = 0; round < (Channel.TakesOneClient ? 1 : 20); round++)
        {
            using (await Channel.OpenAsync(_name, Patient))
                await Connected(owner, 1);
            await Connected(owner, 0);
        }

        await before.Returns();
    }

    [Fact]
    public async Task Clients_that_are_turned_away_leave_nothing()
    {
        using IDisposable owner = Channel.Create(_name, new Limits(MaxPeers: 1));
        EventLog log = EventLog.OfOwner(owner);
        IDisposable first = Channel.Open(_name, Patient);
        ResourceCount before = ResourceCount.Now();
        for (int round = 0; round < 5; round++)
        {
            Assert.Equal(RefusalReason.Full, Assert.Throws<PeerRefusedException>(() => Channel.Open(_name, Patient)).Reason);
            Assert.Throws<LayoutMismatchException>(() => Channel.OpenAnother(_name, Patient));
        }

        await before.Returns();
        await Until.Holds(() => log.Count("refused") == 10);
        await Converse(owner, first, 1);
        first.Dispose();
    }

    [Fact]
    public async Task An_endpoint_that_nobody_creates_costs_nothing()
    {
        ResourceCount before = ResourceCount.Now();
        OpenOptions options = new() { Timeout = TimeSpan.FromMilliseconds(50) };
        Assert.Throws<TimeoutException>(() => Channel.Open(_name, options));
        await Assert.ThrowsAsync<TimeoutException>(() => Channel.OpenAsync(_name, options));
        await before.Returns();
    }

    [Fact]
    public async Task A_reconnecting_client_gives_back_what_it_had_of_the_owner_before()
    {
        IDisposable owner = Channel.Create(_name, new());
        using IDisposable client = Channel.Open(_name, Patient with { Reconnect = true });
        await Converse(owner, client, 1);
        ResourceCount first = ResourceCount.Now();
        for (int round = 2; round <= 5; round++)
        {
            owner.Dispose();
            owner = Channel.Create(_name, new());
            await Connected(owner, 1);
            await Until.Holds(() => client.State() == ConnectionState.Connected);
            await Converse(owner, client, round);
            await first.Returns($"connection {round}");
        }

        owner.Dispose();
    }

    [Fact]
    public async Task Dispose_may_come_from_anywhere_any_number_of_times()
    {
        for (int round = 1; round <= 10; round++)
        {
            ResourceCount before = ResourceCount.Now();
            IDisposable owner = Channel.Create(_name, new());
            IDisposable client = await Channel.OpenAsync(_name, Patient);
            await Converse(owner, client, round);
            using Barrier together = new(8);
            await Until.Soon(Task.WhenAll(Enumerable.Range(0, 8).Select(i => OnThread(() =>
            {
                together.SignalAndWait();
                (i % 2 == 0 ? owner : client).Dispose();
                (i % 2 == 0 ? client : owner).Dispose();
            }))));
            owner.Dispose();
            client.Dispose();
            Assert.Empty(owner.Peers());
            Assert.Empty(client.Peers());
            Assert.Equal(ConnectionState.Disposed, client.State());
            await before.Returns($"round {round}");
        }
    }

    [Fact]
    public async Task An_owner_that_closes_as_soon_as_a_client_is_in_says_so()
    {
        for (int round = 0; round < 100; round++)
        {
            using IDisposable owner = Channel.Create(_name, new());
            using IDisposable client = await Channel.OpenAsync(_name, Patient);
            owner.Dispose();
            await Until.Holds(() => client.State() != ConnectionState.Connected);
            Assert.Equal(ConnectionState.Closed, client.State());
        }
    }

    [Fact]
    public async Task Whatever_is_asked_of_a_disposed_end_it_says_that_it_is_disposed()
    {
        (IDisposable owner, IDisposable client) = Channel.Pair();
        await Converse(owner, client, 1);
        client.Dispose();
        owner.Dispose();

        Assert.Empty(await AfterDispose.Faults(owner));
        Assert.Empty(await AfterDispose.Faults(client));
    }

    [Fact]
    public void Nor_does_a_disposed_end_touch_what_has_come_to_its_place()
    {
        Peer peer = Start("use-after-dispose");
        peer.Expect("nothing wrong");
        peer.WaitForExit();
    }

    [Fact]
    public Task Disposed_ends_are_let_go() => Rooted.Nothing(
        async () =>
        {
            (IDisposable owner, IDisposable client) = Channel.Pair();
            await Converse(owner, client, 1);
            client.Dispose();
            owner.Dispose();
            IDisposable named = Channel.Create(_name, new());
            IDisposable opened = await Channel.OpenAsync(_name, Patient with { Reconnect = true });
            await Converse(named, opened, 1);
            opened.Dispose();
            named.Dispose();
            return [owner, client, named, opened];
        },
        "Dispose");

    [Fact]
    public async Task An_end_does_not_keep_what_its_maker_had_around()
    {
        List<IDisposable> ends = [];
        await Rooted.Nothing(() => Task.FromResult<object[]>([MakeWithin(ends)]), "its ends were made");
        ends.ForEach(end => end.Dispose());

        // In a frame of its own, whose context is left with it.
        [MethodImpl(MethodImplOptions.NoInlining)]
        object MakeWithin(List<IDisposable> ends)
        {
            object request = new();
            Thread thread = new(() =>
            {
                AsyncLocal<object> local = new() { Value = request };
                ends.Add(Channel.Create(_name, new()));
                ends.Add(Channel.Open(_name, Patient with { Reconnect = true }));
                GC.KeepAlive(local);
            });
            thread.Start();
            thread.Join();
            return request;
        }
    }

    [Fact]
    public async Task Dispose_gives_everything_back_though_the_directory_of_its_name_is_gone()
    {
        string directory = Directory.CreateDirectory(Path.Combine(NamesDirectory.Path, NamesDirectory.NewName("gone"))).FullName;
        string name = Path.Combine(directory, "x.sock");
        ResourceCount before = ResourceCount.Now();
        IDisposable owner = Channel.Create(name, new());
        IDisposable client = Channel.Open(name, Patient);

        // Moved away in one step: to a name that is lost, its owner may come back.
        Directory.Move(directory, directory + "-moved");

        owner.Dispose();

        await Until.Holds(() => client.State() == ConnectionState.Closed);
        client.Dispose();
        await before.Returns();
        GC.KeepAlive((owner, client));
    }
}
