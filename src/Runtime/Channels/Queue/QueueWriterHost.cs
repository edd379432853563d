using TypedShm.Ends;
using TypedShm.Rings;
using TypedShm.Transport;

namespace TypedShm.Channels;

/// <summary>The writer of a queue who owns its name: one lane, for one reader, who finds in it all that was written before.</summary>
internal sealed class QueueWriterHost<T> : ChannelHost
    where T : unmanaged, ISharedLayout<T>
{
    private readonly MessageShape _shape;
    private readonly Lane _lane;
    private bool _hadReader;

    public QueueWriterHost(EndpointName endpoint, SharedQueueOptions options)
        : base(endpoint, ChannelKind.Queue, [LayoutAdvertisement.Of<T>()], options)
    {
        _shape = options.Shape;
        _lane = Lane.Create<T>(endpoint.ShortName, _shape, options.Memory);
        Outbox = new ReconnectingLane<T>(Source, options.Wait, static send => send());
        Outbox.Use(new LaneWriter<T>(_lane, Publisher, options.ExactThreadCheck));
        Root();
    }

    public ReconnectingLane<T> Outbox { get; }

    public override Admission Admit(HelloMessage hello) =>
        new HostAdmission(this, hello, [new RegionOffer(_lane.Region, IsWritable: false)], _shape.ToParameters());

    protected override RefuseMessage? ConsiderRole(PeerRole role) => role switch
    {
        PeerRole.Observer => null,
        PeerRole.Reader when !_hadReader => null,
        PeerRole.Reader => new RefuseMessage(RefusalReason.Full, "The queue has, or had, its reader. A queue has one.", []),
        _ => new RefuseMessage(RefusalReason.RoleNotAvailable, "The queue was created by its writer, so it can only be opened for "
            + "reading. Let the reader create it if there are to be several writers.", []),
    };

    protected override ulong OnJoined(Member member)
    {
        // Tools map the slots too.
        if (member.Link.IsOfAnotherUser)
            Outbox.Lane.ScrubPayloads();
        if (!member.IsCounted)
            return 0;
        Outbox.Lane.Connect(member.Link);
        _hadReader = true;
        return 0;
    }

    protected override bool WaitsFor(Member member) => member.IsCounted;

    protected override void OnLeft(Member member)
    {
        if (member.IsCounted && _hadReader)
            Outbox.ReaderLeft(Outbox.Lane, member.Link, mayComeBack: false);
    }

    protected override (ulong Written, ulong Read) CountMessages()
    {
        ulong unread = (ulong)Outbox.Lane.Unread;
        ulong written = Outbox.Lane.Written;
        return (written, written - Math.Min(unread, written));
    }

    protected override void OnRevoked() => Outbox.Lane.Close(DisposedException());

    protected override void DisposeMemory() => Outbox.Lane.DisposeMemory();
}
