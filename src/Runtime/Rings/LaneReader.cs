using System.Runtime.CompilerServices;
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
    private readonly byte* _slots;
    private readonly ulong _mask;
    private readonly nint _stride;
    private readonly nint _valueOffset;
    private readonly Lock _gate = new();
    private ulong _next;
    private ulong _head;
    private bool _revoked;
    private int _held;
    private ulong[]? _released;
    private bool _disposeWhenReleased;
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
        _slots = lane.Slots;
        _mask = lane.Capacity - 1;
        _stride = lane.Stride;
        _valueOffset = lane.Layout.ValueOffset;
        _next = _head = start;
        Peer = new SharedPeer(link);
    }

    public Link Link => _link;

    public Lane Lane => _lane;

    public SharedPeer Peer { get; }

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
        get => Volatile.Read(ref *(ulong*)SlotOf(_next)) == _next + 1;
    }

    /// <summary>Copies the next message out and gives its slot back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTake(out T value)
    {
        ulong next = _next;
        byte* slot = SlotOf(next);
        if (Volatile.Read(ref *(ulong*)slot) != next + 1)
        {
            Unsafe.SkipInit(out value);
            return false;
        }

        // step: slot.copy
        value = *(T*)(slot + _valueOffset);

        // The page may have become zeros while it was copied. The flag is set before that happens; loaded after the copy,
        // which the barrier is for, it proves that it had not.
        Volatile.ReadBarrier();
        if (_revoked)
            return false;
        Advance(1);
        return true;
    }

    /// <summary>Goes on to the next message and gives the slots of those before it back, unless older ones are held.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance(int count)
    {
        ulong from = _next;
        ulong next = from + (ulong)count;
        _next = next;

        // step: slot.release, hold.pass. Acquire: once nothing is held, what the last release stored in Head is older than what is stored
        // here. The words of a link that has ended are not there for ever, and nobody looks at them; they outlast whoever has just found
        // it open.
        if (Volatile.Read(ref _held) != 0)
            ReleaseRange(from, count);
        else if (!_link.HasEnded)
            _publisher.Publish(ref *_headWord, next);
    }

    /// <summary>Goes on to the next message, but keeps the slot of this one until <see cref="Release"/>.</summary>
    public ulong Hold()
    {
        lock (_gate)
        {
            // step: hold.first. Until now the head was published without it.
            if (_held == 0)
                _head = _next;
            _released ??= new ulong[(_lane.Capacity + 63) / 64];

            // step: hold.count
            Volatile.Write(ref _held, _held + 1);
            return _next++;
        }
    }

    /// <summary>Gives the slot of a held message back. Any thread, any order.</summary>
    public void Release(ulong position)
    {
        lock (_gate)
        {
            MarkReleased(position, true);
            AdvanceHead();

            // step: hold.release. Release, and after the head is stored: see Advance.
            Volatile.Write(ref _held, _held - 1);
            if (_disposeWhenReleased && _held == 0)
                _lane.Dispose();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* SlotOf(ulong position) => _slots + ((nint)(position & _mask) * _stride);

    public byte* ValueOf(ulong position) => SlotOf(position) + _valueOffset;

    /// <summary>The payload of a message that is there.</summary>
    /// <exception cref="ProtocolException">The writer states an impossible length.</exception>
    public ReadOnlySpan<byte> PayloadOf(ulong position) => new(SlotOf(position) + _lane.Layout.PayloadOffset, PayloadLength(position));

    /// <summary>The length of a payload, loaded once and checked. The writer can change the word at any time.</summary>
    public int PayloadLength(ulong position)
    {
        if (_lane.Layout.PayloadCapacity == 0)
            return 0;
        uint length = Volatile.Read(ref *(uint*)(SlotOf(position) + _lane.Layout.LengthOffset));
        if (length > (uint)_lane.Layout.PayloadCapacity)
            throw Faulted(new ProtocolException($"{_link.Identity} says that a payload has {length} bytes, but there is room for {_lane.Layout.PayloadCapacity}. It was disconnected."));
        return (int)length;
    }

    /// <summary>The number of the call that a message belongs to.</summary>
    public ulong CallOf(ulong position) => Volatile.Read(ref *(ulong*)(SlotOf(position) + _lane.Layout.CallOffset));

    /// <summary>How the call ended that a message answers.</summary>
    public CallOutcome OutcomeOf(ulong position) => (CallOutcome)Volatile.Read(ref *(uint*)(SlotOf(position) + _lane.Layout.OutcomeOffset));

    /// <summary>When a message was published, in nanoseconds of CLOCK_MONOTONIC.</summary>
    /// <exception cref="InvalidOperationException">The messages carry no times.</exception>
    public long TimeOf(ulong position) => _lane.Shape.PublishTimes
        ? Volatile.Read(ref *(long*)(SlotOf(position) + _lane.Layout.TimeOffset))
        : throw new InvalidOperationException("The messages of this queue carry no publish times. Create it with MessageOptions.PublishTimes.");

    /// <summary>How many messages are there, at most <paramref name="most"/>.</summary>
    public int Available(int most)
    {
        int limit = (int)Math.Min((ulong)most, _lane.Capacity);
        int count = 0;
        while (count < limit && Volatile.Read(ref *(ulong*)SlotOf(_next + (ulong)count)) == _next + (ulong)count + 1)
            count++;
        return count;
    }

    /// <summary>Whether nothing will come any more, after everything that came was read.</summary>
    /// <param name="error">What the lane ended with; null for a good end.</param>
    /// <param name="completed">Whether its writer said that this was all; if not, it left.</param>
    public bool IsOver(out Exception? error, out bool completed)
    {
        error = Fault;
        completed = false;
        if (error is not null)
            return true;

        // Before the look for a message: what was published before the end counts.
        bool ended = _link.HasEnded;
        CompletionState end = (CompletionState)Volatile.Read(ref _lane.End);
        if (HasMessage || _revoked)
            return false;

        if (end is CompletionState.Completed or CompletionState.CompletedWithError)
        {
            ulong count = _lane.TotalCount;
            if (count == _next)
            {
                completed = true;
                error = end == CompletionState.Completed ? null : new SharedMemoryException($"{_link.Identity}, which wrote to the queue, completed it with an error. {_lane.ErrorText()}");
                return true;
            }

            error = Faulted(new ProtocolException($"{_link.Identity} says that it has written {count} messages, but message {_next} is not there. It was disconnected."));
            return true;
        }

        if (!ended)
            return false;
        if (!_link.WasClosed)
            error = new PeerGoneException($"{_link.Identity}, which wrote to the queue, is gone without having completed it. The {_next} messages that it committed were read.", wasClosed: false);
        return true;
    }

    /// <summary>What the writer did that the protocol does not allow.</summary>
    public ProtocolException? Fault => Volatile.Read(ref _fault);

    /// <summary>Everything was read: gives the memory up as soon as no message is held any more.</summary>
    public void DisposeWhenReleased()
    {
        lock (_gate)
        {
            // step: hold.dispose
            _disposeWhenReleased = true;
            if (_held == 0)
                _lane.Dispose();
        }
    }

    /// <summary>Nothing more is read from the lane, which is about to be given up.</summary>
    public void Revoke() => Volatile.Write(ref _revoked, true);

    /// <summary>Gives the lane up because of what its writer did.</summary>
    /// <returns>The fault.</returns>
    protected ProtocolException Faulted(ProtocolException fault)
    {
        Volatile.Write(ref _fault, fault);
        Revoke();
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

            // step: hold.advance. See Advance.
            if (!_link.HasEnded)
                _publisher.Publish(ref *_headWord, head);
        }
    }

    private bool IsReleased(ulong position) => (_released![(position & _mask) >> 6] >> (int)(position & _mask & 63) & 1) != 0;

    private void MarkReleased(ulong position, bool given)
    {
        ref ulong word = ref _released![(position & _mask) >> 6];
        ulong bit = 1ul << (int)(position & _mask & 63);
        word = given ? word | bit : word & ~bit;
    }
}
