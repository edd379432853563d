using System.Collections.Immutable;
using TypedShm.Interop;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Ends;

/// <summary>The end that owns a channel's name: lets peers in, knows who is there, wakes them.</summary>
/// <remarks>
/// <para>
/// A peer becomes a <see cref="Member"/> in <see cref="Join"/>, all at once under the gate: everything that may refuse it is asked before
/// anything is changed, and if something fails in between it is taken out again as if it had left. It is told so before the gate is left,
/// so that nobody sees a peer that does not know that it is one. Afterwards its link is started. The start and the end of a link settle by
/// one compare-and-swap who is told (see <see cref="Link.Start"/>), so <see cref="Ended"/> comes exactly once for every member, even if its
/// process was gone before it joined.
/// </para>
/// <para>
/// Locks, outermost first: <see cref="Gate"/>, those of what the channel keeps for its members (merger, ring), Publisher, WaitSource,
/// Parking; and below all of them ChannelEvent, EventQueue. Links are disposed outside of all of them, since their end comes back to take
/// the gate: collect under the lock, dispose after it.
/// </para>
/// </remarks>
internal abstract partial class ChannelHost : ChannelEnd, IEndpointHost
{
    // Tools do not count as peers, but they are not without number either.
    private const int MaxObservers = 16;

    private readonly ChannelOptions _options;
    private readonly Task<WaitAbilities> _abilities;
    private Listener? _listener;
    private int _fencesWanted;

    protected ChannelHost(EndpointName endpoint, ChannelKind kind, LayoutAdvertisement[] layouts, ChannelOptions options)
        : base(endpoint.Name)
    {
        Kind = kind;
        Layouts = layouts;
        _options = options;

        // Found out while the channel's memory is made and its name is taken.
        _abilities = WaitAbility.Of(options.Wait, options.Fence);
    }

    public sealed override event EventHandler<PeerJoinedEventArgs>? PeerJoined
    {
        add
        {
            // Whoever joins or leaves meanwhile does so before or after.
            lock (Gate)
                Joined.Add(value, Members.Where(member => member.IsCounted).Select(member => new PeerJoinedEventArgs(member.Peer)));
        }
        remove => Joined.Remove(value);
    }

    public ChannelKind Kind { get; }

    public LayoutAdvertisement[] Layouts { get; }

    public WaitAbilities Abilities => _abilities.GetAwaiter().GetResult();

    /// <summary>The creator itself is always connected, until it is disposed.</summary>
    public sealed override ConnectionState State => IsDisposed ? ConnectionState.Disposed : ConnectionState.Connected;

    /// <summary>Who is connected. What follows from it, that one who is gone reads no more, is done by then.</summary>
    public sealed override IReadOnlyList<SharedPeer> Peers
    {
        get
        {
            lock (Gate)
                return IsDisposed ? [] : [.. Members.Where(member => member.IsCounted).Select(member => member.Peer)];
        }
    }

    public WaitMode WaitMode => _options.Wait;

    /// <summary>What this end's own waits are woken by: interrupts, and the members that <see cref="WaitsFor"/> names.</summary>
    public WaitSource Source { get; } = new();

    /// <summary>Held while members change, and by whoever writes the words that are written for all of them.</summary>
    protected Lock Gate { get; } = new();

    /// <summary>Everyone who is connected. Replaced as a whole.</summary>
    protected ImmutableArray<Member> Members { get; private set; } = [];

    /// <summary>Stores the words that all members read, and wakes those who sleep.</summary>
    protected Publisher Publisher { get; } = new();

    /// <summary>Takes the name and begins to accept.</summary>
    public void Listen(EndpointName endpoint) =>
        _listener = Listener.Start(endpoint, this, _options.AllowedPeers, _options.HandshakeTimeout, _options.MaxConnectsPerUser);

    public virtual void Received(Link link, LinkMessage message, ulong argument)
    {
        if (message == LinkMessage.Wake)
            Source.Interrupt();
        else if (message == LinkMessage.Count)
            TellCounts(link);
    }

