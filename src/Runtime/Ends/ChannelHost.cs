using System.Collections.Immutable;
using TypedShm.Memory;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Ends;

/// <summary>The end that owns a channel's name: lets peers in, knows who is there, wakes them.</summary>
internal abstract class ChannelHost(ChannelKind kind, LayoutAdvertisement[] layouts, ChannelOptions options) : ChannelEnd, IEndpointHost
{
    // Tools do not count as peers, but they are not without number either.
    private const int MaxObservers = 16;

    private readonly Task<WaitAbilities> _abilities = WaitAbility.Of(options.Wait, options.Fence);
    private Listener? _listener;
    private int _fencesWanted;

    public EventHandler<PeerJoinedEventArgs>? PeerJoined { get; set; }

    public EventHandler<PeerLeftEventArgs>? PeerLeft { get; set; }

    public EventHandler<PeerRefusedEventArgs>? PeerRefused { get; set; }

    public IReadOnlyList<SharedPeer> Peers => [.. Members.Where(member => member.IsCounted).Select(member => member.Peer)];

    public ChannelKind Kind => kind;

    public LayoutAdvertisement[] Layouts => layouts;

    // Found out while the channel's memory is made and its name is taken.
    public WaitAbilities Abilities => _abilities.GetAwaiter().GetResult();

    /// <summary>Held while members change, and by whoever writes the words that are written for all of them.</summary>
    protected Lock Gate { get; } = new();

    /// <summary>Everyone who is connected. Replaced as a whole.</summary>
    protected ImmutableArray<Member> Members { get; private set; } = [];

    /// <summary>Stores the words that all members read, and wakes those who sleep.</summary>
    protected Publisher Publisher { get; } = new();

    /// <summary>What this end's own waits are woken by: nothing but interrupts, unless the channel adds its members' links.</summary>
    protected WaitSource Source { get; } = new();

    protected WaitMode WaitMode => options.Wait;

    /// <summary>Takes the name and begins to accept.</summary>
    public void Listen(EndpointName endpoint) => _listener = Listener.Start(endpoint, this, options.AllowedPeers, options.HandshakeTimeout);

    /// <summary>Makes the other end in this process, without name or socket; all the rest of the handshake is the real one.</summary>
    public ConnectResult Pair(ConnectRequest terms)
    {
        WaitAbilities clientAbilities = WaitAbility.Of(terms.Options.Wait, terms.Options.Fence).GetAwaiter().GetResult();
        HelloMessage hello = new(kind, terms.Role, clientAbilities, terms.Layouts);
        if (Consider(hello) is { } refusal)
            throw new PeerRefusedException(refusal.Reason, refusal.Text);

        using Admission admission = Admit(hello);
        (PairLink ours, PairLink theirs) = PairLink.Create("pair", terms.Role, Abilities, clientAbilities);
        ClientRegions regions = ClientRegions.None;
        try
        {
            RegionOffer[] offers = [.. admission.Offers, new RegionOffer(theirs.Peer.Region, IsWritable: false)];
            WelcomeMessage welcome = new(Abilities, admission.Parameters, layouts, [.. offers.Select(offer => offer.Info)]);
            using (ReceivedRegions received = new([.. offers.Select(offer => offer.Region.DescriptorForPeer(offer.IsWritable))]))
                regions = terms.Attach(received, welcome);

            RegionOffer[] attached = [.. regions.Own.Select(region => new RegionOffer(region, IsWritable: false)), new RegionOffer(ours.Peer.Region, IsWritable: false)];
            using (ReceivedRegions received = new([.. attached.Select(offer => offer.Region.DescriptorForPeer(offer.IsWritable))]))
                admission.Attach(received, [.. attached.Select(offer => offer.Info)]);

            RegionOffer[] made = admission.MakeRegions();
            ulong start = admission.Join(ours);
            ours.Start(this);
            using (ReceivedRegions received = new([.. made.Select(offer => offer.Region.DescriptorForPeer(offer.IsWritable))]))
            {
                SharedRegion[] own = terms.AttachReady(received, new ReadyMessage(start, [.. made.Select(offer => offer.Info)]), welcome);
                regions = regions with { Received = [.. regions.Received, .. own] };
            }

            foreach (RegionOffer offer in made)
                offer.Region.CloseDescriptor();
            return new ConnectResult(theirs, regions, admission.Parameters, start);
        }
        catch
        {
            ours.Dispose();
            theirs.Dispose();
            regions.Dispose();
            throw;
        }
    }

