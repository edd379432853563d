using System.Runtime.CompilerServices;
using System.Threading.Channels;
using TypedShm.Interop;
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
internal sealed unsafe partial class RingWriter<T>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly Ring _ring;
    private readonly Publisher _publisher;
    private readonly ulong* _tail;
    private readonly bool _isLossless;
    private readonly long _cutOffAfter;
    private SlotWriter<T> _writer;
    private GatingSequence[] _gates = [];
    private ulong _limit;
    private ClosingReason _closed;
    private ulong _blockedAt = ulong.MaxValue;
    private long _blockedSince;

    /// <param name="ring">The memory, which the writer owns.</param>
    /// <param name="publisher">Wakes the readers.</param>
    /// <param name="cutOffAfter">How long a reader may hold a message up.</param>
    /// <param name="isExact">Whether two threads at once are always noticed.</param>
    public RingWriter(Ring ring, Publisher publisher, TimeSpan? cutOffAfter, bool isExact = false)
    {
        _ring = ring;
        _publisher = publisher;
        _tail = (ulong*)Unsafe.AsPointer(ref ring.Tail);
        _writer = new SlotWriter<T>(ring.Region, ring.Capacity, isExact, "a broadcast has one writer");
        _isLossless = ring.Shape.IsLossless;
        _cutOffAfter = cutOffAfter is { } limit ? (long)Math.Ceiling(limit.TotalMilliseconds) : long.MaxValue;
        _limit = Ring.MaxCount;
    }

    /// <summary>Told about a reader that was cut off, or that broke the protocol.</summary>
    public required Action<PeerIdentity, SharedMemoryException> Dropped { get; init; }

    public Ring Ring => _ring;

    /// <summary>How many messages have been written.</summary>
    public ulong Written => _writer.Written;

    public bool IsClosed => _closed.IsClosed;

    public int PayloadCapacity => _writer.PayloadCapacity;

    /// <inheritdoc cref="ClaimNumbers.After"/>
    public ulong ClaimNumber
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _writer.Claims.After(_writer.Next);
    }

    /// <inheritdoc cref="SlotWriter{T}.ScrubPayloads"/>
    public void ScrubPayloads() => _writer.ScrubPayloads();

    /// <summary>The first message that a reader of a broadcast that may lose some gets.</summary>
    public ulong Start(ulong history) => Back(Volatile.Read(ref _ring.Tail), history);

    /// <summary>
    /// Lets no later claim succeed: it throws, unless the broadcast was completed. The first reason stays, unless this end is disposed.
    /// </summary>
    /// <returns>Whether this is the reason now.</returns>
    public bool Close(Exception reason)
    {
        // A full fence between the reason and the limit; its partner is the one in TryFindSpace. Whichever of the two sets the
        // limit last, it ends as 0, and the fast path leads to the exception.
        bool isFirst = _closed.TrySet(reason);
        Volatile.Write(ref _limit, 0);
        return isFirst;
    }

    /// <summary>Gives the memory up, after an open claim, if there is one. The writer was closed before. Any thread.</summary>
    public void DisposeMemory()
    {
        if (_writer.Close())
            _ring.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryWrite(in T value)
    {
        if (!TryBegin(out byte* slot))
            return false;
        _writer.Slots.ValueIn(slot) = value;
        Commit(slot, 0);
        return true;
    }

    public bool TryWrite(in T value, ReadOnlySpan<byte> payload)
    {
        _writer.Reserve(payload.Length);
        if (!TryBegin(out byte* slot))
            return false;
        _writer.Slots.ValueIn(slot) = value;
        _writer.Fill(slot, payload);
        Commit(slot, payload.Length);
        return true;
    }

    /// <summary>Writes several messages, if there is room for all: a reader sees all or none.</summary>
    public bool TryWriteBatch(ReadOnlySpan<T> values)
    {
        if (values.IsEmpty)
        {
            _closed.ThrowIfFailed();
            return !IsClosed;
        }

        if (values.Length > (int)_ring.Capacity)
            throw new ArgumentOutOfRangeException(
                nameof(values), values.Length, $"A batch has at most {_ring.Capacity} messages, as many as the broadcast has room for.");
        if (!TryEnter(values.Length))
            return false;

        // All slots are marked before any is filled in, see TryBegin.
        ulong first = _writer.Next;
        for (int i = 0; i < values.Length; i++)
            _writer.Slots.SequenceOf(first + (ulong)i) = Ring.InProgress(first + (ulong)i);
        CrashPoint.Reach(CrashStep.RingBatchOdd);
        Volatile.WriteBarrier();
        for (int i = 0; i < values.Length; i++)
            _writer.Slots.ValueOf(first + (ulong)i) = values[i];
        CommitBatch(values.Length);
        return true;
    }

    /// <summary>Opens the next slot, the only one until it is committed or given up.</summary>
    /// <returns>False if readers that must not lose anything still need it, or the broadcast was completed.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryBegin() => TryBegin(out _);

    /// <summary>As <see cref="TryBegin()"/>, for a message with a payload of at most a given length.</summary>
    /// <exception cref="ArgumentException">That is more than there is room for.</exception>
    /// <exception cref="SystemCallException">There is no memory for it. The slot is as before.</exception>
    public bool TryBegin(int payloadLength)
    {
        _writer.Reserve(payloadLength);
        return TryBegin(out _);
    }

    /// <summary>Whether there is room, made by cutting readers off if it is time for that.</summary>
    public bool TryMakeSpace()
    {
        if (!_writer.TryEnter())
            return CannotEnter();
        try
        {
            return _writer.Next < Volatile.Read(ref _limit) || TryFindSpace(1);
        }
        finally
        {
            Exit();
        }
    }

    /// <inheritdoc cref="SlotWriter{T}.ClaimedValue"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T ClaimedValue(ulong claim) => ref _writer.ClaimedValue(claim);

    /// <summary>The room for the payload of the open claim, at most so many bytes.</summary>
    public Span<byte> ClaimedPayload(ulong claim, int most = int.MaxValue) => _writer.ClaimedPayload(claim, most);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CommitClaim(ulong claim, int payloadLength)
    {
        _writer.CheckOpen(claim);
        _writer.Reserve(payloadLength);
        _closed.ThrowIfClosed();
        Commit(_writer.OpenSlot, payloadLength);
    }

    /// <summary>Gives an open claim up. What was in the slot before is gone; nobody sees what was filled in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AbortClaim(ulong claim)
    {
        if (claim == ClaimNumber)
            Abort();
    }

    /// <summary>Says that this was all.</summary>
    /// <returns>False if the broadcast is closed already, for whatever reason.</returns>
    public bool TryComplete(Exception? error)
    {
        if (!_writer.TryEnter())
            return CannotEnter();
        try
        {
            if (!Close(new ChannelClosedException("The broadcast was completed by this writer.", error)))
                return false;
            _ring.Completion.Complete(_writer.Next, error, _publisher);
            return true;
        }
        finally
        {
            Exit();
        }
    }

    /// <inheritdoc cref="ClosingReason.FalseIfCompleted"/>
    public bool FalseIfCompleted() => _closed.FalseIfCompleted();

    /// <inheritdoc cref="ClosingReason.ThrowIfClosed"/>
    public void ThrowIfClosed() => _closed.ThrowIfClosed();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryBegin(out byte* slot)
    {
        slot = null;
        if (!TryEnter(1))
            return false;

        // step: lossy.odd. From here on no reader takes what stands there for the message that it was.
        ulong next = _writer.Next;
        slot = _writer.Slots.SlotOf(next);
        *(ulong*)slot = Ring.InProgress(next);
        CrashPoint.Reach(CrashStep.RingOdd);

        // step: lossy.barrier. The mark is stored before anything that is filled in. Pairs with lossy.order: who sees any of the new
        // bytes sees the mark too.
        Volatile.WriteBarrier();

        // step: lossy.fill, lossless.fill
        return true;
    }

    /// <summary>Begins a write or a claim of some messages.</summary>
    /// <returns>False if there is no room for all, or the broadcast was completed.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryEnter(int count)
    {
        if (!_writer.TryEnter())
            return CannotEnter();
        return _writer.Next + (ulong)count <= Volatile.Read(ref _limit) || RefreshLimit(count);
    }

    private static ulong Back(ulong tail, ulong count) => tail - Math.Min(tail, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Commit(byte* slot, int payloadLength)
    {
        CrashPoint.Reach(CrashStep.RingFilled);
        slot = _writer.WriteSlotHeader(slot, payloadLength);

        // step: lossy.even, lossless.commit
        ulong next = _writer.Next;
        _publisher.Publish(ref *(ulong*)slot, Ring.Committed(next));
        CrashPoint.Reach(CrashStep.RingCommitted);

        // step: lossy.tail. Release: who starts from it finds all messages before it.
        _writer.Advance(next + 1);
        Volatile.Write(ref *_tail, next + 1);
        CrashPoint.Reach(CrashStep.RingCounted);
        Exit();
    }

    // From the last to the first: readers wait for the first, which is stored with release semantics after all the others, so they find all
    // or, if this process is killed in between, none. One that was lapped goes on from the tail, which is stored after all of them.
    // Apart, as that of a lane.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CommitBatch(int count)
    {
        ulong first = _writer.Next;
        _writer.WriteSlotHeaders(count);
        for (ulong message = first + (ulong)count - 1; message > first; message--)
        {
            Volatile.Write(ref _writer.Slots.SequenceOf(message), Ring.Committed(message));
            CrashPoint.Reach(CrashStep.RingBatchHalf);
        }

        _publisher.Publish(ref _writer.Slots.SequenceOf(first), Ring.Committed(first));
        _writer.Advance(first + (ulong)count);
        Volatile.Write(ref *_tail, first + (ulong)count);
        Exit();
    }

    // Apart, so that the check is all there is of it in a finally block, of which the JIT then makes no call.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Abort()
    {
        _writer.AbortClaim();
        Exit();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Exit()
    {
        if (_writer.Exit())
            _ring.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool CannotEnter()
    {
        if (_writer.IsFinished)
            _ring.Dispose();
        else
            _writer.ThrowIfInUse();
        _closed.ThrowIfFailed();
        return false;
    }

    /// <summary>Whether there is room after all; otherwise the claim is over.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool RefreshLimit(int count)
    {
        bool hasRoom = false;
        try
        {
            return hasRoom = TryFindSpace(count);
        }
        finally
        {
            if (!hasRoom)
                Exit();
        }
    }
}
