using System.Runtime.CompilerServices;
using TypedShm.Interop;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Rings;

/// <summary>The reading side of one lane. One thread at a time, but held messages may be given back by any.</summary>
internal unsafe class LaneReader<T>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly Lane _lane;
    private readonly Link _link;
    private readonly Publisher _publisher;
    private readonly ulong* _headWord;
    private readonly SlotAccess<T> _slots;
    private readonly Lock _gate = new();
    private ulong _next;
    private ulong _head;
    private bool _stopped;
    private int _held;
    private ulong[]? _released;
    private Stack<HeldSlot<T>>? _spares;
    private bool _disposeWhenReleased;
    private ulong _readAfterEnd;
    private bool _isExhausted;
    private ProtocolException? _fault;

    /// <param name="lane">The lane.</param>
    /// <param name="link">The connection to its writer.</param>
    /// <param name="start">The first message to be read.</param>
    /// <param name="publisher">Publishes what was given back; null for one that wakes the writer, which waits for room.</param>
    public LaneReader(Lane lane, Link link, ulong start, Publisher? publisher = null)
    {
        _lane = lane;
        _link = link;
        _publisher = publisher ?? Publisher.To(link);
        _headWord = link.Own.Head;
        _slots = new SlotAccess<T>(lane.Region, lane.Capacity);
        _next = _head = start;
        Peer = new SharedPeer(link);
    }

    public Link Link => _link;

    public Lane Lane => _lane;

    public SharedPeer Peer { get; }

    public SlotAccess<T> Slots => _slots;

    /// <summary>The sequence of the message that is read next.</summary>
    public ulong Next => _next;

    /// <summary>How many messages have been given back.</summary>
    public ulong ReleasedCount => Volatile.Read(ref *_headWord);

    /// <summary>Whether the next message is there.</summary>
    public bool HasMessage
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]

        // step: slot.look. Acquire: pairs with the release of publish.store, so that what was filled in before is seen. Nothing but
        // equality counts: whatever else a hostile writer puts there, there is no message yet.
        get => Volatile.Read(ref _slots.SequenceOf(_next)) == _next + 1 && !_stopped;
    }

    /// <summary>Copies the next message out and gives its slot back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTake(out T value)
    {
        ulong next = _next;
        byte* slot = _slots.SlotOf(next);
        if (Volatile.Read(ref *(ulong*)slot) != next + 1 || _stopped)
        {
            Unsafe.SkipInit(out value);
            return false;
        }

        // step: slot.copy. The memory outlasts whoever reads, see LaneMerger.
        value = _slots.ValueIn(slot);
        Advance(1);
        return true;
    }

    /// <summary>Goes on to the next message and gives the slots of those before it back, unless older ones are held.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance(int count)
    {
        ulong from = _next;
        ulong next = from + (ulong)count;
        CrashPoint.Reach(CrashStep.SlotRead);
        _next = next;

        // step: slot.release. Acquire: once nothing is held, what the last release stored in Head is older than what is stored here. The
        // words of a link that has ended are not there for ever, and nobody looks at them; they outlast whoever has just found it open.
        if (Volatile.Read(ref _held) != 0)
            ReleaseRange(from, count);
        else if (!_link.HasEnded)
            _publisher.Publish(ref *_headWord, next);
        else
            CountAfterEnd(count);
        CrashPoint.Reach(CrashStep.SlotReleased);
    }

    /// <summary>Goes on to the next message, but keeps the slot of this one until <see cref="Release(ulong)"/>.</summary>
    public ulong Hold()
    {
        lock (_gate)
        {
            if (_held == 0)
                _head = _next;
            _released ??= new ulong[(_lane.Capacity + 63) / 64];
            Volatile.Write(ref _held, _held + 1);
            if (_link.HasEnded)
                CountAfterEnd(1);
            return _next++;
        }
    }

    /// <summary>
    /// As <see cref="Hold()"/>, with what stands for the message. What was used before for one of this lane is used again.
    /// </summary>
    /// <param name="payloadLength">The length of its payload.</param>
    public HeldSlot<T> Hold(int payloadLength)
    {
        HeldSlot<T>? slot = null;
        lock (_gate)
            _spares?.TryPop(out slot);
        slot ??= new HeldSlot<T>(this);
        slot.Begin(Hold(), payloadLength);
        return slot;
    }

    /// <summary>Gives the slot of a held message back. Any thread, any order.</summary>
    public void Release(ulong position)
    {
        lock (_gate)
        {
            MarkReleased(position, true);
            CrashPoint.Reach(CrashStep.HeldReleased);
            AdvanceHead();

            // Release: see Advance.
            Volatile.Write(ref _held, _held - 1);
            if (_disposeWhenReleased && _held == 0)
                _lane.Dispose();
        }
    }

    /// <summary>As <see cref="Release(ulong)"/>, of what <see cref="Hold(int)"/> returned.</summary>
    public void Release(HeldSlot<T> slot, ulong position)
    {
        Release(position);
        lock (_gate)
            (_spares ??= new Stack<HeldSlot<T>>()).Push(slot);
    }

    /// <summary>The payload of a message that is there.</summary>
    /// <exception cref="ProtocolException">The writer states an impossible length.</exception>
    public ReadOnlySpan<byte> PayloadOf(ulong position) => new(_slots.PayloadOf(position), PayloadLength(position));

    /// <summary>The length of a payload, loaded once and checked. The writer can change the word at any time.</summary>
    public int PayloadLength(ulong position)
    {
        int capacity = _slots.Layout.PayloadCapacity;
        if (capacity == 0)
            return 0;
        uint length = _slots.LengthOf(position);
        if (length > (uint)capacity)
            throw Faulted(new ProtocolException(
                $"{_link.Identity} says that a payload has {length} bytes, but there is room for {capacity}. It was disconnected."));
        return (int)length;
    }

    /// <summary>How many messages are there, at most <paramref name="most"/>.</summary>
    public int Available(int most)
    {
        int limit = _stopped ? 0 : (int)Math.Min((ulong)most, _lane.Capacity);
        int count = 0;
        ulong next = _next;
        while (count < limit && Volatile.Read(ref _slots.SequenceOf(next + (ulong)count)) == next + (ulong)count + 1)
            count++;
        return count;
    }

    /// <summary>How many messages are there from a position on; an estimate while they are written. Any thread.</summary>
    /// <remarks>
    /// Messages become visible in order, those of a batch together, so that the last one is found by halving: a server that has to say what
    /// it counts takes some 20 loads for it, and not one of each slot.
    /// </remarks>
    public ulong CountUnread(ulong next)
    {
        ulong least = 0;
        ulong most = _lane.Capacity;
        while (least < most)
        {
            ulong middle = least + ((most - least + 1) / 2);
            if (Volatile.Read(ref _slots.SequenceOf(next + middle - 1)) == next + middle)
                least = middle;
            else
                most = middle - 1;
        }

        return least;
    }

    /// <summary>Whether nothing will come any more, after everything that came was read.</summary>
    /// <param name="error">What the lane ended with; null for a good end.</param>
    /// <param name="completed">Whether its writer said that this was all; if not, it left.</param>
    public bool IsOver(out SharedMemoryException? error, out bool completed)
    {
        error = Fault;
        completed = false;
        if (error is not null)
            return true;

        // Before the look for a message: what was published before the end counts.
        bool ended = _link.HasEnded;
        CompletionState end = (CompletionState)Volatile.Read(ref _lane.End);
        if (HasMessage || (_stopped && !_isExhausted))
            return false;

        if (end is CompletionState.Completed or CompletionState.CompletedWithError && !_isExhausted)
        {
            ulong count = _lane.TotalCount;
            if (count == _next)
            {
                completed = true;
                error = end == CompletionState.Completed ? null : new SharedMemoryException(
                    $"{_link.Identity}, which wrote to the queue, completed it with an error. {_lane.ErrorText()}");
                return true;
            }

            error = Faulted(new ProtocolException(
                $"{_link.Identity} says that it has written {count} messages, but message {_next} is not there. It was disconnected."));
            return true;
        }

        if (!ended)
            return false;
        if (!_link.WasClosed)
            error = new PeerGoneException($"{_link.Identity}, which wrote to the queue, is gone without having completed it. The "
                + $"{_next} messages that it committed were read.", wasClosed: false);
        return true;
    }

    /// <summary>What the writer did that the protocol does not allow.</summary>
    public ProtocolException? Fault => Volatile.Read(ref _fault);

    /// <summary>Everything was read, or nobody reads any more: gives the memory up as soon as no message is held any more.</summary>
    public void DisposeWhenReleased()
    {
        lock (_gate)
        {
            _disposeWhenReleased = true;
            if (_held == 0)
                _lane.Dispose();
        }
    }

    /// <summary>Nothing more is read from the lane, which is about to be given up.</summary>
    public void Stop() => Volatile.Write(ref _stopped, true);

    /// <summary>Gives the lane up because of what its writer did.</summary>
    /// <returns>The fault.</returns>
    protected ProtocolException Faulted(ProtocolException fault)
    {
        Volatile.Write(ref _fault, fault);
        Stop();
        return fault;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReleaseRange(ulong from, int count)
    {
        lock (_gate)
        {
            for (int i = 0; i < count; i++)
                MarkReleased(from + (ulong)i, true);
            AdvanceHead();
        }

        if (_link.HasEnded)
            CountAfterEnd(count);
    }

    // Whoever hangs up has written at most a lane full of messages that were not read. A writer that hangs up and goes on writing is not
    // read for ever.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CountAfterEnd(int count)
    {
        _readAfterEnd += (ulong)count;
        if (_readAfterEnd < _lane.Capacity)
            return;
        _isExhausted = true;
        Stop();
    }

    // Moves the head over everything that was given back.
    private void AdvanceHead()
    {
        ulong head = _head;
        while (head != _next && IsReleased(head))
            MarkReleased(head++, false);
        if (head != _head)
        {
            _head = head;

            // See Advance.
            if (!_link.HasEnded)
                _publisher.Publish(ref *_headWord, head);
        }
    }

    private bool IsReleased(ulong position) => (_released![_slots.IndexOf(position) >> 6] >> (_slots.IndexOf(position) & 63) & 1) != 0;

    private void MarkReleased(ulong position, bool released)
    {
        int index = _slots.IndexOf(position);
        ref ulong word = ref _released![index >> 6];
        ulong bit = 1ul << (index & 63);
        word = released ? word | bit : word & ~bit;
    }
}
