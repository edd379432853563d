using TypedShm.Ends;
using TypedShm.Rings;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Channels;

/// <summary>A writer of a queue whose name the reader owns. It brings its lane along.</summary>
internal sealed class QueueWriterClient<T> : ChannelClient<QueueWriterClient<T>.WriterSession>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly Func<CancellationToken, QueueWriterClient<T>> _another;
    private readonly CancellationTokenSource _disposing = new();

    private QueueWriterClient(EndpointName? endpoint, ConnectRequest terms, WriterSession session, Func<CancellationToken, QueueWriterClient<T>> another)
        : base(endpoint, terms, session)
    {
        _another = another;
        Outbox = new ReconnectingLane<T>(this, Source, WaitMode);
        Outbox.Use(session.Lane);
        Root();
    }

    public ReconnectingLane<T> Outbox { get; }

    public static async ValueTask<QueueWriterClient<T>> Open<THandshakeWaiter>(EndpointName endpoint, OpenOptions options, CancellationToken cancellationToken)
        where THandshakeWaiter : struct, IHandshakeWaiter
    {
        ConnectRequest terms = Terms(endpoint.ShortName, options);
        ConnectResult attachment = await Connector.Connect<THandshakeWaiter>(endpoint, terms, Deadline.After(options.Timeout), cancellationToken).ConfigureAwait(false);
        return new QueueWriterClient<T>(endpoint, terms, new WriterSession(attachment, options.ExactThreadCheck),
            token => Open<BlockingWaiter>(endpoint, options, token).AsTask().GetAwaiter().GetResult());
    }

    /// <summary>A writer to a reader of this process.</summary>
    public static QueueWriterClient<T> Pair(QueueReaderHost<T> host, ChannelOptions options)
    {
        ConnectRequest terms = Terms("pair", options.ToOpenOptions());
        return new QueueWriterClient<T>(null, terms, new WriterSession(host.Pair(terms), options.ExactThreadCheck), _ => Pair(host, options));
    }

    /// <summary>Another writer to the same reader. It is given up if this one is disposed meanwhile.</summary>
    public QueueWriterClient<T> OpenAnother(CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposing.Token);
        try
        {
            return _another(either.Token);
        }
        catch (OperationCanceledException)
        {
            ThrowIfDisposed();
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
    }

    /// <inheritdoc cref="LaneWriter{T}.TryComplete"/>
    /// <remarks>
    /// It was said to this reader. A successor of it reads a queue that begins anew: a completion from before could end it while other writers
    /// are still on their way.
    /// </remarks>
    public bool TryComplete(Exception? error) => Finish(() => Outbox.Lane.TryComplete(error));

    protected override WriterSession NewSession(ConnectResult attachment) => new(attachment, ConnectRequest.Options.ExactThreadCheck);

    protected override void OnReplaced(WriterSession session) => Outbox.Use(session.Lane);

    protected override void OnEnded(WriterSession session) =>
        Outbox.ReaderLeft(session.Lane, session.Link, Reconnects);

    protected override void OnRevoked() => Outbox.Lane.Close(new ObjectDisposedException(Owner.GetType().FullName));

    protected override void OnClosed() => _disposing.Cancel();

    private static ConnectRequest Terms(string name, OpenOptions options) => new(
        ChannelKind.Queue, PeerRole.Writer, [LayoutAdvertisement.Of<T>()], options,
        (received, welcome) =>
        {
            received.Match(welcome.Regions, Memory.RegionKind.Control);
            MessageShape shape = MessageShape.FromParameters(welcome.Parameters);
            shape.CheckAllowed(options);
            shape.CheckMemory<T>(options);
            return new ClientRegions([], [Lane.Create<T>(name, shape).Region]);
        });

    internal sealed class WriterSession : Session
    {
        public WriterSession(ConnectResult attachment, bool isExact)
            : base(attachment.Link)
        {
            SharedRegion region = attachment.Regions.Own[0];
            region.CloseDescriptor();
            Lane = new LaneWriter<T>(Rings.Lane.From(region, MessageShape.FromParameters(attachment.Parameters)), Publisher.To(attachment.Link), isExact);
            Lane.Connect(attachment.Link);
        }

        public LaneWriter<T> Lane { get; }

        public override void DisposeMemory() => Lane.DisposeMemory();
    }
}
