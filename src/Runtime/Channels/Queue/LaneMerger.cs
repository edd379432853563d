using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using TypedShm.Ends;
using TypedShm.Rings;
using TypedShm.Waiting;

namespace TypedShm.Channels;

/// <summary>When no more messages will come.</summary>
internal enum InboxEnd
{
    /// <summary>Never: writers come and go.</summary>
    Never,

    /// <summary>When a writer has completed the queue and no other is connected.</summary>
    WhenCompleted,

    /// <summary>When its writer leaves, even without having completed it: a writer that owns the name has no successor.</summary>
    WithItsWriter,
}

/// <summary>
/// The reading end of a queue: merges its lanes, one message from each in turn, so that no producer can keep the others
/// waiting. Lanes come and go on other threads; everything else is for one thread at a time.
/// </summary>
/// <param name="end">The end that it belongs to.</param>
/// <param name="source">What its waits are woken by.</param>
/// <param name="mode">How it waits.</param>
/// <param name="over">When it has come to its end.</param>
internal sealed class LaneMerger<T>(ChannelEnd end, WaitSource source, WaitMode mode, InboxEnd over)
    where T : unmanaged, ISharedLayout<T>
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LaneReader<T>[] _lanes = [];
    private int _nextLane;
    private bool _busy;
    private bool _isCompleted;
    private int _completed;
    private Exception? _error;

    public WaitSource Source => source;

    public WaitMode Mode => mode;

    public Task Completion => _completion.Task;

    public bool IsCompleted
    {
        get
        {
            lock (_gate)
                return _isCompleted;
        }
    }

    /// <summary>How many writers have to complete the queue.</summary>
    public int Writers { get; init; } = 1;

    /// <summary>Told about a lane whose writer broke the protocol.</summary>
    public Action<PeerIdentity, SharedMemoryException>? LaneFaulted { get; set; }

    public void Add(LaneReader<T> lane)
    {
        lock (_gate)
            Volatile.Write(ref _lanes, [.. _lanes, lane]);
    }

    /// <summary>Makes reads find nothing from now on; the memory of the lanes is given up after this.</summary>
    public void Revoke()
    {
        lock (_gate)
        {
            foreach (LaneReader<T> lane in _lanes)
                lane.Revoke();
        }
    }

    /// <summary>Gives the memory up, when the connections have ended.</summary>
    public void DisposeMemory()
    {
        lock (_gate)
        {
            foreach (LaneReader<T> lane in _lanes)
                lane.Lane.Dispose();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(out T value)
    {
        if (_busy)
            ThrowBusy();
        _busy = true;
        LaneReader<T>[] lanes = _lanes;
        int nextLane = _nextLane;
        for (int i = 0; i < lanes.Length; i++)
        {
            if ((uint)nextLane >= (uint)lanes.Length)
                nextLane = 0;
            if (lanes[nextLane++].TryTake(out value))
            {
                _nextLane = nextLane;
                _busy = false;
                return true;
            }
        }

        _busy = false;
        end.ThrowIfDisposed();
        RemoveCompletedLanes();
        value = default;
        return false;
    }

    /// <summary>As <see cref="TryRead(out T)"/>, and says who sent it.</summary>
    public bool TryRead(out T value, [NotNullWhen(true)] out SharedPeer? peer)
    {
        LaneReader<T>? lane = TryBegin();
        peer = lane?.Peer;
        value = default;
        if (lane is null)
            return false;
        bool taken = lane.TryTake(out value);
        Finish();
        if (!taken)
            end.ThrowIfDisposed();
        return taken;
    }

    /// <summary>The lane whose next message is next; the inbox is busy until <see cref="Finish"/>.</summary>
    public LaneReader<T>? TryBegin()
    {
        if (_busy)
            ThrowBusy();
        _busy = true;
        LaneReader<T>[] lanes = _lanes;
        int nextLane = _nextLane;
        for (int i = 0; i < lanes.Length; i++)
        {
            if ((uint)nextLane >= (uint)lanes.Length)
                nextLane = 0;
            LaneReader<T> lane = lanes[nextLane++];
            if (!lane.HasMessage)
                continue;
            _nextLane = nextLane;
            return lane;
        }

        _busy = false;
        end.ThrowIfDisposed();
        RemoveCompletedLanes();
        return null;
    }

    public void Finish() => _busy = false;

    /// <summary>Whether a read would find a message, or the end.</summary>
    public PollResult Poll()
    {
        if (end.IsDisposed)
            return PollResult.Completed;
        if (HasMessage())
            return PollResult.Ready;
        return RemoveCompletedLanes() ? PollResult.Completed : PollResult.Pending;
    }

    /// <summary>Whether a message is there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool HasMessage()
    {
        foreach (LaneReader<T> lane in Volatile.Read(ref _lanes))
        {
            if (lane.HasMessage)
                return true;
        }

        return false;
    }

    /// <summary>How many messages are there.</summary>
    public int Count
    {
        get
        {
            int count = 0;
            foreach (LaneReader<T> lane in Volatile.Read(ref _lanes))
                count += lane.Available(int.MaxValue);
            return count;
        }
    }

    /// <summary>What a wait that found nothing means: throws what the queue ended with.</summary>
    /// <returns>False: it is complete.</returns>
    public bool ThrowIfFaulted()
    {
        end.ThrowIfDisposed();
        return _error is null ? false : throw Again(_error);
    }

    /// <summary>What a read that must return a message throws.</summary>
    [DoesNotReturn]
    public void ThrowEnd()
    {
        end.ThrowIfDisposed();
        throw new ChannelClosedException("The queue is complete: there will be no more messages.", _error);
    }

    /// <summary>Removes lanes that have come to their end, once they are empty.</summary>
    /// <returns>Whether the whole queue has.</returns>
    public bool RemoveCompletedLanes()
    {
        if (_isCompleted)
            return true;
        bool any = false;
        foreach (LaneReader<T> lane in Volatile.Read(ref _lanes))
            any |= lane.Link.HasEnded || Volatile.Read(ref lane.Lane.End) != 0 || lane.Fault is not null;
        return any && RemoveEnded();
    }

    private bool RemoveEnded()
    {
        List<LaneReader<T>> faulted = [];
        bool isOver = RemoveEnded(faulted);

        // Outside the lock: it leads to locks of the connections' owner, under which lanes are added.
        foreach (LaneReader<T> lane in faulted)
        {
            lane.Link.Dispose();
            LaneFaulted?.Invoke(lane.Link.Identity, lane.Fault!);
        }

        return isOver;
    }

    private bool RemoveEnded(List<LaneReader<T>> faulted)
    {
        lock (_gate)
        {
            foreach (LaneReader<T> lane in _lanes)
            {
                if (!lane.IsOver(out Exception? error, out bool completed))
                    continue;

                Volatile.Write(ref _lanes, [.. _lanes.Where(other => other != lane)]);
                lane.DisposeWhenReleased();
                if (lane.Fault is not null)
                    faulted.Add(lane);
                _completed += completed ? 1 : 0;
                if (completed || over == InboxEnd.WithItsWriter)
                    _error ??= error;
            }

            bool ends = over == InboxEnd.WithItsWriter || (over == InboxEnd.WhenCompleted && _completed >= Writers);
            if (_lanes.Length > 0 || !ends || _isCompleted)
                return _isCompleted;
            _isCompleted = true;
        }

        if (_error is null)
            _completion.TrySetResult();
        else
            _completion.TrySetException(_error);
        return true;
    }

    // An exception that was thrown before must not be thrown again as the same object: its stack trace would grow.
    private static SharedMemoryException Again(Exception error) => error switch
    {
        PeerGoneException gone => new PeerGoneException(gone.Message, gone.WasClosed),
        ProtocolException fault => new ProtocolException(fault.Message),
        _ => new SharedMemoryException(error.Message),
    };

    [DoesNotReturn]
    private static void ThrowBusy() => throw new InvalidOperationException("A lease or batch of this reader is still open, or another thread is using it. Dispose the lease first; a queue has one reader.");
}
