using System.Runtime.CompilerServices;
using TypedShm.Ends;
using TypedShm.Rings;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Channels;

/// <summary>The writer of a broadcast: lets readers in, and, if nothing may be lost, waits for them.</summary>
internal sealed class BroadcastHost<T> : ChannelHost, IOutbox<T>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly RingShape _shape;
    private readonly Ring _ring;
    private readonly ulong _history;

    // Of the members whom the writer waits for. Under the gate of the host.
    private readonly Dictionary<Link, GatingSequence> _gates = [];

    public BroadcastHost(EndpointName endpoint, SharedBroadcastOptions options)
        : base(endpoint, ChannelKind.Broadcast, [LayoutAdvertisement.Of<T>()], options)
    {
        _shape = new RingShape(options.Shape, options.Lossless);
        _history = (ulong)options.History;
        _ring = Ring.Create<T>(endpoint.ShortName, _shape, options.Memory);
        Writer = new RingWriter<T>(_ring, Publisher, options.CutOffAfter, options.ExactThreadCheck) { Dropped = Refused };
        Root();
    }

    public RingWriter<T> Writer { get; }

    public bool TryWrite(in T message, ReadOnlySpan<byte> payload) => Writer.TryWrite(in message, payload);

    public bool TryWriteBatch(ReadOnlySpan<T> messages) => Writer.TryWriteBatch(messages);

    /// <inheritdoc/>
    /// <remarks>Ends too when a reader can be cut off, which the next try does.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool WaitForSpace(int count, Deadline deadline, CancellationToken cancellationToken)
    {
        Writer.ThrowIfClosed();
        if (deadline.IsOver)
            return false;
        SpaceCondition condition = new(Writer, count);
        Wait.For(ref condition, Source.Alone, WaitMode, deadline.Or(Writer.NextCut), cancellationToken);
        return true;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> WaitForSpaceAsync(int count, Deadline deadline, CancellationToken cancellationToken)
    {
        Writer.ThrowIfClosed();
        if (deadline.IsOver)
            return false;
        await Wait.ForAsync(new SpaceCondition(Writer, count), Source.Alone, WaitMode, deadline.Or(Writer.NextCut), cancellationToken)
            .ConfigureAwait(false);
        return true;
    }

    public bool WaitToWrite(Deadline deadline, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (true)
        {
            // Where it is time to cut a reader off, that is done here: else there would be no room.
            if (Writer.IsClosed)
                return Writer.FalseIfCompleted();
            if (Writer.TryMakeSpace())
                return true;
            if (!WaitForSpace(1, deadline, cancellationToken))
                return false;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> WaitToWriteAsync(Deadline deadline, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (true)
        {
            // As in WaitToWrite.
            if (Writer.IsClosed)
                return Writer.FalseIfCompleted();
            if (Writer.TryMakeSpace())
                return true;
            if (!await WaitForSpaceAsync(1, deadline, cancellationToken).ConfigureAwait(false))
                return false;
        }
    }

    public bool TryComplete(Exception? error) => Writer.TryComplete(error);

    public void ThrowIfClosed() => Writer.ThrowIfClosed();

    public override Admission Admit(HelloMessage hello) =>
        new HostAdmission(this, hello, [new RegionOffer(_ring.Region, IsWritable: false)], _shape.ToParameters());

    protected override RefuseMessage? ConsiderRole(PeerRole role) => role switch
    {
        PeerRole.Reader or PeerRole.Observer => null,
        _ => new RefuseMessage(RefusalReason.RoleNotAvailable, "A broadcast has one writer, which created it. Open it for reading.", []),
    };

    protected override ulong OnJoined(Member member)
    {
        if (member.Link.IsOfAnotherUser)
            Writer.ScrubPayloads();
        if (!_shape.IsLossless || !member.IsCounted)
            return Writer.Start(_history);

        GatingSequence gate = new(member.Link);
        _gates.Add(member.Link, gate);
        return Writer.Join(gate, _history);
    }

    // A writer that loses nothing waits for its readers' room.
    protected override bool WaitsFor(Member member) => _shape.IsLossless && member.IsCounted;

    protected override void OnLeft(Member member)
    {
        if (_gates.Remove(member.Link, out GatingSequence? gate))
            Writer.Leave(gate);
    }

    protected override (ulong Written, ulong Read) CountMessages()
    {
        ulong written = Volatile.Read(ref _ring.Tail);
        ulong read = written;
        lock (Gate)
        {
            foreach (GatingSequence gate in _gates.Values)
            {
                if (gate.TryLoad(out ulong head))
                    read = Math.Min(read, Math.Max(head, gate.StartPosition));
            }
        }

        return (written, read);
    }

    protected override void OnRevoked() => Writer.Close(DisposedException());

    protected override void DisposeMemory() => Writer.DisposeMemory();

    private readonly struct SpaceCondition(RingWriter<T> writer, int count) : ICondition
    {
        // Readers have a whole ring of messages to read before anything is late.
        public static int SpinsPerPoll => 32;

        public PollResult Poll() => writer.PollSpace(count);

        public bool MayBeReady() => Poll() != PollResult.Pending;
    }
}
