using System.Collections.Immutable;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Channels;

/// <summary>The end that owns a channel's name: lets peers in, knows who is there, wakes them.</summary>
internal abstract class ChannelHost(ChannelKind kind, StatedLayout[] layouts, ChannelOptions options) : ChannelEnd, IEndpointHost
{
    // Tools do not count as peers, but they are not without number either.
    private const int MaxObservers = 16;

    private Listener? _listener;

    public EventHandler<PeerJoinedEventArgs>? PeerJoined { get; set; }

    public EventHandler<PeerLeftEventArgs>? PeerLeft { get; set; }

    public EventHandler<PeerRefusedEventArgs>? PeerRefused { get; set; }

    public IReadOnlyList<SharedPeer> Peers => [.. Members.Where(member => member.IsCounted).Select(member => member.Peer)];

    public ChannelKind Kind => kind;

    public StatedLayout[] Layouts => layouts;

    /// <summary>Held while members change, and by whoever writes the words that are written for all of them.</summary>
    protected Lock Gate { get; } = new();

    /// <summary>Everyone who is connected. Replaced as a whole.</summary>
    protected ImmutableArray<Member> Members { get; private set; } = [];

    /// <summary>Takes the name and begins to accept.</summary>
    public void Listen(EndpointName endpoint) => _listener = Listener.Start(endpoint, this, options.AllowedPeers, options.HandshakeTimeout);

    public abstract RegionOffer[] RegionsFor(PeerRole role);

    public abstract void Received(Link link, LinkMessage message);

    public RefuseMessage? Consider(HelloMessage hello)
    {
        if (ConsiderRole(hello.Role) is { } refusal)
            return refusal;
        return WhyFull(IsCounted(hello.Role)) is { } why ? new RefuseMessage(RefusalReason.Full, why, []) : null;
    }

    public ulong Joined(Link link)
    {
        Member member = new(link);
        lock (Gate)
        {
            ThrowIfDisposed();

            // Several may have been considered while there was room for one.
            if (WhyFull(member.IsCounted) is { } why)
                throw new PeerRefusedException(RefusalReason.Full, why);
            Members = Members.Add(member);
            if (member.IsCounted)
                Events.Raise(PeerJoined, Owner, new PeerJoinedEventArgs(member.Peer));
        }

        return 0;
    }

    public void Refused(PeerIdentity peer, SharedMemoryException reason) =>
        Events.Raise(PeerRefused, Owner, new PeerRefusedEventArgs(peer, reason));

    public void Ended(Link link)
    {
        lock (Gate)
        {
            Member? member = Members.FirstOrDefault(member => member.Link == link);
            if (member is null)
                return;
            Members = Members.Remove(member);
            if (member.IsCounted && !IsDisposed)
                Events.Raise(PeerLeft, Owner, new PeerLeftEventArgs(member.Peer, link.WasClosed));
        }
    }

    /// <summary>Whether the channel has the role; null if so.</summary>
    protected abstract RefuseMessage? ConsiderRole(PeerRole role);

    /// <summary>Frees the name and hangs up on everyone.</summary>
    protected void Leave()
    {
        _listener?.Dispose();

        // Nobody joins any more: Joined looks at the flag under the same lock.
        ImmutableArray<Member> members;
        lock (Gate)
            members = Members;
        foreach (Member member in members)
            member.Link.Dispose();
    }

    private static bool IsCounted(PeerRole role) => role != PeerRole.Observer;

    /// <summary>Why nobody more can be let in; null if someone can.</summary>
    private string? WhyFull(bool counts)
    {
        int limit = counts ? options.MaxPeers : MaxObservers;
        if (Members.Count(member => member.IsCounted == counts) < limit)
            return null;
        return counts
            ? $"{limit} peers are connected, as many as allowed. Close one, or raise {options.GetType().Name}.MaxPeers."
            : $"{limit} observers are connected, as many as allowed. Close one.";
    }

    protected sealed class Member(Link link)
    {
        public Link Link { get; } = link;

        public SharedPeer Peer { get; } = new(link);

        public Doorbell Doorbell { get; } = new(link);

        public bool IsCounted => ChannelHost.IsCounted(Link.Role);
    }
}