    public virtual void Received(Link link, LinkMessage message, ulong argument)
    {
        if (message == LinkMessage.Wake)
            Source.Interrupt();
    }

    public virtual bool LayoutsMayHaveGrown(PeerRole role) => false;

    public RefuseMessage? Consider(HelloMessage hello)
    {
        if (ConsiderRole(hello.Role) is { } refusal)
            return refusal;
        return WhyFull(IsCounted(hello.Role)) is { } why ? new RefuseMessage(RefusalReason.Full, why, []) : null;
    }

    public abstract Admission Admit(HelloMessage hello);

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
            Publisher.Remove(link);
            UpdateFence();
            OnLeft(member);
            if (member.IsCounted && !IsDisposed)
                Events.Raise(PeerLeft, Owner, new PeerLeftEventArgs(member.Peer, link.WasClosed));
        }
    }

    /// <summary>Whether the channel has the role; null if so.</summary>
    protected abstract RefuseMessage? ConsiderRole(PeerRole role);

    /// <summary>A member has joined; it is not told so yet. Called under the gate.</summary>
    /// <returns>The position that it starts from.</returns>
    protected virtual ulong OnJoined(Member member) => 0;

    /// <summary>A member is gone; its control words are still there. Called under the gate.</summary>
    protected virtual void OnLeft(Member member)
    {
    }

    /// <summary>Frees the name and hangs up on everyone.</summary>
    protected void Leave()
    {
        _listener?.Dispose();

        // Nobody joins any more: Join looks at the flag under the same lock.
        ImmutableArray<Member> members;
        lock (Gate)
            members = Members;
        foreach (Member member in members)
            member.Link.Dispose();
        Source.Interrupt();
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

        public bool IsCounted => ChannelHost.IsCounted(Link.Role);
    }

    /// <summary>Lets a client in. A channel whose clients bring regions of their own derives from it.</summary>
    protected class HostAdmission : Admission
    {
        private readonly ChannelHost _host;
        private readonly bool _wantsFence;

        public HostAdmission(ChannelHost host, HelloMessage hello, RegionOffer[] offers, params long[] parameters)
        {
            _host = host;
            Offers = offers;
            Parameters = parameters;

            // Before the Welcome, since the client may publish and park as soon as it is ready.
            _wantsFence = WaitAbility.NeedsFence(host.Abilities, hello.Abilities);
            if (_wantsFence)
                host.WantFence(1);
        }

        public sealed override RegionOffer[] Offers { get; }

        public sealed override long[] Parameters { get; }

        /// <summary>What becomes <see cref="Member.State"/>.</summary>
        protected virtual object? State => null;

        public sealed override ulong Join(Link link)
        {
            Member member = new(link) { State = State };
            lock (_host.Gate)
            {
                _host.ThrowIfDisposed();

                // Several may have been considered while there was room for one.
                if (_host.WhyFull(member.IsCounted) is { } why)
                    throw new PeerRefusedException(RefusalReason.Full, why);
                _host.Members = _host.Members.Add(member);
                _host.Publisher.Add(link);

                // What is published without a look at the new member has been stored after this, before it first parks.
                Interlocked.MemoryBarrierProcessWide();
                ulong start = _host.OnJoined(member);
                if (member.IsCounted)
                    _host.Events.Raise(_host.PeerJoined, _host.Owner, new PeerJoinedEventArgs(member.Peer));
                return start;
            }
        }

        public override void Dispose()
        {
            if (_wantsFence)
                _host.WantFence(-1);
        }
    }
}
