using TypedShm.Ends;
using TypedShm.Memory;
using TypedShm.Rings;
using TypedShm.Transport;

namespace TypedShm.Channels;

/// <summary>The reader of a queue who owns its name: any number of writers, each of which brings a lane of its own.</summary>
internal sealed class QueueReaderHost<T> : ChannelHost
    where T : unmanaged, ISharedLayout<T>
{
    private readonly Producers<T> _producers;

    public QueueReaderHost(EndpointName endpoint, SharedQueueOptions options)
        : base(endpoint, ChannelKind.Queue, [LayoutAdvertisement.Of<T>()], options)
    {
        Shape = options.Shape;
        _ = Shape.Slots<T>();
        Inbox = new LaneMerger<T>(this, Source, options.Wait, InboxEnd.WhenCompleted,
            options.ExactThreadCheck)
        { Writers = options.Writers, LaneFaulted = Refused };
        _producers = new Producers<T>(Inbox);
        Root();
    }

    public MessageShape Shape { get; }

    public LaneMerger<T> Inbox { get; }

    public override Admission Admit(HelloMessage hello) => hello.Role == PeerRole.Writer
        ? new LaneAdmission(this, hello)
        : new HostAdmission(this, hello, [], Shape.ToParameters());

    protected override RefuseMessage? ConsiderRole(PeerRole role) => role switch
    {
        PeerRole.Observer => null,
        PeerRole.Writer when !Inbox.IsCompleted => null,
        PeerRole.Writer => new RefuseMessage(RefusalReason.Full, "The queue was completed by its writers.", []),
        _ => new RefuseMessage(RefusalReason.RoleNotAvailable,
            "The queue was created by its reader, so it can only be opened for writing. A queue has one reader.", []),
    };

    protected override ulong OnJoined(Member member)
    {
        if (member.State is not Brought brought)
            return 0;
        if (brought.Producer is { } name)
            return _producers.Join(member.Link, name, brought.Lane, brought.Kept);
        Inbox.Add(new LaneReader<T>(brought.Lane, member.Link, 0));
        return 0;
    }

    protected override bool WaitsFor(Member member) => member.IsCounted;

    // A lane stays until it has been read to its end, and its writer counts that long. An empty one goes at once.
    protected override IEnumerable<Link> UnreadDeparted => Inbox.DepartedWriters;

    protected override (ulong Written, ulong Read) CountMessages() => Inbox.CountMessages();

    protected override void AfterLeft(Member member) => Inbox.RemoveCompletedLanes();

    protected override void OnRevoked() => Inbox.Stop();

    protected override void DisposeMemory() => Inbox.Close();

    // The lane of a writer; of one that has a name, and of one that was kept, also that.
    private sealed record Brought(Lane Lane, string? Producer, LanePosition? Kept);

    private sealed class LaneAdmission(QueueReaderHost<T> host, HelloMessage hello)
        : HostAdmission(host, hello, [], host.Shape.ToParameters())
    {
        private readonly LayoutDescriptor _layout = hello.Layouts[0].Descriptor;
        private readonly string? _producer = hello.Producer;
        private Lane? _lane;

        protected override object? State => _lane is null ? null : new Brought(_lane, _producer, Kept);

        public override void Attach(ReceivedRegions received, RegionInfo[] stated)
        {
            received.Match(stated, RegionKind.QueueLane, RegionKind.Control);
            if (Kept is not null && _producer is null)
                throw new ProtocolException("A writer that is no producer says that it has kept its lane of another reader.");
            _lane = Lane.Attach(received.Take(0), stated[0].Size, host.Shape, _layout);
            _lane.Region.CloseDescriptor();
        }

        protected override void OnJoining(Link link)
        {
            if (_producer is { } name)
                host._producers.EndFormer(link, name);
        }

        public override void Dispose()
        {
            base.Dispose();
            if (!HasJoined)
                _lane?.Dispose();
        }
    }
}
