using System.Runtime.CompilerServices;
using TypedShm.Ends;
using TypedShm.Rings;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Channels;

/// <summary>
/// The reading end of a broadcast: the ring of the writer, and, when that has come to its end, the one of its successor. Rings
/// come on other threads; everything else is for one thread at a time.
/// </summary>
/// <param name="end">The end that it belongs to.</param>
/// <param name="source">What its waits are woken by.</param>
/// <param name="mode">How it waits.</param>
/// <param name="endsWithItsWriter">
/// Whether the end of a writer that has not completed the broadcast is the end of it: it has no successor.
/// </param>
/// <param name="isExact">Whether two threads at once are always noticed.</param>
internal sealed class BroadcastInbox<T>(ChannelEnd end, WaitSource source, WaitMode mode, bool endsWithItsWriter, bool isExact = false)
    : Inbox<T, BroadcastCondition<T>>(end, source, mode, isExact, "broadcast", "each thread opens a reader of its own")
    where T : unmanaged, ISharedLayout<T>
{
    private readonly Lock _gate = new();
    private readonly Queue<RingReader<T>> _successors = new();
    private RingReader<T> _ring = null!;
    private long _lostBefore;
    private bool _hasPlaceholder;
    private bool _isCompleted;

    /// <summary>The ring that is read.</summary>
    public RingReader<T> Ring => Volatile.Read(ref _ring);

    public long Lost => Volatile.Read(ref _lostBefore) + Ring.Lost;

    /// <summary>Adds a ring, to be read when those before it have come to their end.</summary>
    /// <param name="ring">The ring.</param>
    /// <param name="isPlaceholder">
    /// Whether nothing will ever be in it: it is followed by the next one, and is not this inbox's to give up.
    /// </param>
    public void Add(RingReader<T> ring, bool isPlaceholder = false)
    {
        lock (_gate)
        {
            if (_ring is null || _hasPlaceholder)
                Volatile.Write(ref _ring, ring);
            else
                _successors.Enqueue(ring);
            _hasPlaceholder = isPlaceholder;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(out T value)
    {
        Enter();
        bool read = _ring.TryTake(out value) || (GoOn() && _ring.TryTake(out value));
        Exit();
        return read;
    }

    /// <summary>As <see cref="TryRead(out T)"/>, and says how many messages before it were found to be lost.</summary>
    public bool TryRead(out T value, out long lost)
    {
        long before = Lost;
        bool read = TryRead(out value);
        lost = Lost - before;
        return read;
    }

    /// <summary>As <see cref="TryRead(out T)"/>, with the payload.</summary>
    public override bool TryRead(out T value, Span<byte> payload, out int length)
    {
        Enter();
        try
        {
            return _ring.TryTake(out value, payload, out length) || (GoOn() && _ring.TryTake(out value, payload, out length));
        }
        finally
        {
            Exit();
        }
    }

    /// <summary>How many messages of the writer that is read are there; of a successor none before that.</summary>
    public override int Count
    {
        get
        {
            End.ThrowIfDisposed();
            int count = Ring.Available;
            End.ThrowIfDisposed();
            return count;
        }
    }

    public override bool IsByReference => Ring.Compatibility.IsByReference;

    public override bool Has(string field) => Ring.Compatibility.Has(field);

    public override bool TryPeek(out T value)
    {
        Enter();
        bool found = _ring.TryPeek(out value) || (GoOn() && _ring.TryPeek(out value));
        Exit();
        return found;
    }

    /// <summary>The ring whose next message is there; nobody else reads until <see cref="Inbox{T, TCondition}.Exit"/>.</summary>
    public RingReader<T>? TryBegin()
    {
        Enter();
        if (_ring.Find() || (GoOn() && _ring.Find()))
            return _ring;
        Exit();
        return null;
    }

    /// <summary>What a wait polls.</summary>
    public PollResult PollMessage()
    {
        if (End.IsDisposed || Volatile.Read(ref _isCompleted))
            return PollResult.Completed;
        RingReader<T> ring = Ring;
        if (ring.Fault is null && ring.HasNews)
            return PollResult.Ready;
        if (!ring.IsOver(out _, out _))
            return PollResult.Pending;
        return TryGoOn() ? PollResult.Ready : _isCompleted ? PollResult.Completed : PollResult.Pending;
    }

    protected override bool TryReadNext(out T message) => TryRead(out message);

    protected override BroadcastCondition<T> Condition() => new(this);

    protected override void DisposeMemory()
    {
        lock (_gate)
        {
            _ring.Ring.Dispose();
            foreach (RingReader<T> successor in _successors)
                successor.Ring.Dispose();
        }
    }

    /// <summary>When there was nothing to read: goes on to the next ring, if this one is over and there is one.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool GoOn()
    {
        if (End.IsDisposed)
        {
            Exit();
            End.ThrowIfDisposed();
        }

        return TryGoOn();
    }

    private bool TryGoOn()
    {
        RingReader<T> ring = _ring;
        if (_isCompleted || !ring.IsOver(out SharedMemoryException? error, out bool completed))
            return false;

        // What breaks the protocol is not listened to any more.
        if (error is ProtocolException)
            ring.Link.Dispose();
        if (completed || endsWithItsWriter)
        {
            Complete(error);
            Volatile.Write(ref _isCompleted, true);
            return false;
        }

        lock (_gate)
        {
            if (!_successors.TryDequeue(out RingReader<T>? next))
                return false;

            // The same writer let this reader in again: what it wrote in between is lost, or was read, after the end of the connection
            // before. Another writer begins to count anew.
            long lost = ring.Lost;
            bool isSameWriter = next.Ring.Region.Header.Epoch == ring.Ring.Region.Header.Epoch;
            if (isSameWriter && next.Start > ring.Next)
                lost += (long)(next.Start - ring.Next);
            else if (isSameWriter && next.Start < ring.Next)
                next.BeginAt(ring.Next);
            Volatile.Write(ref _lostBefore, _lostBefore + lost);
            Volatile.Write(ref _ring, next);
        }

        ring.Ring.Dispose();
        return true;
    }
}

/// <summary>A message of a broadcast, or its end.</summary>
internal readonly struct BroadcastCondition<T>(BroadcastInbox<T> inbox) : ICondition
    where T : unmanaged, ISharedLayout<T>
{
    public PollResult Poll() => inbox.PollMessage();

    public bool MayBeReady() => inbox.Ring.HasNews;
}
