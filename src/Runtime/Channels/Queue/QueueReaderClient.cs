using TypedShm.Ends;
using TypedShm.Memory;
using TypedShm.Rings;
using TypedShm.Transport;

namespace TypedShm.Channels;

/// <summary>The reader of a queue whose name the writer owns.</summary>
internal sealed class QueueReaderClient<T> : ChannelClient<QueueReaderClient<T>.ReaderSession>
    where T : unmanaged, ISharedLayout<T>
{
    private QueueReaderClient(EndpointName? endpoint, ConnectRequest terms, ReaderSession session)
        : base(endpoint, terms, session)
    {
        Inbox = new LaneMerger<T>(this, Source, WaitMode, Reconnects ? InboxEnd.WhenCompleted : InboxEnd.WithItsWriter, terms.Options.ExactThreadCheck);
        Inbox.Add(session.Lane);
        Root();
    }

    public LaneMerger<T> Inbox { get; }

    public static async ValueTask<QueueReaderClient<T>> Open<THandshakeWaiter>(EndpointName endpoint, OpenOptions options, CancellationToken cancellationToken)
        where THandshakeWaiter : struct, IHandshakeWaiter
    {
        ConnectRequest terms = Terms(options);
        ConnectResult attachment = await Connector.Connect<THandshakeWaiter>(endpoint, terms, Deadline.After(options.Timeout), cancellationToken).ConfigureAwait(false);
        return new QueueReaderClient<T>(endpoint, terms, new ReaderSession(attachment));
    }

    /// <summary>The reader of a writer of this process.</summary>
    public static QueueReaderClient<T> Pair(QueueWriterHost<T> host, ChannelOptions options)
    {
        ConnectRequest terms = Terms(options.ToOpenOptions());
        return new QueueReaderClient<T>(null, terms, new ReaderSession(host.Pair(terms)));
    }

    protected override ReaderSession NewSession(ConnectResult attachment) => new(attachment);

    protected override void OnReplaced(ReaderSession session) => Inbox.Add(session.Lane);

    protected override void OnRevoked() => Inbox.Stop();

    protected override void OnClosed() => Inbox.Close();

    private static ConnectRequest Terms(OpenOptions options) => new(
        ChannelKind.Queue, PeerRole.Reader, [LayoutAdvertisement.Of<T>()], options,
        (received, welcome) =>
        {
            received.Match(welcome.Regions, RegionKind.QueueLane, RegionKind.Control);
            MessageShape shape = MessageShape.FromParameters(welcome.Parameters);
            shape.CheckAllowed(options);
            return new ClientRegions([Lane.Attach<T>(received.Take(0), welcome.Regions[0].Size, shape).Region], []);
        });

    internal sealed class ReaderSession : Session
    {
        public ReaderSession(ConnectResult attachment)
            : base(attachment.Link)
        {
            SharedRegion region = attachment.Regions.Received[0];
            region.CloseDescriptor();
            Lane = new LaneReader<T>(Rings.Lane.From(region, MessageShape.FromParameters(attachment.Parameters)), attachment.Link, attachment.Start);
        }

        public LaneReader<T> Lane { get; }

        // The lane stays until it has been read to its end: the inbox gives it up.
        public override void DisposeMemory()
        {
        }
    }
}
