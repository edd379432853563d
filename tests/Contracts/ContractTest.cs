using TypedShm.Contracts.Channels;

namespace TypedShm.Contracts;

/// <summary>
/// A test of what holds for every channel. After it, with everything of its own disposed, this process has to hold the descriptors,
/// mappings and threads that it held before.
/// </summary>
/// <typeparam name="TChannel">The kind of channel.</typeparam>
public abstract class ContractTest<TChannel> : IAsyncLifetime
    where TChannel : Channel, new()
{
    private static bool s_isWarm;

    private readonly List<Peer> _peers = [];
    private ResourceCount _before = null!;

    private protected static Channel Channel { get; } = new TChannel();

    /// <summary>How clients open a channel unless a test wants something else of it.</summary>
    protected static OpenOptions Patient { get; } = new() { Timeout = Until.Patience };

    public async Task InitializeAsync()
    {
        if (!s_isWarm)
        {
            // What the runtime opens at first use and keeps (its epoll, its handling of signals) is there before the first count.
            s_isWarm = true;
            string name = NamesDirectory.NewName("warm-up");
            using IDisposable owner = Channel.Create(name, new());
            using IDisposable client = await Channel.OpenAsync(name, Patient);
            using Peer peer = Peer.Start(Program.Path, []);
            peer.Kill();
        }

        _before = ResourceCount.Now();
    }

    public async Task DisposeAsync()
    {
        _peers.ForEach(peer => peer.Dispose());
        await _before.Returns();
    }

    /// <summary>Starts another process, see <see cref="Program"/>.</summary>
    private protected Peer Start(string role, params string[] arguments)
    {
        Peer peer = Peer.Start(Program.Path, [role, typeof(TChannel).Name, .. arguments]);
        _peers.Add(peer);
        return peer;
    }

    /// <summary>Waits until as many clients are connected, and no more.</summary>
    protected static Task Connected(IDisposable owner, int count) =>
        Until.Holds(() => owner.Peers().Count == count, $"{count} are connected");

    /// <summary>An end writes or reads, whichever end it is.</summary>
    private protected static (IDisposable Writer, IDisposable Reader) Directed(IDisposable owner, IDisposable client) =>
        Channel.OwnerWrites ? (owner, client) : (client, owner);

    /// <summary>Fails unless a number arrives at the other side: both ends work.</summary>
    private protected static async Task Converse(IDisposable owner, IDisposable client, long number)
    {
        (IDisposable writer, IDisposable reader) = Directed(owner, client);
        Channel.Send(writer, number);
        await Until.Holds(() => Channel.Receive(reader) == number, $"number {number} arrives");
    }

    /// <summary>On a thread of its own, whatever becomes of the pool.</summary>
    protected static Task OnThread(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
