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
    private readonly Producer? _producer;
    private readonly OpenOptions _options;

    // The lane of the session in use, and that of the one before, whose memory is given up after the switch.
    private LaneWriter<T>? _current;
    private LaneWriter<T>? _last;

    public QueueWriterClient(Opened opened)
        : base(opened)
    {
        _options = opened.Request.Options;
        _isExact = _options.ExactThreadCheck;
        _producer = opened.Request.Producer;

        // What the writer says last is said to this reader. A successor of it reads a queue that begins anew: a completion from before
        // could end it while other writers are still on their way.
        Outbox = new ReconnectingLane<T>(Source, WaitMode, Finish);
        SwitchTo(Current);
        Root();
    }

    public ReconnectingLane<T> Outbox { get; }

    public static ConnectRequest Request(EndpointName endpoint, OpenOptions options)
    {
        Producer? producer = options.Producer is { } name ? new Producer(name) : null;
        return new(ChannelKind.Queue, PeerRole.Writer, [LayoutAdvertisement.Of<T>()], options,
            (received, welcome) =>
            {
                received.Match(welcome.Regions, RegionKind.Control);
                MessageShape shape = MessageShape.FromParameters(welcome.Parameters);
                if (producer?.Kept is LaneWriter<T> kept)
                    return KeptRegions(kept, shape);
                shape.CheckAllowed(options);
                shape.CheckMemory<T>(options);
                Lane lane = Lane.Create<T>(endpoint.ShortName, shape, options.Memory);
                return new ClientRegions(lane, lane.Region) { KeepsDescriptors = Keeps(options) };
            })
        {
            Producer = producer,
            AttachReady = (received, ready, _) =>
            {
                received.Match(ready.Regions);
                if (producer?.Kept is LaneWriter<T> kept)
                    kept.CheckStart(ready.Start);
                else if (ready.Start > LanePosition.Most)
                    throw new ProtocolException($"The reader wants to begin with message {ready.Start}, which no writer comes to.");
            },
            MakePlaceholder = () => Lane.Create<T>(endpoint.ShortName, MessageShape.Smallest),
        };
    }

    /// <summary>Another writer to the same reader.</summary>
    /// <exception cref="InvalidOperationException">This one is a producer, whose name stands for one lane.</exception>
    public async ValueTask<QueueWriterClient<T>> OpenAnother(bool onThisThread, CancellationToken cancellationToken)
    {
        if (_producer is { } producer)
            throw new InvalidOperationException($"This writer is the producer '{producer.Name}', which has one lane. Open another writer "
                + "(SharedQueue.OpenWriter) as a producer of its own.");
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
        if (_current is { } kept && kept.Lane == session.Memory)
        {
            kept.Resume(session.Link, session.Start);
            return;
        }

        LaneWriter<T> lane = _producer is null || session.IsPlaceholder
            ? new(session.Memory, Publisher.To(session.Link), _isExact)
            : BeginLane(_producer, session);
        if (session.IsPlaceholder)
            lane.Suspend();
        else if (_producer is null)
            lane.Connect(session.Link);
        (_last, _current) = (_current, lane);
        Outbox.Use(lane);
    }

    // Counted: a claim that is open is finished first. A lane that was kept is that of the next session, or of the last one.
    protected override void Release(Session<Lane> session)
    {
        if (session == Current || session.Memory != Current.Memory)
            (_current!.Lane == session.Memory ? _current : _last!).DisposeMemory();
    }

    // Of a lane whose reader has broken the protocol nobody knows how much was read.
    protected override void OnEnded(Session<Lane> session)
    {
        if (_producer is not null && _current!.Fault is not null)
        {
            _producer.Kept = null;
            _current.KeepNoLonger();
        }

        Outbox.ReaderLeft(_current!, session.Link, Reconnects);
    }

    // Whoever has read it all, and closed the queue, has seen that this was all. Otherwise the end, too, is kept for the next reader.
    protected override bool IsDone(Session<Lane> session) =>
        _current!.IsKept && _current.IsClosed && session.Link.WasClosed && _current.Head == _current.Written;

    protected override bool FinishIsKept => _current!.IsKept;

    private static bool Keeps(OpenOptions options) => options.Producer is not null && options.Reconnect;

    private static ClientRegions KeptRegions(LaneWriter<T> kept, MessageShape shape) => shape == kept.Lane.Shape
        ? new ClientRegions(kept.Lane, kept.Lane.Region) { Kept = kept, KeepsDescriptors = true }
        : throw new PeerRefusedException(RefusalReason.NotAllowed, $"The queue was created anew as {shape}, but the lane that this "
            + $"producer has kept for its reader, with {kept.Unread} unread messages, is {kept.Lane.Shape}. Create the queue with the "
            + "options that it had before, or restart this producer, which gives up what was not read.");

    private LaneWriter<T> BeginLane(Producer producer, Session<Lane> session)
    {
        OpenOptions options = _options;
        LaneWriter<T> lane = LaneWriter<T>.OfProducer(session.Memory, session.Start, Keeps(options), _isExact);

        // The next reader may be of another user than this one.
        if (options.AllowedOwner != PeerPolicy.SameUser)
            lane.ScrubPayloads();
        lane.Resume(session.Link, session.Start);
        producer.Kept = Keeps(options) ? lane : null;
        return lane;
    }

    protected override void OnRevoked() => Outbox.Lane.Close(DisposedException());
}
