using TypedShm.Memory;

namespace TypedShm.Transport;

/// <summary>What a channel is to those who connect to it. Called on the threads of handshakes, several at once.</summary>
internal interface IEndpointHost : ILinkHandler
{
    ChannelKind Kind { get; }

    LayoutAdvertisement[] Layouts { get; }

    WaitAbilities Abilities { get; }

    /// <summary>
    /// Whether the layouts of a client of that role may have fewer or more fields at their end, see
    /// <see cref="Layout.LayoutCompatibility"/>.
    /// </summary>
    bool LayoutsMayHaveGrown(PeerRole role);

    /// <summary>
    /// The name is this channel's: nobody else writes under it any more, and nobody has come yet. What the channel begins with is settled
    /// here. If it throws, the name is given up again.
    /// </summary>
    void OnNameTaken();

    /// <summary>Looks at what a client wants; null to welcome it. Asked at its Hello and again before anything is made for it.</summary>
    RefuseMessage? Consider(HelloMessage hello);

    /// <summary>Prepares to welcome a client. Allocates nothing for it: it has not sent anything yet but its Hello.</summary>
    Admission Admit(HelloMessage hello);

    /// <summary>A client was turned away.</summary>
    void Refused(PeerIdentity peer, SharedMemoryException reason);
}

/// <summary>One client on its way into a channel, between Hello and Ready. Disposed when it is in, or will not come.</summary>
internal abstract class Admission : IDisposable
{
    /// <summary>The regions of the channel that the client gets with the Welcome; disposing them stays the host's business.</summary>
    public abstract RegionOffer[] Offers { get; }

    /// <summary>What the creator chose, for the Welcome.</summary>
    public virtual long[] Parameters => [];

    /// <summary>Where the lane stands that a producer has kept and brings along, as it states it; null unless it does.</summary>
    public LanePosition? Kept { get; set; }

    /// <summary>
    /// Maps what the client sent, after checking it. The last region is its control region, which is not this method's
    /// business.
    /// </summary>
    public virtual void Attach(ReceivedRegions received, RegionInfo[] stated) => received.Match(stated, RegionKind.Control);

    /// <summary>
    /// Makes the regions that are for this client alone, which it gets with Ready. It has attached, and everything that it sent
    /// is valid.
    /// </summary>
    public virtual RegionOffer[] MakeRegions() => [];

    /// <summary>The client has attached, and everything it sent is valid. The link is the host's from now on.</summary>
    /// <param name="link">The link to it.</param>
    /// <param name="tell">
    /// Tells the client so, with the position that it starts from, for channels that have positions. Called in the same step in which
    /// others see the client: whoever has seen it, and ends at once, has ended a connection that the client knows of, and what was written
    /// in between is the client's to read. It neither waits nor throws.
    /// </param>
    /// <exception cref="PeerRefusedException">Others have taken the last places since the client was considered.</exception>
    public abstract void Join(Link link, Action<ulong> tell);

    /// <summary>Gives up what belongs to nobody else.</summary>
    public abstract void Dispose();
}
