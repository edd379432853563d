using System.Runtime.CompilerServices;
using TypedShm.Rings;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Channels;

/// <summary>
/// The writing end of a queue: its lane, which another one replaces if the reader has a successor, and how a write waits for room. A
/// writer enters the waiting writes only after a first try of its own has found none.
/// </summary>
/// <param name="source">What its waits are woken by.</param>
/// <param name="mode">How it waits.</param>
/// <param name="finish">Sends what the writer says last, over a lane that is not replaced meanwhile.</param>
internal sealed class ReconnectingLane<T>(WaitSource source, WaitMode mode, Func<Func<bool>, bool> finish) : IOutbox<T>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly Lock _gate = new();

    // Lanes whose reader is gone. A claim that is open when its reader leaves may be committed much later: then its message is lost too.
    private readonly List<LaneWriter<T>> _left = [];
    private LaneWriter<T>? _lane;
    private ulong _lost;
    private ulong _written;

    public LaneWriter<T> Lane => _lane!;

    /// <summary>How many messages readers that are gone had not read.</summary>
    public ulong Lost
    {
        get
        {
            lock (_gate)
            {
                ulong lost = _lost;
                foreach (LaneWriter<T> lane in _left)
                    lost += lane.NotGivenBack;
                return lost;
            }
        }
    }

    /// <summary>How many messages were written, to all readers that there were.</summary>
    public ulong Position
    {
        get
        {
            lock (_gate)
            {
                ulong written = _written;
                foreach (LaneWriter<T> lane in _left)
                    written += lane.Written;
                LaneWriter<T> current = Volatile.Read(ref _lane)!;
                if (current.IsOfProducer)
                    return current.Written;
                return _left.Contains(current) ? written : written + current.Written;
            }
        }
    }

    public void Use(LaneWriter<T> lane) => Volatile.Write(ref _lane, lane);

    /// <summary>The reader is gone; its words are still there.</summary>
    public void ReaderLeft(LaneWriter<T> lane, Link link, bool mayComeBack)
    {
        // Its last position first: what is said of it is true.
        lane.Disconnect();
        if (lane.IsKept)
            return;
        if (mayComeBack)
            lane.Suspend();
        else
            lane.Close(ReaderGone(link, lane.Head));
        lock (_gate)
        {
            // Nothing more is written to those whose memory was given up.
            foreach (LaneWriter<T> finished in _left.FindAll(static lane => lane.IsFinished))
            {
                _lost += finished.NotGivenBack;
                _written += finished.Written;
                _left.Remove(finished);
            }

            _left.Add(lane);
        }
    }

    public bool TryWrite(in T message, ReadOnlySpan<byte> payload) => Lane.TryWrite(in message, payload);

    public bool TryWriteBatch(ReadOnlySpan<T> messages) => Lane.TryWriteBatch(messages);

    /// <summary>Writes a message, waiting for room on this thread.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void WriteLater(in T message, CancellationToken cancellationToken)
    {
        do
            WaitForSpace(1, Deadline.Never, cancellationToken);
        while (!Lane.TryWrite(in message));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool WaitForSpace(int count, Deadline deadline, CancellationToken cancellationToken) =>
        MayTry(WaitFor(count, deadline, cancellationToken));

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> WaitForSpaceAsync(int count, Deadline deadline, CancellationToken cancellationToken) =>
        MayTry(await WaitAsync(count, deadline, cancellationToken).ConfigureAwait(false));

    public bool WaitToWrite(Deadline deadline, CancellationToken cancellationToken)
    {
        while (true)
        {
            WaitOutcome outcome = WaitFor(1, deadline, cancellationToken);
            if (outcome != WaitOutcome.Completed)
                return outcome == WaitOutcome.Ready;

            // As in MayTry.
            LaneWriter<T> lane = Lane;
            if (lane.IsClosed)
                return lane.FalseIfCompleted();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> WaitToWriteAsync(Deadline deadline, CancellationToken cancellationToken)
    {
        while (true)
        {
            WaitOutcome outcome = await WaitAsync(1, deadline, cancellationToken).ConfigureAwait(false);
            if (outcome != WaitOutcome.Completed)
                return outcome == WaitOutcome.Ready;

            // As in MayTry.
            LaneWriter<T> lane = Lane;
            if (lane.IsClosed)
                return lane.FalseIfCompleted();
        }
    }

    private static PeerGoneException ReaderGone(Link link, ulong head) => new(
        $"{link.Identity}, which read the queue, {(link.WasClosed ? "has closed it" : "is gone")}. It had given back {head} messages; "
            + "what was written after that may not have been read.",
        link.WasClosed,
        (long)head);

    public bool TryComplete(Exception? error) => finish(() => Lane.TryComplete(error));

    public void ThrowIfClosed() => Lane.ThrowIfClosed();

    private bool MayTry(WaitOutcome outcome)
    {
        // A lane that was closed because its reader broke the protocol may have been replaced by now.
        if (outcome == WaitOutcome.Completed)
            Lane.ThrowIfClosed();
        return outcome != WaitOutcome.TimedOut;
    }

    private WaitOutcome WaitFor(int count, Deadline deadline, CancellationToken cancellationToken)
    {
        SpaceCondition condition = new(this, count);
        return Wait.For(ref condition, source.Alone, mode, deadline, cancellationToken);
    }

    private ValueTask<WaitOutcome> WaitAsync(int count, Deadline deadline, CancellationToken cancellationToken) =>
        Wait.ForAsync(new SpaceCondition(this, count), source.Alone, mode, deadline, cancellationToken);

    /// <summary>Room for some messages.</summary>
    private readonly struct SpaceCondition(ReconnectingLane<T> writer, int count) : ICondition
    {
        // A full queue has a capacity's worth of messages to be read before anything is late.
        public static int SpinsPerPoll => 32;

        public PollResult Poll() => writer.Lane.PollSpace(count);

        public bool MayBeReady() => Poll() != PollResult.Pending;
    }
}
