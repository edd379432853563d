using TypedShm.Ends;
using TypedShm.Memory;
using TypedShm.Rings;
using TypedShm.Transport;

namespace TypedShm.Channels;

/// <summary>The reader of a queue whose name the writer owns.</summary>
internal sealed class QueueReaderClient<T> : ChannelClient<Lane>
    where T : unmanaged, ISharedLayout<T>
{
    public QueueReaderClient(Opened opened)
        : base(opened)
    {
        Inbox = new LaneMerger<T>(this, Source, WaitMode, Reconnects ? InboxEnd.WhenCompleted : InboxEnd.WithItsWriter,
            opened.Request.Options.ExactThreadCheck);
        SwitchTo(Current);
        Root();
    }

    public LaneMerger<T> Inbox { get; }

    public static ConnectRequest Request(EndpointName endpoint, OpenOptions options) => new(
        ChannelKind.Queue, PeerRole.Reader, [LayoutAdvertisement.Of<T>()], options,
        (received, welcome) =>
        {
            received.Match(welcome.Regions, RegionKind.QueueLane, RegionKind.Control);
            MessageShape shape = MessageShape.FromParameters(welcome.Parameters);
            shape.CheckAllowed(options);
            Lane lane = Lane.Attach(received.Take(0), welcome.Regions[0].Size, shape, welcome.Layouts[0].Descriptor);
            lane.Region.CloseDescriptor();
            return new ClientRegions(lane);
        })
    {
        MakePlaceholder = () => Lane.Create<T>(endpoint.ShortName, MessageShape.Smallest),
    };

    protected override void SwitchTo(Session<Lane> session)
    {
        if (!session.IsPlaceholder)
            Inbox.Add(new LaneReader<T>(session.Memory, session.Link, session.Start));
    }

    // An empty lane goes at once. A reader that always finds something in a lane after it would never come to look.
    protected override void OnEnded(Session<Lane> session)
    {
        if (!IsDisposed)
            Inbox.RemoveCompletedLanes();
    }

    protected override void OnRevoked() => Inbox.Stop();

    // A lane stays until it has been read to its end: the inbox, which has it, gives it up.
    protected override void Release(Session<Lane> session)
    {
        if (session.IsPlaceholder)
            session.Memory.Dispose();
    }

    protected override void OnClosed() => Inbox.Close();
}
