using System.Collections.Immutable;
using TypedShm.Memory;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Channels;

/// <summary>The end of the process that created the struct: lets peers in and signals to them.</summary>
internal sealed class StructHost<T> : StructEnd<T>, IEndpointHost
    where T : unmanaged, ISharedLayout<T>
{
    // Tools do not count as peers, but they are not without number either.
    private const int MaxObservers = 16;

    private readonly SharedStructOptions _options;
    private readonly Lock _gate = new();
    private ImmutableArray<Member> _members = [];
    private TaskCompletionSource _pulse = NewPulse();
    private ulong _seen;
    private Listener? _listener;

    public StructHost(string shortName, SharedStructOptions options)
    {
        _options = options;
        Use(StructMemory<T>.Create(shortName, options.AllowPeersToWrite));
        Undisposed.Add(this);
    }

    public EventHandler<PeerJoinedEventArgs>? PeerJoined { get; set; }

    public EventHandler<PeerLeftEventArgs>? PeerLeft { get; set; }

    public EventHandler<PeerRefusedEventArgs>? PeerRefused { get; set; }

    public override IReadOnlyList<SharedPeer> Peers => [.. _members.Where(member => member.IsCounted).Select(member => member.Peer)];

    public ChannelKind Kind => ChannelKind.Struct;

    public StatedLayout[] Layouts { get; } = [StatedLayout.Of<T>()];

    /// <summary>Takes the name and begins to accept.</summary>
    public void Listen(EndpointName endpoint) => _listener = Listener.Start(endpoint, this, _options.AllowedPeers, _options.HandshakeTimeout);

    public override void Signal()
    {
        ThrowIfDisposed();
        lock (_gate)
        {
            ref ulong signals = ref Memory.Signals;
            Volatile.Write(ref signals, signals + 1);

            // Between the store of the count and the loads of the parked words, see Doorbell.Ring.
            Interlocked.MemoryBarrier();
            foreach (Member member in _members)
                member.Doorbell.Ring();
        }

        Interlocked.Exchange(ref _pulse, NewPulse()).TrySetResult();
    }

    public override bool Wait(Deadline deadline, CancellationToken cancellationToken)
    {
        ValueTask<bool> wait = WaitAsync(deadline, cancellationToken);
        return wait.IsCompletedSuccessfully ? wait.Result : wait.AsTask().GetAwaiter().GetResult();
    }

    // Everything that signals this struct runs in this process, so waiting is a matter of a task.
    public override async ValueTask<bool> WaitAsync(Deadline deadline, CancellationToken cancellationToken)
    {
        ulong seen = Volatile.Read(ref _seen);
        while (true)
        {
            ThrowIfDisposed();
            Task pulse = Volatile.Read(ref _pulse).Task;
            ulong now = Volatile.Read(ref Memory.Signals);
            ThrowIfDisposed();
            if (now != seen)
            {
                Volatile.Write(ref _seen, now);
                return true;
            }

            try
            {
                await pulse.WaitAsync(deadline.Remaining, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                return false;
            }
        }
    }

    public RefuseMessage? Consider(HelloMessage hello)
    {
        switch (hello.Role)
        {
            case PeerRole.Reader or PeerRole.Observer:
                break;
            case PeerRole.Writer when _options.AllowPeersToWrite:
                break;
            case PeerRole.Writer:
                return new RefuseMessage(RefusalReason.WriteNotAllowed, "Its creator lets nobody else write. Open it for reading, or create it with SharedStructOptions.AllowPeersToWrite.", []);
            default:
                return new RefuseMessage(RefusalReason.RoleNotAvailable, $"A shared struct has readers and writers, but no role {(ushort)hello.Role}.", []);
        }

        bool counts = hello.Role != PeerRole.Observer;
        int limit = counts ? _options.MaxPeers : MaxObservers;
        return _members.Count(member => member.IsCounted == counts) < limit
            ? null
            : new RefuseMessage(RefusalReason.Full, $"{limit} {(counts ? "peers" : "observers")} are connected, as many as allowed. Close one, or raise SharedStructOptions.MaxPeers.", []);
    }

    public RegionOffer[] RegionsFor(PeerRole role) => Memory.OffersFor(role);

    public ulong Joined(Link link)
    {
        Member member = new(link);
        lock (_gate)
        {
            ThrowIfDisposed();
            _members = _members.Add(member);
            if (member.IsCounted)
                Events.Raise(PeerJoined, Owner, new PeerJoinedEventArgs(member.Peer));
        }

        return 0;
    }

    public void Refused(PeerIdentity peer, SharedMemoryException reason) =>
        Events.Raise(PeerRefused, Owner, new PeerRefusedEventArgs(peer, reason));

    public void Received(Link link, LinkMessage message)
    {
        // From a reader it would be a lie; it may not even have looked at the struct.
        if (message == LinkMessage.Signal && link.Role == PeerRole.Writer && !IsDisposed)
            Signal();
    }

    public void Ended(Link link)
    {
        lock (_gate)
        {
            Member? member = _members.FirstOrDefault(member => member.Link == link);
            if (member is null)
                return;
            _members = _members.Remove(member);
            if (member.IsCounted && !IsDisposed)
                Events.Raise(PeerLeft, Owner, new PeerLeftEventArgs(member.Peer, link.WasClosed));
        }
    }

    protected override void Close()
    {
        Revoke();
        _listener?.Dispose();

        // Nobody joins any more: Joined looks at the flag under the same lock.
        ImmutableArray<Member> members;
        lock (_gate)
            members = _members;
        foreach (Member member in members)
            member.Link.Dispose();
        Interlocked.Exchange(ref _pulse, NewPulse()).TrySetResult();
        lock (_gate)
            Memory.Dispose();
    }

    private static TaskCompletionSource NewPulse() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Member(Link link)
    {
        public Link Link { get; } = link;

        public SharedPeer Peer { get; } = new(link);

        public Doorbell Doorbell { get; } = new(link);

        public bool IsCounted => Link.Role != PeerRole.Observer;
    }
}
