using System.Runtime.CompilerServices;
using TypedShm.Ends;
using TypedShm.Rings;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Channels;

/// <summary>The end of a process that opened the struct, for reading or for writing too.</summary>
internal sealed class StructClient<T> : ChannelClient<StructClient<T>.StructSession>, IStructEnd<T>
    where T : unmanaged, ISharedLayout<T>
{
    private StructClient(EndpointName? endpoint, ConnectRequest terms, StructSession session)
        : base(endpoint, terms, session)
    {
        // What was signalled before it was opened is no news.
        session.Seen = Volatile.Read(ref session.Memory.Signals);
        Live = new LiveValue<T>(this);
        Live.Use(session.Memory);
        Root();
    }

    public LiveValue<T> Live { get; }

    public static async ValueTask<StructClient<T>> Open<THandshakeWaiter>(EndpointName endpoint, PeerRole role, OpenOptions options, CancellationToken cancellationToken)
        where THandshakeWaiter : struct, IHandshakeWaiter
    {
        ConnectRequest terms = Terms(role, options);
        ConnectResult attachment = await Connector.Connect<THandshakeWaiter>(endpoint, terms, Deadline.After(options.Timeout), cancellationToken).ConfigureAwait(false);
        return new StructClient<T>(endpoint, terms, new StructSession(attachment));
    }

    /// <summary>The other end of a struct of this process.</summary>
    public static StructClient<T> Pair(StructHost<T> host)
    {
        ConnectRequest terms = Terms(PeerRole.Reader, new OpenOptions());
        return new StructClient<T>(null, terms, new StructSession(host.Pair(terms)));
    }

    // To the creator, which signals to everyone: it alone may write what the others watch.
    public void Signal()
    {
        ThrowIfDisposed();
        Current.Link.Send(LinkMessage.Signal);
    }

    public bool Wait(Deadline deadline, CancellationToken cancellationToken) =>
        MarkSeen(WaitFor(new SignalCondition(this), deadline, cancellationToken));

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> WaitAsync(Deadline deadline, CancellationToken cancellationToken) =>
        MarkSeen(await WaitForAsync(new SignalCondition(this), deadline, cancellationToken).ConfigureAwait(false));

    /// <summary>Whether a wait would end at once.</summary>
    public PollResult Poll() => new SignalCondition(this).Poll();

    protected override StructSession NewSession(ConnectResult attachment)
    {
        StructSession session = new(attachment);

        // That there is a new creator is news in itself: the next wait returns at once.
        session.Seen = unchecked(Volatile.Read(ref session.Memory.Signals) - 1);
        return session;
    }

    protected override void OnReplaced(StructSession session) => Live.Use(session.Memory);

    protected override void OnRevoked() => Live.Revoke();

    private static ConnectRequest Terms(PeerRole role, OpenOptions options) => new(
        ChannelKind.Struct, role, [LayoutAdvertisement.Of<T>()], options,
        (received, welcome) => StructMemory<T>.Map(received, welcome, writable: role == PeerRole.Writer))
    {
        LayoutsMayHaveGrown = role == PeerRole.Reader,
    };

    private bool MarkSeen(bool met)
    {
        StructSession session = Current;
        if (met)
            Volatile.Write(ref session.Seen, Volatile.Read(ref session.Memory.Signals));
        return met;
    }

    internal sealed class StructSession(ConnectResult attachment) : Session(attachment.Link)
    {
        /// <summary>The count of signals at the end of the last wait.</summary>
        public ulong Seen;

        public StructMemory<T> Memory { get; } = StructMemory<T>.From(attachment.Regions.Received);

        public override void DisposeMemory() => Memory.Dispose();
    }

    private readonly struct SignalCondition(StructClient<T> client) : ICondition
    {
        private readonly StructSession _session = client.Current;
        private readonly ulong _seen = Volatile.Read(ref client.Current.Seen);

        public PollResult Poll()
        {
            if (client.IsDisposed)
                return PollResult.Completed;
            bool ended = _session.Link.HasEnded;
            if (client.Current != _session || Volatile.Read(ref _session.Memory.Signals) != _seen)
                return PollResult.Ready;
            return ended && !client.Reconnects ? PollResult.Completed : PollResult.Pending;
        }

        public bool MayBeReady() => Poll() != PollResult.Pending;
    }
}
