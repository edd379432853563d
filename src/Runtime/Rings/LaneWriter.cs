using System.Runtime.CompilerServices;
using System.Threading.Channels;
using TypedShm.Interop;
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
internal sealed unsafe partial class LaneWriter<T> : Announcer
    where T : unmanaged, ISharedLayout<T>
{
    private readonly Lane _lane;
    private readonly bool _isPlain;
    private SlotWriter<T> _writer;
    private ulong _limit;
    private ulong _plainLimit;
    private Link? _link;
    private ulong _head;
    private bool _suspended;
    private ClosingReason _closed;

    /// <param name="lane">The lane, which the writer owns.</param>
    /// <param name="publisher">Wakes the reader.</param>
    /// <param name="isExact">Whether two threads at once are always noticed.</param>
    public LaneWriter(Lane lane, Publisher publisher, bool isExact = false)
        : base(publisher)
    {
        _lane = lane;
        _writer = new SlotWriter<T>(lane.Region, lane.Capacity, isExact, "give each thread a writer of its own (AddLane)");
        _isPlain = !isExact && !_writer.HasFields;
        SetLimit(lane.Capacity);
    }

    public Lane Lane => _lane;

    /// <summary>How many messages have been written.</summary>
    public ulong Written => _writer.Written;

    /// <summary>How many of them the reader has given back, as far as is known.</summary>
    public ulong Head => Math.Max(Volatile.Read(ref _head), Volatile.Read(ref _leftAt));

    /// <summary>How many of them it has not, as far as is known. A message that it has may not be counted yet. Any thread.</summary>
    public ulong NotGivenBack => (ulong)UnreadAfter(Head);

    public bool IsClosed => _closed.IsClosed;

    /// <summary>What the reader did that the protocol does not allow.</summary>
    public ProtocolException? Fault => _closed.Fault;

    /// <summary>Whether the memory was given up, so that nothing more is ever written.</summary>
    public bool IsFinished => _writer.IsFinished;

    public int PayloadCapacity => _writer.PayloadCapacity;

    /// <inheritdoc cref="ClaimNumbers.After"/>
    public ulong ClaimNumber
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _writer.Claims.After(_writer.Next);
    }

    /// <summary>
    /// Lets no later claim succeed: it throws, unless the lane was completed. The first reason stays, unless this end is disposed.
    /// </summary>
    /// <returns>Whether this is the reason now.</returns>
    public bool Close(Exception reason)
    {
        // A full fence between the reason and the limit; its partner is the one in RefreshLimit. Whichever of the two sets the limit
        // last, it ends as 0, and the fast path leads to the exception.
        bool isFirst = _closed.TrySet(reason);
        SetLimit(0);
        return isFirst;
    }

    /// <summary>Gives the memory up, after an open claim, if there is one. The lane was closed or suspended before. Any thread.</summary>
    public void DisposeMemory()
    {
        if (_writer.Close())
            _lane.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryWrite(in T value)
    {
        // As TryBegin and Commit do it, but each word is loaded once, and one comparison says that there is room, that nobody closes the
        // lane, and that nothing stands in its slots but sequence and value: what a message costs are its instructions.
        if (_writer.Use.InUse)
            return TryWriteInUse(in value);
        Volatile.Write(ref _writer.Use.InUse, true);
        ulong position = _writer.Next;
        ulong next = position + 1;

        // step: lane.look. After the store, as exclusive.look: whoever closes sets the limit before the barrier.
        if (next > Volatile.Read(ref _plainLimit))
            return TryWriteEntered(in value);
        byte* slot = ((nint)(position & _writer.Slots.Mask) * _writer.Slots.Stride) + _writer.Slots.First;

        // step: slot.fill
        *(T*)(slot + PlainSlot<T>.ValueOffset) = value;
        CrashPoint.Reach(CrashStep.SlotFilled);
        Padding<T>.Clear(slot + PlainSlot<T>.ValueOffset);

        Publish(slot, next);
        CrashPoint.Reach(CrashStep.SlotCommitted);
        Volatile.Write(ref _writer.Use.InUse, false);
        if (Volatile.Read(ref _writer.Use.Attention) != 0)
            ExitChecked();
        return true;
    }

    public bool TryWrite(in T value, ReadOnlySpan<byte> payload)
    {
        if (!TryBegin(1, payload.Length))
            return false;
        byte* slot = _writer.Slots.SlotOf(_writer.Next);
        _writer.Slots.ValueIn(slot) = value;
        _writer.Fill(slot, payload);
        Commit(slot, payload.Length);
        return true;
    }

    /// <summary>Writes several messages, if there is room for all: the reader sees all or none.</summary>
    public bool TryWriteBatch(ReadOnlySpan<T> values)
    {
        if (values.IsEmpty)
        {
            _closed.ThrowIfFailed();
            return !IsClosed;
        }

        if (!TryBegin(values.Length))
            return false;
        for (int i = 0; i < values.Length; i++)
            _writer.Slots.ValueOf(_writer.Next + (ulong)i) = values[i];
        CommitBatch(values.Length);
        return true;
    }

    /// <summary>Takes some slots, the only ones until they are committed or aborted.</summary>
    /// <returns>False if there is no room, or the lane was completed.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryBegin(int count)
    {
        if (!_writer.TryEnter())
            return CannotEnter();
        if (_writer.Next + (ulong)count <= _limit)
            return true;
        return RefreshLimit(count);
    }

    /// <summary>As <see cref="TryBegin(int)"/>, of slots for a message with a payload of at most a given length.</summary>
    /// <exception cref="ArgumentException">That is more than there is room for.</exception>
    /// <exception cref="SystemCallException">There is no memory for it. No claim is open.</exception>
    public bool TryBegin(int count, int payloadLength)
    {
        // How long payloads may be is up to the reader that is to come.
        if (!Volatile.Read(ref _suspended))
            _writer.Reserve(payloadLength);
        return TryBegin(count);
    }

    /// <inheritdoc cref="SlotWriter{T}.ClaimedValue"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T ClaimedValue(ulong claim) => ref _writer.ClaimedValue(claim);

    /// <summary>One of the values of a batch.</summary>
    public ref T ClaimedValue(ulong claim, int index)
    {
        _writer.CheckOpen(claim);
        return ref _writer.Slots.ValueOf(_writer.Next + (ulong)index);
    }

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

    public void CommitClaims(ulong claim, int count)
    {
        _writer.CheckOpen(claim);
        _closed.ThrowIfClosed();
        CommitBatch(count);
    }

    /// <summary>Publishes the open claim as the request or response of a call. If the lane was closed meanwhile, nobody sees it.</summary>
    public void CommitCall(ulong call, CallOutcome outcome, int payloadLength)
    {
        _writer.Slots.SetCall(_writer.OpenSlot, call, outcome);
        Commit(_writer.OpenSlot, payloadLength);
    }

    /// <summary>Gives an open claim up; nothing of it was or will be seen.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AbortClaim(ulong claim)
    {
        if (claim == ClaimNumber)
            Abort();
    }

    /// <summary>Says that this was all.</summary>
    /// <returns>False if the lane is closed already, for whatever reason.</returns>
    public bool TryComplete(Exception? error)
    {
        if (!_writer.TryEnter())
            return CannotEnter();
        try
        {
            if (!Close(new ChannelClosedException("The queue was completed by this writer.", error)))
                return false;
            _lane.Complete(_writer.Next, error, Publisher);
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
    private void Commit(byte* slot, int payloadLength)
    {
        CrashPoint.Reach(CrashStep.SlotFilled);
        slot = _writer.WriteSlotHeader(slot, payloadLength);

        Publish(slot, _writer.Next + 1);
        CrashPoint.Reach(CrashStep.SlotCommitted);
        Exit();
    }

    // While the line of a slot is on its way, the stores into it are put together as long as no other one stands between them: the message
    // is counted after it, and before the call that wakes the reader, over which its number would have to be kept.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Publish(byte* slot, ulong next)
    {
        // step: slot.commit, publish.store
        Volatile.Write(ref *(ulong*)slot, next);
        _writer.Advance(next);
        this.Announce();
    }

    // step: slot.batch. From the last to the first: the reader waits for the first, which is stored with release semantics after all the
    // others, so it finds all or, if this process is killed in between, none.
    // Apart, and nothing is called in the loop: what is kept on the stack meanwhile would stand between the stores into the slots.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CommitBatch(int count)
    {
        ulong first = _writer.Next;
        CrashPoint.Reach(CrashStep.BatchFilled);
        _writer.WriteSlotHeaders(count);
        for (ulong next = first + (ulong)count; next > first + 1; next--)
        {
            _writer.Slots.SequenceOf(next - 1) = next;
            CrashPoint.Reach(CrashStep.BatchHalf);
        }

        this.Publish(ref _writer.Slots.SequenceOf(first), first + 1);
        CrashPoint.Reach(CrashStep.BatchCommitted);
        _writer.Advance(first + (ulong)count);
        Exit();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryWriteInUse(in T value)
    {
        if (!_writer.Use.TryEnterInUse())
            return CannotEnter();
        return TryWriteBegun(in value);
    }

    // InUse was set, and this is no plain write: somebody asks for attention, there may be no room, or more stands in the slots.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryWriteEntered(in T value)
    {
        if (Volatile.Read(ref _writer.Use.Attention) != 0 && !_writer.Use.TryEnterChecked())
            return CannotEnter();
        return TryWriteBegun(in value);
    }

    private bool TryWriteBegun(in T value)
    {
        if (_writer.Next + 1 > _limit && !RefreshLimit(1))
            return false;
        byte* slot = _writer.Slots.SlotOf(_writer.Next);
        _writer.Slots.ValueIn(slot) = value;
        Commit(slot, 0);
        return true;
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
        Volatile.Write(ref _writer.Use.InUse, false);
        if (Volatile.Read(ref _writer.Use.Attention) != 0)
            ExitChecked();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ExitChecked()
    {
        if (_writer.Use.ExitChecked())
            _lane.Dispose();
    }

    // A lane whose memory was given up was closed before, or has been replaced by another one: then there is no room here any more.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool CannotEnter()
    {
        if (_writer.IsFinished)
            _lane.Dispose();
        else
            _writer.ThrowIfInUse();
        _closed.ThrowIfFailed();
        return false;
    }
}
