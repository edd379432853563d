using TypedShm.Interop;
using TypedShm.Memory;
using TypedShm.Transport;

namespace TypedShm.Ends;

/// <content>How a client comes in: over a socket, or, for pairs, without one.</content>
internal abstract partial class ChannelHost
{
    /// <summary>Makes the other end in this process, without name or socket; all the rest of the handshake is the real one.</summary>
    public ConnectResult Pair(ConnectRequest request)
    {
        WaitAbilities clientAbilities = WaitAbility.Of(request.Options.Wait, request.Options.Fence).GetAwaiter().GetResult();
        HelloMessage hello = new(Kind, request.Role, clientAbilities, request.Layouts) { Producer = request.Producer?.Name };
        if (Consider(hello) is { } refusal)
            throw new PeerRefusedException(refusal.Reason, refusal.Text);

        using Admission admission = Admit(hello);
        (PairLink ours, PairLink theirs) = PairLink.Create("pair", request.Role, Abilities, clientAbilities);
        ClientRegions? regions = null;
        try
        {
            RegionOffer[] offers = [.. admission.Offers, new RegionOffer(theirs.Peer.Region, IsWritable: false)];
            using (ReceivedRegions received = Send(offers))
                regions = request.Attach(received, new WelcomeMessage(Abilities, admission.Parameters, Layouts, InfoOf(offers)));

            RegionOffer[] attached = [.. regions.Own.Select(region => new RegionOffer(region, IsWritable: false)),
                new RegionOffer(ours.Peer.Region, IsWritable: false)];
            admission.Kept = regions.Kept?.Position;
            using (ReceivedRegions received = Send(attached))
                admission.Attach(received, InfoOf(attached));

            RegionOffer[] made = admission.MakeRegions();
            using (ReceivedRegions received = Send(made))
                request.AttachReady(received, new ReadyMessage(0, InfoOf(made)), regions.Memory);
            foreach (SharedRegion region in (SharedRegion[])[.. regions.Own, .. made.Select(offer => offer.Region)])
                region.CloseDescriptor();

            // Nothing comes between them that may fail: a member whose link is not started would never leave.
            ulong start = 0;
            admission.Join(ours, position => start = position);
            ours.Start(this);
            return new ConnectResult(theirs, regions, start);
        }
        catch
        {
            ours.Dispose();
            theirs.Dispose();
            regions?.Dispose();
            throw;
        }
    }

    private static ReceivedRegions Send(RegionOffer[] offers) =>
        new([.. offers.Select(offer => offer.Region.DescriptorForPeer(offer.IsWritable))]);

    private static RegionInfo[] InfoOf(RegionOffer[] offers) => [.. offers.Select(offer => offer.Info)];

    /// <summary>
    /// Lets a client in. A channel whose clients bring regions of their own derives from it, and frees in Dispose what has not joined.
    /// </summary>
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

        /// <summary>Whether the client has become a member, and everything that it brought the member's.</summary>
        protected bool HasJoined { get; private set; }

        /// <summary>The client is about to join; no lock of the host is held.</summary>
        protected virtual void OnJoining(Link link)
        {
        }

        /// <summary>What becomes <see cref="Member.State"/>.</summary>
        protected virtual object? State => null;

        public sealed override void Join(Link link, Action<ulong> tell)
        {
            OnJoining(link);
            _host.Join(link, State, tell);
            HasJoined = true;
        }

        public override void Dispose()
        {
            if (_wantsFence)
                _host.WantFence(-1);
        }
    }
}
