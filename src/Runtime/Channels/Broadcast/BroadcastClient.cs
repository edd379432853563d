using TypedShm.Ends;
using TypedShm.Memory;
using TypedShm.Rings;
using TypedShm.Transport;

namespace TypedShm.Channels;

/// <summary>A reader of a broadcast.</summary>
internal sealed class BroadcastClient<T> : ChannelClient<BroadcastClient<T>.ReaderSession>
    where T : unmanaged, ISharedLayout<T>
{
    private BroadcastClient(EndpointName? endpoint, ConnectRequest terms, ReaderSession session)
        : base(endpoint, terms, session)
    {
        Inbox = new BroadcastInbox<T>(this, Source, WaitMode, endsWithItsWriter: !Reconnects, terms.Options.ExactThreadCheck);
        Inbox.Add(session.Ring);
        Root();
    }

    public BroadcastInbox<T> Inbox { get; }

    public static async ValueTask<BroadcastClient<T>> Open<THandshakeWaiter>(EndpointName endpoint, PeerRole role, OpenOptions options, CancellationToken cancellationToken)
        where THandshakeWaiter : struct, IHandshakeWaiter
    {
        ConnectRequest terms = Terms(role, options);
        ConnectResult attachment = await Connector.Connect<THandshakeWaiter>(endpoint, terms, Deadline.After(options.Timeout), cancellationToken).ConfigureAwait(false);
        return new BroadcastClient<T>(endpoint, terms, new ReaderSession(attachment));
    }

    /// <summary>A reader of a broadcast of this process.</summary>
    public static BroadcastClient<T> Pair(BroadcastHost<T> host, PeerRole role, OpenOptions options)
    {
        ConnectRequest terms = Terms(role, options);
        return new BroadcastClient<T>(null, terms, new ReaderSession(host.Pair(terms)));
    }

    protected override ReaderSession NewSession(ConnectResult attachment) => new(attachment);

    protected override void OnReplaced(ReaderSession session) => Inbox.Add(session.Ring);

    protected override void OnEnded(ReaderSession session) => session.Ring.OnEnded();

    // Nothing to take away: what a read finds in memory that was given up is no message.
    protected override void OnRevoked()
    {
    }

    protected override void OnClosed() => Inbox.Close();

    private static ConnectRequest Terms(PeerRole role, OpenOptions options) => new(
        ChannelKind.Broadcast, role, [LayoutAdvertisement.Of<T>()], options,
        (received, welcome) =>
        {
            received.Match(welcome.Regions, RegionKind.Broadcast, RegionKind.Control);
            RingShape shape = RingShape.FromParameters(welcome.Parameters);
            shape.Messages.CheckAllowed(options);
            return new ClientRegions([Ring.Attach<T>(received.Take(0), welcome.Regions[0].Size, shape)], []);
        });

    internal sealed class ReaderSession : Session
    {
        public ReaderSession(ConnectResult attachment)
            : base(attachment.Link)
        {
            SharedRegion region = attachment.Regions.Received[0];
            region.CloseDescriptor();
            Ring = new RingReader<T>(Rings.Ring.From(region, RingShape.FromParameters(attachment.Parameters)), attachment.Link, attachment.Start);
        }

        public RingReader<T> Ring { get; }

        // The ring stays until it has been read to its end: the inbox gives it up.
        public override void DisposeMemory()
        {
        }
    }
}
