using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using TypedShm.Layout;
using TypedShm.Memory;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Rings;

/// <summary>
/// The writing side of one lane: a ring whose slots carry their own sequence, so that the reader's next message and
/// the news of it are on one cache line. One thread at a time.
/// </summary>
/// <remarks>
/// Bounded SPSC queue with per-slot sequences, after D. Vyukov's bounded MPMC queue, and with the reader's position
/// cached as in E. Rigtorp's SPSCQueue: it is loaded only when the cache says that the lane is full.
/// </remarks>
internal sealed unsafe class LaneWriter<T>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly Lane _lane;
    private readonly byte* _slots;
    private readonly ulong _mask;
    private readonly nint _stride;
    private readonly nint _valueOffset;
    private readonly bool _hasMarks;
    private readonly int _payloadCapacity;
    private readonly SparseSlots? _sparse;
    private readonly int _preallocatedPayload;
    private PayloadScrubber? _scrubber;
    private readonly Publisher _publisher;
    private Link? _link;
    private ulong _next;
    private ulong _limit;
    private ulong _head;
    private bool _claimOpen;
    private bool _suspended;
    private Exception? _closed;

    public LaneWriter(Lane lane, Publisher publisher)
    {
        _lane = lane;
        _slots = lane.Slots;
        _mask = lane.Capacity - 1;
        _stride = lane.Stride;
        _valueOffset = lane.Layout.ValueOffset;
        _hasMarks = lane.Layout.Marks != SlotMarks.Sequence;
        _payloadCapacity = lane.Layout.PayloadCapacity;
        _sparse = lane.Region.IsSparse ? new SparseSlots(lane.Region) : null;
        _preallocatedPayload = _sparse?.PreallocatedPayload ?? _payloadCapacity;
        _publisher = publisher;
        _limit = lane.Capacity;
    }

    public Lane Lane => _lane;

    /// <summary>How many messages have been written.</summary>
    public ulong Written => Volatile.Read(ref _next);

    /// <summary>How many of them the reader has given back, as far as is known.</summary>
    public ulong Head => Volatile.Read(ref _head);

    public bool IsClosed => Volatile.Read(ref _closed) is not null;

    /// <summary>What the reader did that the protocol does not allow.</summary>
    public ProtocolException? Fault => Volatile.Read(ref _closed) as ProtocolException;

    /// <summary>Whether this writer itself has said that this was all.</summary>
    public bool IsCompleted => Volatile.Read(ref _closed) is ChannelClosedException;

    public int PayloadCapacity => _payloadCapacity;

    /// <summary>The reader is there: from now on its position counts.</summary>
    public void Connect(Link link)
    {
        if (link.IsOfAnotherUser)
            ScrubPayloads();
        Volatile.Write(ref _link, link);
    }

    /// <summary>A process of another user maps the slots, see <see cref="PayloadScrubber"/>. Called by one thread at a time, while the writer may go on writing.</summary>
    public void ScrubPayloads()
    {
        if (PayloadCapacity > 0 && _scrubber is null)
            Volatile.Write(ref _scrubber, new PayloadScrubber(_lane.Region));
    }

    /// <summary>Lets no later claim succeed: it throws, unless the lane was completed. The first reason stays, unless this end is disposed.</summary>
    public void Close(Exception reason)
    {
        // A full fence between the reason and the limit; its partner is the one in RefreshLimit. Whichever of the two sets the limit
        // last, it ends as 0, and the fast path leads to the exception.
        if (reason is ObjectDisposedException)
            Interlocked.Exchange(ref _closed, reason);
        else
            Interlocked.CompareExchange(ref _closed, reason, null);
        Volatile.Write(ref _limit, 0);
    }

    /// <summary>The reader is gone, but another may come, with a new lane: nothing more is written here.</summary>
    public void Suspend()
    {
        Volatile.Write(ref _suspended, true);

        // See Close.
        Interlocked.MemoryBarrier();
        Volatile.Write(ref _limit, 0);
    }

    /// <summary>
    /// The reader is gone: the last look at its position, while its words are still there. After this a claim that is still open may be committed however
    /// late, without a look at whether anybody has parked.
    /// </summary>
    public void Disconnect()
    {
        if (Volatile.Read(ref _link) is not { } link)
            return;
        if (Volatile.Read(ref *link.Peer.Head) is ulong head && head >= _head && head <= Written)
            Volatile.Write(ref _head, head);
        _publisher.Remove(link);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryWrite(in T value)
    {
        if (!TryBegin(1))
            return false;
        byte* slot = SlotOf(_next);

        // step: slot.fill
        *(T*)(slot + _valueOffset) = value;
        Commit(slot, 0);
        _claimOpen = false;
        return true;
    }

    public bool TryWrite(in T value, ReadOnlySpan<byte> payload)
    {
        if (!TryBegin(1, payload.Length))
            return false;
        byte* slot = SlotOf(_next);
        *(T*)(slot + _valueOffset) = value;
        payload.CopyTo(new Span<byte>(slot + _lane.Layout.PayloadOffset, payload.Length));
        Commit(slot, payload.Length);
        _claimOpen = false;
        return true;
    }

    public bool TryWrite(ReadOnlySpan<T> values)
    {
        if (values.IsEmpty)
        {
            ThrowIfFailed();
            return !IsClosed;
        }

        if (!TryBegin(values.Length))
            return false;
        for (int i = 0; i < values.Length; i++)
            *(T*)(SlotOf(_next + (ulong)i) + _valueOffset) = values[i];
        CommitBatch(values.Length);
        _claimOpen = false;
        return true;
    }

    /// <summary>Opens a claim of some slots, the only one until it is committed or aborted.</summary>
    /// <returns>False if there is no room, or the lane was completed.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryBegin(int count)
    {
        if (_claimOpen)
            ThrowBusy();
        _claimOpen = true;
        if (_next + (ulong)count <= _limit || RefreshLimit(count))
            return true;
        _claimOpen = false;
        return false;
    }

    /// <summary>As <see cref="TryBegin(int)"/>, of slots for a message with a payload of at most a given length.</summary>
    /// <exception cref="ArgumentException">That is more than there is room for.</exception>
    /// <exception cref="SystemCallException">There is no memory for it. No claim is open.</exception>
    public bool TryBegin(int count, int payloadLength)
    {
        if ((uint)payloadLength > (uint)_preallocatedPayload)
            Reserve(payloadLength);
        return TryBegin(count);
    }

    /// <summary>The sequence of the open claim's first slot.</summary>
    public ulong Next => _next;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* SlotOf(ulong position) => _slots + ((nint)(position & _mask) * _stride);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* ClaimedValue(ulong claim, int index)
    {
        if (claim != _next || !_claimOpen)
            ThrowNotOpen();
        return SlotOf(claim + (ulong)index) + _valueOffset;
    }

    /// <summary>The room for the payload of the open claim, at most so many bytes.</summary>
    public Span<byte> ClaimedPayload(ulong claim, int most = int.MaxValue)
    {
        if (claim != _next || !_claimOpen)
            ThrowNotOpen();
        int length = Math.Min(most, PayloadCapacity);
        if (length > _preallocatedPayload)
            Reserve(length);
        _scrubber?.NoteWritten((int)(claim & _mask), length);
        return new Span<byte>(SlotOf(claim) + _lane.Layout.PayloadOffset, length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CommitClaim(ulong claim, int payloadLength)
    {
        if (claim != _next || !_claimOpen)
            ThrowNotOpen();
        if ((uint)payloadLength > (uint)_preallocatedPayload)
            Reserve(payloadLength);
        if (IsClosed)
            ThrowClosed();
        Commit(SlotOf(claim), payloadLength);
        _claimOpen = false;
    }

    public void CommitClaims(ulong claim, int count)
    {
        if (claim != _next || !_claimOpen)
            ThrowNotOpen();
        if (IsClosed)
            ThrowClosed();
        CommitBatch(count);
        _claimOpen = false;
    }

    /// <summary>Publishes the open claim as the request or response of a call. If the lane was closed meanwhile, nobody sees it.</summary>
    public void CommitCall(ulong call, CallOutcome outcome, int payloadLength)
    {
        byte* slot = SlotOf(_next);
        *(ulong*)(slot + _lane.Layout.CallOffset) = call;
        if ((_lane.Layout.Marks & SlotMarks.Outcome) != 0)
            *(ulong*)(slot + _lane.Layout.OutcomeOffset) = (ulong)outcome;
        Commit(slot, payloadLength);
        _claimOpen = false;
    }

    /// <summary>Gives an open claim up; nothing of it was or will be seen.</summary>
    public void AbortClaim(ulong claim)
    {
        if (claim == _next)
            _claimOpen = false;
    }

    /// <summary>Whether there is room, or will never be.</summary>
    public PollResult PollSpace(int count)
    {
        // The position first: once the link has ended its words are zeros, and the lane was closed before that.
        // Where it had ended before, they are not there for ever.
        ulong head = Volatile.Read(ref _link) is not { } link ? 0 : link.HasEnded ? _head : Volatile.Read(ref *link.Peer.Head);
        if (IsClosed)
            return PollResult.Completed;
        if (Volatile.Read(ref _suspended))
            return PollResult.Pending;
        return _next + (ulong)count - head <= _lane.Capacity ? PollResult.Ready : PollResult.Pending;
    }

    /// <summary>Says that this was all.</summary>
    /// <returns>False if the lane is closed already, for whatever reason.</returns>
    public bool TryComplete(Exception? error)
    {
        if (_claimOpen)
            ThrowBusy();
        ChannelClosedException completed = new("The queue was completed by this writer.", error);
        Close(completed);
        if (Volatile.Read(ref _closed) != completed)
            return false;
        _lane.Complete(_next, error, _publisher);
        return true;
    }

    /// <summary>False if the lane was closed by being completed without an error, otherwise throws why it was.</summary>
    public bool FalseIfCompleted()
    {
        if (Volatile.Read(ref _closed) is not ChannelClosedException completed)
            ThrowClosed();
        else if (completed.InnerException is { } error)
            throw error;
        return false;
    }

    /// <summary>For who must write: throws whatever the lane was closed for.</summary>
    public void ThrowIfClosed()
    {
        if (IsClosed)
            ThrowClosed();
    }

    // To have completed is no error for who only tries; everything else is.
    private void ThrowIfFailed()
    {
        if (IsClosed && !IsCompleted)
            ThrowClosed();
    }

    [DoesNotReturn]
    private void ThrowClosed() => throw Volatile.Read(ref _closed)! switch
    {
        PeerGoneException gone => new PeerGoneException(gone.Message, gone.WasClosed),
        ProtocolException protocol => new ProtocolException(protocol.Message),
        ObjectDisposedException disposed => new ObjectDisposedException(disposed.ObjectName),
        Exception other => new ChannelClosedException(other.Message, other.InnerException),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Commit(byte* slot, int payloadLength)
    {
        Padding<T>.Clear(slot + _valueOffset);
        if (_hasMarks)
            Mark(slot, payloadLength);

        // step: slot.commit
        ulong next = _next + 1;
        _publisher.Publish(ref *(ulong*)slot, next);
        _next = next;
    }

    // step: slot.batch. From the last to the first: the reader waits for the first, which is stored with release semantics after all the
    // others, so it finds all or, if this process is killed in between, none.
    private void CommitBatch(int count)
    {
        for (int i = count - 1; i >= 0; i--)
        {
            byte* slot = SlotOf(_next + (ulong)i);
            Padding<T>.Clear(slot + _valueOffset);
            if (_hasMarks)
                Mark(slot, 0);
            ulong sequence = _next + (ulong)i + 1;
            if (i > 0)
                *(ulong*)slot = sequence;
            else
                _publisher.Publish(ref *(ulong*)slot, sequence);
        }

        _next += (ulong)count;
    }

    private void Mark(byte* slot, int payloadLength)
    {
        if (_lane.Shape.PublishTimes)
            *(long*)(slot + _lane.Layout.TimeOffset) = Stopwatch.GetTimestamp();
        if (PayloadCapacity > 0)
        {
            *(ulong*)(slot + _lane.Layout.LengthOffset) = (uint)payloadLength;
            if (_scrubber is not null)
                ScrubPayload(slot, payloadLength);
        }
    }

    private void ScrubPayload(byte* slot, int payloadLength)
    {
        int index = (int)((slot - _slots) / _stride);
        _scrubber!.Scrub(index, slot + _lane.Layout.PayloadOffset, payloadLength, _sparse?.RoomOf(index) ?? PayloadCapacity);
    }

    /// <summary>Makes sure that the next slot has room for a payload that is longer than any slot has from the start.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Reserve(int length)
    {
        if ((uint)length > (uint)PayloadCapacity)
            ThrowTooLong(length);
        _sparse!.Reserve((int)(_next & _mask), length);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool RefreshLimit(int count)
    {
        try
        {
            if (count < 1 || (ulong)count > _lane.Capacity)
                throw new ArgumentOutOfRangeException(nameof(count), count, $"A batch has 1 to {_lane.Capacity} messages, as many as the queue has room for.");
            ulong head = _head;
            // step: slot.space. Acquire: pairs with slot.release, so that a slot is written only after it was read.
            // Where the link has ended, the words are not there for ever.
            if (Volatile.Read(ref _link) is { HasEnded: false } link)
                head = Volatile.Read(ref *link.Peer.Head);
            ThrowIfFailed();
            if (IsClosed || Volatile.Read(ref _suspended))
                return _claimOpen = false;

            // Nothing but growth up to what was written is possible. (Zeros of a link that has ended mean a lane that was closed.)
            if (head < _head || head > _next)
                throw Faulted(new ProtocolException($"The reader says that it has read up to message {head}, but it had read {_head} before and {_next} are written. It was disconnected."));

            _head = head;
            Volatile.Write(ref _limit, head + _lane.Capacity);

            // See Close.
            Interlocked.MemoryBarrier();
            if (IsClosed || Volatile.Read(ref _suspended))
                Volatile.Write(ref _limit, 0);
            return _next + (ulong)count <= _limit;
        }
        catch
        {
            _claimOpen = false;
            throw;
        }
    }

    private ProtocolException Faulted(ProtocolException fault)
    {
        Close(fault);
        _link!.Dispose();
        return fault;
    }

    [DoesNotReturn]
    private static void ThrowBusy() => throw new InvalidOperationException("A claim of this writer is still open, or another thread is using it. Commit or dispose the claim first; give each thread a writer of its own (AddLane).");

    [DoesNotReturn]
    private static void ThrowNotOpen() => throw new InvalidOperationException("The claim is not open any more: it was committed, or disposed. Claim again.");

    [DoesNotReturn]
    private void ThrowTooLong(int length) => throw new ArgumentException($"The payload has {length} bytes, but a message of this queue has room for {PayloadCapacity} (MessageOptions.PayloadCapacity of its creator).");
}
