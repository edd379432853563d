using TypedShm.Ends;
using TypedShm.Memory;
using TypedShm.Rings;
using TypedShm.Transport;

namespace TypedShm.Channels;

/// <summary>A reader of a broadcast.</summary>
internal sealed class BroadcastClient<T> : ChannelClient<Ring>
    where T : unmanaged, ISharedLayout<T>
{
    private RingReader<T>? _last;

    public BroadcastClient(Opened opened)
        : base(opened)
    {
        Inbox = new BroadcastInbox<T>(this, Source, WaitMode, endsWithItsWriter: !Reconnects, opened.Request.Options.ExactThreadCheck);
        SwitchTo(Current);
        Root();
    }

    public BroadcastInbox<T> Inbox { get; }

    public static ConnectRequest Request(EndpointName endpoint, OpenOptions options) => Request(PeerRole.Reader, endpoint, options);

    /// <summary>A reader, or an observer, of a broadcast of this process.</summary>
    public static BroadcastClient<T> Pair(BroadcastHost<T> host, PeerRole role, OpenOptions options) =>
        Opening.Join(host, options, (endpoint, chosen) => Request(role, endpoint, chosen), static opened => new BroadcastClient<T>(opened));

    protected override void SwitchTo(Session<Ring> session)
    {
        _last = new RingReader<T>(session.Memory, session.Link, session.Start);
        Inbox.Add(_last, isPlaceholder: session.IsPlaceholder);
    }

    protected override void OnEnded(Session<Ring> session) => _last!.OnEnded();

    // A ring stays until it has been read to its end: the inbox gives it up. Nothing was ever in a placeholder.
    protected override void Release(Session<Ring> session)
    {
        if (session.IsPlaceholder)
            session.Memory.Dispose();
    }

    protected override void OnClosed() => Inbox.Close();

    private static ConnectRequest Request(PeerRole role, EndpointName endpoint, OpenOptions options) => new(
        ChannelKind.Broadcast, role, [LayoutAdvertisement.Of<T>()], options,
        (received, welcome) =>
        {
            received.Match(welcome.Regions, RegionKind.Broadcast, RegionKind.Control);
            RingShape shape = RingShape.FromParameters(welcome.Parameters);
            shape.Messages.CheckAllowed(options);
            SharedRegion region = Ring.Attach(received.Take(0), welcome.Regions[0].Size, shape, welcome.Layouts[0].Descriptor);
            region.CloseDescriptor();
            return new ClientRegions(Ring.From(region, shape));
        })
    {
        MakePlaceholder = () => Ring.Create<T>(endpoint.ShortName, new RingShape(MessageShape.Smallest, IsLossless: false)),
    };
}