    public virtual void OnNameTaken()
    {
    }

    // Each side reads with its own layout what the other has written with its own, see Rings.
    public virtual bool LayoutsMayHaveGrown(PeerRole role) => true;

    public RefuseMessage? Consider(HelloMessage hello) => WhyNot(hello.Role);

    public abstract Admission Admit(HelloMessage hello);

    public void Refused(PeerIdentity peer, SharedMemoryException reason) => Refusals.Raise(new PeerRefusedEventArgs(peer, reason));

    public void Ended(Link link)
    {
        Member? member;
        lock (Gate)
        {
            member = Members.FirstOrDefault(member => member.Link == link);
            if (member is null)
                return;
            Remove(member);
            if (member.IsCounted && !IsDisposed)
            {
                Joined.Keep(new PeerJoinedEventArgs(member.Peer));
                Left.Raise(new PeerLeftEventArgs(member.Peer, link.WasClosed));
            }
        }

        // Nobody sleeps any more on the bell of a peer that is gone.
        if (WaitsFor(member))
            Source.Change(removed: member.Parking, added: null);
        AfterLeft(member);
    }

    /// <summary>
    /// Whether the channel has the role, and a place for another peer that has it; null if so. Asked when a client says Hello, and again
    /// under the gate when it joins.
    /// </summary>
    protected abstract RefuseMessage? ConsiderRole(PeerRole role);

    /// <summary>Whether this end's own waits are woken by what the member does.</summary>
    protected virtual bool WaitsFor(Member member) => false;

    /// <summary>
    /// Those who have left, but hold memory of this process because what they sent has not been read yet: they count as peers.
    /// </summary>
    protected virtual IEnumerable<Link> UnreadDeparted => [];

    /// <summary>A member has joined; it is not told so yet. Called under the gate. If it throws, the member leaves again.</summary>
    /// <returns>The position that it starts from.</returns>
    protected virtual ulong OnJoined(Member member) => 0;

    /// <summary>A member is gone; its control words are still there. Called under the gate, exactly once.</summary>
    protected virtual void OnLeft(Member member)
    {
    }

    /// <summary>A member is gone: what is to be done outside the gate.</summary>
    protected virtual void AfterLeft(Member member)
    {
    }

    /// <summary>Makes every later access throw. The first thing that happens when this end is disposed.</summary>
    protected abstract void OnRevoked();

    /// <summary>Gives the channel's memory up, when everybody has left. The last thing that happens.</summary>
    protected abstract void DisposeMemory();

    /// <summary>
    /// How many messages were written and read, for observers; none for channels without messages. Any thread, outside the gate.
    /// </summary>
    protected virtual (ulong Written, ulong Read) CountMessages() => default;

    protected sealed override void Close()
    {
        OnRevoked();
        CrashPoint.Reach(CrashStep.EndRevoked);
        try
        {
            _listener?.Dispose();
        }
        finally
        {
            // Nobody joins any more: Join looks at the flag under the same lock.
            ImmutableArray<Member> members;
            lock (Gate)
                members = Members;
            foreach (Member member in members)
                member.Link.Dispose();
            Source.Interrupt();
            States.Raise(new ConnectionStateChangedEventArgs(ConnectionState.Disposed, null));
            DisposeMemory();
        }
    }

    // What does not fit into the observer's socket is not sent: it asks again.
    private void TellCounts(Link link)
    {
        if (IsCountedRole(link.Role) || IsDisposed)
            return;
        (ulong written, ulong read) = CountMessages();
        link.Send(LinkMessage.Written, written);
        link.Send(LinkMessage.Read, read);
        link.Send(LinkMessage.Peers, (ulong)Peers.Count);
    }

    private static bool IsCountedRole(PeerRole role) => role != PeerRole.Observer;

