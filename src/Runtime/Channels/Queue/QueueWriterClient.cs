using TypedShm.Ends;
using TypedShm.Memory;
using TypedShm.Rings;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Channels;

/// <summary>A writer of a queue whose name the reader owns. It brings its lane along.</summary>
internal sealed class QueueWriterClient<T> : ChannelClient<Lane>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly bool _isExact;

    // The lane of the session in use, and that of the one before, whose memory is given up after the switch.
    private LaneWriter<T>? _current;
    private LaneWriter<T>? _last;

    public QueueWriterClient(Opened opened)
        : base(opened)
    {
        _isExact = opened.Request.Options.ExactThreadCheck;

        // What the writer says last is said to this reader. A successor of it reads a queue that begins anew: a completion from before
        // could end it while other writers are still on their way.
        Outbox = new ReconnectingLane<T>(Source, WaitMode, Finish);
        SwitchTo(Current);
        Root();
    }

    public ReconnectingLane<T> Outbox { get; }

    public static ConnectRequest Request(EndpointName endpoint, OpenOptions options) => new(
        ChannelKind.Queue, PeerRole.Writer, [LayoutAdvertisement.Of<T>()], options,
        (received, welcome) =>
        {
            received.Match(welcome.Regions, RegionKind.Control);
            MessageShape shape = MessageShape.FromParameters(welcome.Parameters);
            shape.CheckAllowed(options);
            shape.CheckMemory<T>(options);
            Lane lane = Lane.Create<T>(endpoint.ShortName, shape, options.Memory);
            return new ClientRegions(lane, lane.Region);
        })
    {
        MakePlaceholder = () => Lane.Create<T>(endpoint.ShortName, MessageShape.Smallest),
    };

    /// <summary>Another writer to the same reader.</summary>
    public async ValueTask<QueueWriterClient<T>> OpenAnother(bool onThisThread, CancellationToken cancellationToken)
    {
        Opened another = await ConnectAnother(onThisThread, cancellationToken).ConfigureAwait(false);
        try
        {
            return new QueueWriterClient<T>(another);
        }
        catch
        {
            another.Dispose();
            throw;
        }
    }

    protected override void SwitchTo(Session<Lane> session)
    {
        LaneWriter<T> lane = new(session.Memory, Publisher.To(session.Link), _isExact);
        if (session.IsPlaceholder)
            lane.Suspend();
        else
            lane.Connect(session.Link);
        (_last, _current) = (_current, lane);
        Outbox.Use(lane);
    }

    // Counted: a claim that is open is finished first.
    protected override void Release(Session<Lane> session) => (_current!.Lane == session.Memory ? _current : _last!).DisposeMemory();

    protected override void OnEnded(Session<Lane> session) => Outbox.ReaderLeft(_current!, session.Link, Reconnects);

    protected override void OnRevoked() => Outbox.Lane.Close(DisposedException());
}
