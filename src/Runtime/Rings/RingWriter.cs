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
/// The writing side of a broadcast. One thread writes at a time; readers come and go on others.
/// </summary>
/// <remarks>
/// A seqlock in each slot: readers need no right to write, and touch no line that they share. Where nothing may be lost, the
/// writer waits for the slowest reader, as in the LMAX Disruptor; the readers' positions are loaded only when those that were
/// loaded last leave no room.
/// </remarks>
internal sealed unsafe class RingWriter<T>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly Ring _ring;
    private readonly Publisher _publisher;
    private readonly ulong* _tail;
    private readonly byte* _slots;
    private readonly ulong _mask;
    private readonly nint _stride;
    private readonly nint _valueOffset;
    private readonly bool _hasMarks;
    private readonly SparseSlots? _sparse;
    private readonly int _preallocatedPayload;
    private PayloadScrubber? _scrubber;
    private readonly bool _isLossless;
    private readonly long _cutOffAfter;
    private GatingSequence[] _gates = [];
    private ulong _next;
    private ulong _limit;
    private bool _claimOpen;
    private Exception? _closed;
    private ulong _blockedAt = ulong.MaxValue;
    private long _blockedSince;

    public RingWriter(Ring ring, Publisher publisher, TimeSpan? cutOffAfter)
    {
        _ring = ring;
        _publisher = publisher;
        _tail = (ulong*)Unsafe.AsPointer(ref ring.Tail);
        _slots = ring.Slots;
        _mask = ring.Capacity - 1;
        _stride = ring.Stride;
        _valueOffset = ring.Layout.ValueOffset;
        _hasMarks = ring.Layout.Marks != SlotMarks.Sequence;
        _sparse = ring.Region.IsSparse ? new SparseSlots(ring.Region) : null;
        _preallocatedPayload = _sparse?.PreallocatedPayload ?? PayloadCapacity;
        _isLossless = ring.Shape.IsLossless;
        _cutOffAfter = cutOffAfter is { } limit ? (long)Math.Ceiling(limit.TotalMilliseconds) : long.MaxValue;
        _limit = Ring.MaxCount;
    }

    /// <summary>Told about a reader that was cut off, or that broke the protocol.</summary>
    public required Action<PeerIdentity, SharedMemoryException> Dropped { get; init; }

    public Ring Ring => _ring;

    /// <summary>How many messages have been written.</summary>
    public ulong Written => Volatile.Read(ref _next);

    public bool IsClosed => Volatile.Read(ref _closed) is not null;

    public int PayloadCapacity => _ring.Layout.PayloadCapacity;

    /// <summary>When a wait for room has to end because then a reader can be cut off.</summary>
    public Deadline NextCut => _cutOffAfter == long.MaxValue || _blockedAt != _next
        ? Deadline.Never
        : Deadline.After(TimeSpan.FromMilliseconds(Math.Max(0, _cutOffAfter - (Environment.TickCount64 - _blockedSince))));

    /// <summary>
    /// From now on the writer waits for this reader. Called by one thread at a time, while the writer may go on writing.
    /// </summary>
    /// <param name="gate">The reader.</param>
    /// <param name="history">How many messages from before it gets.</param>
    /// <returns>The first message that it gets: that and all later ones stay until it has read them.</returns>
    public ulong Join(GatingSequence gate, ulong history)
    {
        // step: lossless.join, gating.join. Those who are there already stay.
        gate.StartPosition = Back(Volatile.Read(ref _ring.Tail), history);
        Volatile.Write(ref _gates, [.. _gates, gate]);

        // step: lossless.unlimit. A full fence between the gates and the limit; its partner is the one in TryFindSpace, between the limit
        // and a second look at the gates. Whoever is first, the writer ends up with a limit that heeds the new gate, or with none.
        Interlocked.MemoryBarrier();
        Volatile.Write(ref _limit, 0);

        // step: lossless.barrier. From here on whatever the writer begins heeds the gate. One message, the one that the tail stands at
        // when it is loaded next, or one before it, may have been begun without.
        Interlocked.MemoryBarrierProcessWide();

        // step: lossless.start. That message overwrites the one a whole ring before it.
        ulong tail = Volatile.Read(ref _ring.Tail);
        ulong start = Math.Max(Back(tail, history), Back(tail, _ring.Capacity - 1));
        gate.StartPosition = start;
        return start;
    }

    /// <summary>A process of another user maps the slots, see <see cref="PayloadScrubber"/>. Called by one thread at a time, while the writer may go on writing.</summary>
    public void ScrubPayloads()
    {
        if (PayloadCapacity > 0 && _scrubber is null)
            Volatile.Write(ref _scrubber, new PayloadScrubber(_ring.Region));
    }

    /// <summary>The first message that a reader of a broadcast that may lose some gets.</summary>
    public ulong Start(ulong history) => Back(Volatile.Read(ref _ring.Tail), history);

    /// <summary>The writer waits for this reader no more.</summary>
    // step: gating.leave
    public void Leave(GatingSequence gate) => Volatile.Write(ref _gates, [.. _gates.Where(other => other != gate)]);

    /// <summary>Lets no later claim succeed: it throws, unless the broadcast was completed. The first reason stays, unless this end is disposed.</summary>
    public void Close(Exception reason)
    {
        // A full fence between the reason and the limit; its partner is the one in TryFindSpace. Whichever of the two sets the
        // limit last, it ends as 0, and the fast path leads to the exception.
        if (reason is ObjectDisposedException)
            Interlocked.Exchange(ref _closed, reason);
        else
            Interlocked.CompareExchange(ref _closed, reason, null);
        Volatile.Write(ref _limit, 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryWrite(in T value)
    {
        if (!TryBegin())
            return false;
        byte* slot = SlotOf(_next);
        *(T*)(slot + _valueOffset) = value;
        Commit(slot, 0);
        _claimOpen = false;
        return true;
    }

    public bool TryWrite(in T value, ReadOnlySpan<byte> payload)
    {
        if (!TryBegin(payload.Length))
            return false;
        byte* slot = SlotOf(_next);
        *(T*)(slot + _valueOffset) = value;
        payload.CopyTo(new Span<byte>(slot + _ring.Layout.PayloadOffset, payload.Length));
        Commit(slot, payload.Length);
        _claimOpen = false;
        return true;
    }

    /// <summary>Opens the next slot, the only one until it is committed or given up.</summary>
    /// <returns>False if readers that must not lose anything still need it, or the broadcast was completed.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryBegin()
    {
        if (_claimOpen)
            ThrowBusy();
        _claimOpen = true;
        if (_next >= Volatile.Read(ref _limit) && !RefreshLimit())
            return false;

        // step: lossy.odd. From here on no reader takes what stands there for the message that it was.
        ulong next = _next;
        *(ulong*)SlotOf(next) = Ring.InProgress(next);

        // step: lossy.barrier. The mark is stored before anything that is filled in. Pairs with lossy.order: who sees any of the new
        // bytes sees the mark too.
        Volatile.WriteBarrier();

        // step: lossy.fill, lossless.fill
        return true;
    }

    /// <summary>As <see cref="TryBegin()"/>, for a message with a payload of at most a given length.</summary>
    /// <exception cref="ArgumentException">That is more than there is room for.</exception>
    /// <exception cref="SystemCallException">There is no memory for it. The slot is as before.</exception>
    public bool TryBegin(int payloadLength)
    {
        if ((uint)payloadLength > (uint)_preallocatedPayload)
            Reserve(payloadLength);
        return TryBegin();
    }

    /// <summary>Whether there is room, made by cutting readers off if it is time for that.</summary>
    public bool TryMakeSpace()
    {
        if (_claimOpen)
            ThrowBusy();
        return _next < Volatile.Read(ref _limit) || TryFindSpace();
    }

    /// <summary>The number of the message that is being filled in.</summary>
    public ulong Next => _next;

    public byte* ClaimedValue(ulong claim)
    {
        if (claim != _next || !_claimOpen)
            ThrowNotOpen();
        return SlotOf(claim) + _valueOffset;
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
        return new Span<byte>(SlotOf(claim) + _ring.Layout.PayloadOffset, length);
    }

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

    /// <summary>Gives an open claim up. What was in the slot before is gone; nobody sees what was filled in.</summary>
    public void AbortClaim(ulong claim)
    {
        if (claim == _next)
            _claimOpen = false;
    }

    /// <summary>Says that this was all.</summary>
    public void Complete(Exception? error)
    {
        if (_claimOpen)
            ThrowBusy();
        if (IsClosed)
            ThrowClosed();
        Close(new ChannelClosedException("The broadcast was completed by this writer.", error));
        _ring.Completion.Complete(_next, error, _publisher);
    }

    /// <summary>Whether there is room, or will never be.</summary>
    public PollResult Poll()
    {
        if (IsClosed)
            return PollResult.Completed;
        foreach (GatingSequence gate in Volatile.Read(ref _gates))
        {
            // One that moves where it must not is no reason to wait: it is dropped by the next try.
            if (gate.TryLoad(out ulong head) && head >= gate.CachedPosition && Blocks(gate, head))
                return PollResult.Pending;
        }

        return PollResult.Ready;
    }

    /// <summary>False if the broadcast was completed without an error, otherwise throws why it was closed.</summary>
    public bool FalseIfCompleted()
    {
        if (Volatile.Read(ref _closed) is not ChannelClosedException completed)
            ThrowClosed();
        else if (completed.InnerException is { } error)
            throw error;
        return false;
    }

    /// <summary>For who must write: throws whatever the broadcast was closed for.</summary>
    public void ThrowIfClosed()
    {
        if (IsClosed)
            ThrowClosed();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* SlotOf(ulong message) => _slots + ((nint)(message & _mask) * _stride);

    private static ulong Back(ulong tail, ulong count) => tail - Math.Min(tail, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Commit(byte* slot, int payloadLength)
    {
        Padding<T>.Clear(slot + _valueOffset);
        if (_hasMarks)
            Mark(slot, payloadLength);

        // step: lossy.even, lossless.commit
        ulong next = _next;
        _publisher.Publish(ref *(ulong*)slot, Ring.Committed(next));

        // step: lossy.tail. Release: who starts from it finds all messages before it.
        Volatile.Write(ref _next, next + 1);
        Volatile.Write(ref *_tail, next + 1);
    }

    private void Mark(byte* slot, int payloadLength)
    {
        if (_ring.Shape.Messages.PublishTimes)
            *(long*)(slot + _ring.Layout.TimeOffset) = Stopwatch.GetTimestamp();
        if (PayloadCapacity > 0)
        {
            *(ulong*)(slot + _ring.Layout.LengthOffset) = (uint)payloadLength;
            if (_scrubber is not null)
                ScrubPayload(slot, payloadLength);
        }
    }

    private void ScrubPayload(byte* slot, int payloadLength)
    {
        int index = (int)((slot - _slots) / _stride);
        _scrubber!.Scrub(index, slot + _ring.Layout.PayloadOffset, payloadLength, _sparse?.RoomOf(index) ?? PayloadCapacity);
    }

    private bool Blocks(GatingSequence gate, ulong head) => Math.Max(head, gate.StartPosition) + _ring.Capacity <= _next;

    /// <summary>Makes sure that the next slot has room for a payload that is longer than any slot has from the start.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Reserve(int length)
    {
        if ((uint)length > (uint)PayloadCapacity)
            ThrowTooLong(length);
        _sparse!.Reserve((int)(_next & _mask), length);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool RefreshLimit()
    {
        bool room = false;
        try
        {
            return room = TryFindSpace();
        }
        finally
        {
            if (!room)
                _claimOpen = false;
        }
    }

    private bool TryFindSpace()
    {
        while (true)
        {
            GatingSequence[] gates = Volatile.Read(ref _gates);
            ulong limit = _isLossless ? FindLimit(gates) : Ring.MaxCount;

            // step: lossless.limit. See Join and Close for the fence.
            Volatile.Write(ref _limit, limit);
            Interlocked.MemoryBarrier();
            if (IsClosed)
            {
                Volatile.Write(ref _limit, 0);

                // To have completed is no error for who only tries; everything else is.
                if (Volatile.Read(ref _closed) is not ChannelClosedException)
                    ThrowClosed();
                return false;
            }

            if (Volatile.Read(ref _gates) != gates)
                continue;
            if (_next < limit)
                return true;
            if (!CutOff(gates))
                return false;
        }
    }

    /// <summary>The first message for which there is no room yet.</summary>
    private ulong FindLimit(GatingSequence[] gates)
    {
        ulong slowest = _next;
        foreach (GatingSequence gate in gates)
        {
            if (!gate.TryLoad(out ulong head))
                continue;
            if (head < gate.CachedPosition || head > _next)
            {
                Drop(gate, new ProtocolException($"{gate.Link.Identity} says that it has read up to message {head}, but it had read {gate.CachedPosition} before and {_next} are written. It was disconnected."));
                continue;
            }

            gate.CachedPosition = head;

            // step: gating.slowest
            slowest = Math.Min(slowest, Math.Max(head, gate.StartPosition));
        }

        return slowest + _ring.Capacity;
    }

    /// <summary>Cuts those off who have held this message up for too long.</summary>
    /// <returns>False if it is not time yet.</returns>
    private bool CutOff(GatingSequence[] gates)
    {
        long now = Environment.TickCount64;
        if (_blockedAt != _next)
        {
            _blockedAt = _next;
            _blockedSince = now;
        }

        if (now - _blockedSince < _cutOffAfter)
            return false;

        foreach (GatingSequence gate in gates)
        {
            if (!gate.TryLoad(out ulong head) || !Blocks(gate, head))
                continue;

            // step: lossless.cut
            Volatile.Write(ref gate.Link.Own.Cut, 1);

            // step: lossless.cut-barrier. The word is stored before anything that the reader has not given back is overwritten, the slot's
            // sequence included. Pairs with the acquiring load of the sequence in RingReader: a reader that was overtaken finds out why.
            Volatile.WriteBarrier();
            Drop(gate, new CutOffException($"{gate.Link.Identity} was cut off: it has not read message {Math.Max(head, gate.StartPosition)} of {_next}, and held the writer up for {now - _blockedSince} ms."));
        }

        return true;
    }

    private void Drop(GatingSequence gate, SharedMemoryException reason)
    {
        gate.IsOpen = true;
        gate.Link.Dispose();
        Dropped(gate.Link.Identity, reason);
    }

    [DoesNotReturn]
    private void ThrowClosed() => throw Volatile.Read(ref _closed)! switch
    {
        ObjectDisposedException disposed => new ObjectDisposedException(disposed.ObjectName),
        Exception other => new ChannelClosedException(other.Message, other.InnerException),
    };

    [DoesNotReturn]
    private static void ThrowBusy() => throw new InvalidOperationException("A claim of this writer is still open, or another thread is using it. Commit or dispose the claim first; a broadcast has one writer.");

    [DoesNotReturn]
    private static void ThrowNotOpen() => throw new InvalidOperationException("The claim is not open any more: it was committed, or disposed. Claim again.");

    [DoesNotReturn]
    private void ThrowTooLong(int length) => throw new ArgumentException($"The payload has {length} bytes, but a message of this broadcast has room for {PayloadCapacity} (MessageOptions.PayloadCapacity of its creator).");
}