    /// <summary>Why a client of the role cannot be let in; null if it can.</summary>
    private RefuseMessage? WhyNot(PeerRole role)
    {
        if (ConsiderRole(role) is { } refusal)
            return refusal;
        bool counts = IsCountedRole(role);
        int present = Members.Count(member => member.IsCounted == counts);
        int limit = counts ? _options.MaxPeers : MaxObservers;
        int departed = counts ? UnreadDeparted.Count() : 0;
        return present + departed < limit ? null
            : Full(counts ? "peers" : "observers", limit, departed, counts ? nameof(ChannelOptions.MaxPeers) : null);
    }

    /// <summary>Why a client of its user cannot be let in; null if it can. Known when it joins, under the gate.</summary>
    private RefuseMessage? WhyNot(Link link)
    {
        uint user = link.Identity.UserId;
        if (_options.MaxPeersPerUser is not { } limit || !IsCountedRole(link.Role))
            return null;
        int present = Members.Count(member => member.IsCounted && member.Link.Identity.UserId == user);
        int departed = UnreadDeparted.Count(left => left.Identity.UserId == user);
        return present + departed < limit ? null
            : Full($"peers of user {user}", limit, departed, nameof(ChannelOptions.MaxPeersPerUser));
    }

    private RefuseMessage Full(string who, int limit, int departed, string? option)
    {
        string left = departed == 0 ? "" : $", counting {departed} that left messages behind which were not read yet";
        string remedy = option is null
            ? "Close one."
            : $"Close one, {(departed == 0 ? "" : "read what is there, ")}or raise {_options.GetType().Name}.{option}.";
        return new RefuseMessage(RefusalReason.Full, $"{limit} {who} are connected{left}, as many as allowed. {remedy}", []);
    }

    private void Join(Link link, object? state, Action<ulong> tell)
    {
        Member member = new(link) { State = state };
        lock (Gate)
        {
            ThrowIfDisposed();

            // Several may have been considered while there was room for one.
            if ((WhyNot(link.Role) ?? WhyNot(link)) is { } refusal)
                throw new PeerRefusedException(refusal.Reason, refusal.Text);
            ulong start;
            try
            {
                Members = Members.Add(member);
                Publisher.Add(link);

                // What is published without a look at the new member has been stored after this, before it first parks.
                Interlocked.MemoryBarrierProcessWide();
                start = OnJoined(member);
            }
            catch
            {
                Remove(member);
                throw;
            }

            tell(start);
            if (member.IsCounted)
                Joined.Tell(new PeerJoinedEventArgs(member.Peer));
        }

        if (WaitsFor(member))
            Source.Change(removed: null, added: member.Parking);
    }

    private void Remove(Member member)
    {
        Members = Members.Remove(member);
        Publisher.Remove(member.Link);
        UpdateFence();
        OnLeft(member);
    }

    private void WantFence(int change)
    {
        lock (Gate)
        {
            _fencesWanted += change;
            UpdateFence();
        }
    }

    private void UpdateFence()
    {
        bool needed = _fencesWanted > 0 || Members.Any(member => member.Link.PublishesFenced);
        if (needed == Publisher.IsFenced)
            return;

        // A publication that is under way may have loaded the old flag. After the barrier its data is stored, and whoever
        // is welcomed after that sees it. The way back needs no barrier: nobody is left who relies on the fence.
        // step: switch.fence
        Publisher.IsFenced = needed;
        CrashPoint.Reach(CrashStep.FenceWanted);

        // step: switch.barrier
        if (needed)
            Interlocked.MemoryBarrierProcessWide();
    }

    /// <summary>One peer that is connected.</summary>
    protected sealed class Member(Link link)
    {
        public Link Link { get; } = link;

        public SharedPeer Peer { get; } = new(link);

        public Parking Parking { get; } = new(link);

        /// <summary>What the channel itself keeps for the member.</summary>
        public object? State { get; init; }

        public bool IsCounted => IsCountedRole(Link.Role);
    }
}
