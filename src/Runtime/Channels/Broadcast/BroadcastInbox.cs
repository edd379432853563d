using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using TypedShm.Ends;
using TypedShm.Rings;
using TypedShm.Waiting;

namespace TypedShm.Channels;

/// <summary>
/// The reading end of a broadcast: the ring of the writer, and, when that has come to its end, the one of its successor. Rings
/// come on other threads; everything else is for one thread at a time.
/// </summary>
/// <param name="end">The end that it belongs to.</param>
/// <param name="source">What its waits are woken by.</param>
/// <param name="mode">How it waits.</param>
/// <param name="endsWithItsWriter">Whether the end of a writer that has not completed the broadcast is the end of it: it has no successor.</param>
internal sealed class BroadcastInbox<T>(ChannelEnd end, WaitSource source, WaitMode mode, bool endsWithItsWriter)
    where T : unmanaged, ISharedLayout<T>
{
    private readonly Lock _gate = new();
    private readonly Queue<RingReader<T>> _successors = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RingReader<T> _ring = null!;
    private long _lostBefore;
    private bool _busy;
    private bool _isCompleted;
    private SharedMemoryException? _error;

    public WaitSource Source => source;

    public WaitMode Mode => mode;

    public Task Completion => _completion.Task;

    /// <summary>The ring that is read.</summary>
    public RingReader<T> Ring => Volatile.Read(ref _ring);

    public long Lost => Volatile.Read(ref _lostBefore) + Ring.Lost;

    /// <summary>Adds a ring, to be read when those before it have come to their end.</summary>
    public void Add(RingReader<T> ring)
    {
        lock (_gate)
        {
            if (_ring is null)
                _ring = ring;
            else
                _successors.Enqueue(ring);
        }
    }

    /// <summary>Gives all memory up.</summary>
    public void DisposeMemory()
    {
        lock (_gate)
        {
            _ring.Ring.Dispose();
            foreach (RingReader<T> successor in _successors)
                successor.Ring.Dispose();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(out T value)
    {
        Enter();
        bool read = _ring.TryTake(out value) || (GoOn() && _ring.TryTake(out value));
        _busy = false;
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
    public bool TryRead(out T value, Span<byte> payload, out int length)
    {
        Enter();
        try
        {
            return _ring.TryTake(out value, payload, out length) || (GoOn() && _ring.TryTake(out value, payload, out length));
        }
        finally
        {
            _busy = false;
        }
    }

    /// <summary>The ring whose next message is there; the inbox is busy until <see cref="Finish"/>.</summary>
    public RingReader<T>? TryBegin()
    {
        Enter();
        if (_ring.Find() || (GoOn() && _ring.Find()))
            return _ring;
        _busy = false;
        return null;
    }

    public void Finish() => _busy = false;

    /// <summary>Whether a read would find a message, or the end.</summary>
    public PollResult Poll()
    {
        if (end.IsDisposed || Volatile.Read(ref _isCompleted))
            return PollResult.Completed;
        RingReader<T> ring = Ring;
        if (ring.Fault is null && ring.HasNews)
            return PollResult.Ready;
        if (!ring.IsOver(out _, out _))
            return PollResult.Pending;
        return GoOn() ? PollResult.Ready : _isCompleted ? PollResult.Completed : PollResult.Pending;
    }

    /// <summary>What a wait that found nothing means: throws what the broadcast ended with.</summary>
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
        throw new ChannelClosedException("The broadcast is over: there will be no more messages.", _error);
    }

    // An exception that was thrown before must not be thrown again as the same object: its stack trace would grow.
    private static SharedMemoryException Again(SharedMemoryException error) => error switch
    {
        PeerGoneException gone => new PeerGoneException(gone.Message, gone.WasClosed),
        ProtocolException fault => new ProtocolException(fault.Message),
        CutOffException cut => new CutOffException(cut.Message),
        _ => new SharedMemoryException(error.Message),
    };

    [DoesNotReturn]
    private static void ThrowBusy() => throw new InvalidOperationException("A lease of this reader is still open, or another thread is using it. Dispose the lease first; each thread opens a reader of its own.");

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Enter()
    {
        if (_busy)
            ThrowBusy();
        _busy = true;
    }

    /// <summary>When there was nothing to read: goes on to the next ring, if this one is over and there is one.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool GoOn()
    {
        if (end.IsDisposed)
        {
            _busy = false;
            end.ThrowIfDisposed();
        }

        RingReader<T> ring = _ring;
        if (_isCompleted || !ring.IsOver(out SharedMemoryException? error, out bool completed))
            return false;

        // What breaks the protocol is not listened to any more.
        if (error is ProtocolException)
            ring.Link.Dispose();
        if (completed || endsWithItsWriter)
        {
            _error = error;
            Volatile.Write(ref _isCompleted, true);
            if (error is null)
                _completion.TrySetResult();
            else
                _completion.TrySetException(error);
            return false;
        }

        lock (_gate)
        {
            if (!_successors.TryDequeue(out RingReader<T>? next))
                return false;

            // The same writer let this reader in again: what it wrote in between is lost. Another writer begins to count anew.
            long lost = ring.Lost;
            if (next.Ring.Region.Header.Epoch == ring.Ring.Region.Header.Epoch && next.Start > ring.Next)
                lost += (long)(next.Start - ring.Next);
            Volatile.Write(ref _lostBefore, _lostBefore + lost);
            Volatile.Write(ref _ring, next);
        }

        ring.Ring.Dispose();
        return true;
    }
}
