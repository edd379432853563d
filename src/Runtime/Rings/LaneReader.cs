using System.Runtime.CompilerServices;
using TypedShm.Interop;
using TypedShm.Layout;
using TypedShm.Memory;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Rings;

/// <summary>The reading side of one lane. One thread at a time, but held messages may be given back by any.</summary>
/// <remarks>
/// Each message is given back when it has been read, and each time there is a look at whether the writer has parked. To do that for several
/// at once would save some instructions, and could hang two programs: a reader that takes one message out of a full lane, and then waits
/// for something else that the writer sends only after its next message, never comes back to give the slot back.
/// </remarks>
internal unsafe partial class LaneReader<T> : Announcer
    where T : unmanaged, ISharedLayout<T>
{
    private readonly Lane _lane;
    private readonly Link _link;
    private readonly ulong* _headWord;
    private readonly SlotAccess<T> _slots;
    private ulong _next;
    private ulong _head;
    private bool _stopped;
    private ulong _readAfterEnd;
    private bool _isExhausted;
    private ProtocolException? _fault;

    /// <param name="lane">The lane.</param>
    /// <param name="link">The connection to its writer.</param>
    /// <param name="start">The first message to be read.</param>
    /// <param name="publisher">Publishes what was given back; null for one that wakes the writer, which waits for room.</param>
    public LaneReader(Lane lane, Link link, ulong start, Publisher? publisher = null)
        : base(publisher ?? Publisher.To(link))
    {
        _lane = lane;
        _link = link;
        _headWord = link.Own.Head;
        _slots = new SlotAccess<T>(lane.Region, lane.Capacity);
        _next = _head = Start = start;
        Compatibility = LayoutCompatibility.For<T>(lane.Region.Layout!);
        Peer = new SharedPeer(link) { Writes = Compatibility };
    }

    // See Never.
    private LaneReader()
        : base(new Publisher())
    {
        _lane = null!;
        _link = null!;
        Compatibility = null!;
        Peer = null!;
        _slots = SlotAccess<T>.OfNothing;
    }

    /// <summary>
    /// What nothing ever comes from: stands for the plain lane where there is none. Only <see cref="TryPeekPlain"/> can be called.
    /// </summary>
    public static LaneReader<T> Never { get; } = new();

    public Link Link => _link;

    public Lane Lane => _lane;

    public SharedPeer Peer { get; }

    public SlotAccess<T> Slots => _slots;

    /// <summary>How the writer's layout relates to that of <typeparamref name="T"/>.</summary>
    public LayoutCompatibility Compatibility { get; }

    /// <summary>The number of the first message that was to be read.</summary>
    public ulong Start { get; }

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

    /// <summary>
    /// Whether there is nothing to look at but the next message: nothing is held, the writer is there, messages are read as they stand, and
    /// nothing stands in their slots but sequence and value. As long as that is so, <see cref="TakePlain"/> does all that
    /// <see cref="Advance"/> does.
    /// </summary>
    // Acquire: see Advance.
    public bool IsPlain => Volatile.Read(ref _held) == 0 && !_stopped && !_link.HasEnded && Compatibility.IsByReference
        && _slots.Layout.Fields == SlotFields.Sequence && _slots.ValueOffset == PlainSlot<T>.ValueOffset;

    /// <summary>Whether the next message is there. The lane is one that <see cref="IsPlain"/>.</summary>
    /// <param name="slot">Its slot.</param>
    /// <param name="next">The sequence that is in it then.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryPeekPlain(out byte* slot, out ulong next)
    {
        ulong position = _next;
        next = position + 1;
        slot = ((nint)(position & _slots.Mask) * _slots.Stride) + _slots.First;

        // step: slot.look. See HasMessage.
        return Volatile.Read(ref *(ulong*)slot) == next;
    }

    /// <summary>The value in a slot of a lane that <see cref="IsPlain"/>.</summary>
    // step: slot.copy. The memory outlasts whoever reads, see Inbox.Exit.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref readonly T PlainValueIn(byte* slot) => ref *(T*)(slot + PlainSlot<T>.ValueOffset);

    /// <summary>Goes on to the next message after <see cref="TryPeekPlain"/>, and gives the slot back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void TakePlain(ulong next)
    {
        CrashPoint.Reach(CrashStep.SlotRead);
        _next = next;

        // step: slot.release. See Advance.
        this.Publish(ref *_headWord, next);
        CrashPoint.Reach(CrashStep.SlotReleased);
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

        // step: slot.copy. The memory outlasts whoever reads, see Inbox.Exit.
        Copy(next, out value);
        Advance(1);
        return true;
    }

    /// <summary>Copies a message that is there to where it is wanted, in one step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Copy(ulong position, out T value) => _slots.Copy(position, Compatibility, out value);

    /// <summary>Copies messages that are there.</summary>
    public void CopyTo(ulong position, Span<T> destination)
    {
        for (int i = 0; i < destination.Length; i++)
            Copy(position + (ulong)i, out destination[i]);
    }

    /// <summary>A message that is there, in its slot.</summary>
    /// <exception cref="InvalidOperationException">The writer's struct is shorter than <typeparamref name="T"/>.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref readonly T ReferenceTo(ulong position)
    {
        if (!Compatibility.IsByReference)
            Compatibility.ThrowNoReference();
        return ref _slots.ValueOf(position);
    }

    /// <summary>Goes on to the next message and gives the slots of those before it back, unless older ones are held.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance(int count)
    {
        ulong from = _next;
        ulong next = from + (ulong)count;
        CrashPoint.Reach(CrashStep.SlotRead);

        // step: resume.pass. Of a producer's lane: see EndHere.
        _next = next;

        // step: slot.release. Acquire: once nothing is held, what the last release stored in Head is older than what is stored here. The
        // words of a link that has ended are not there for ever, and nobody looks at them; they outlast whoever has just found it open.
        if (Volatile.Read(ref _held) != 0)
            ReleaseRange(from, count);
        else if (!_link.HasEnded)
            this.Publish(ref *_headWord, next);
        else
            CountAfterEnd(count);
        CrashPoint.Reach(CrashStep.SlotReleased);
    }

    /// <summary>The payload of a message that is there.</summary>
    /// <exception cref="ProtocolException">The writer states an impossible length.</exception>
    public ReadOnlySpan<byte> PayloadOf(ulong position) => new(_slots.PayloadOf(position), PayloadLength(position));

    /// <summary>The length of a payload, loaded once and checked. The writer can change the word at any time.</summary>
    public int PayloadLength(ulong position) => TryPayloadLength(position, out int length) ? length : throw Fault!;

    /// <summary>As <see cref="PayloadLength"/>, but false if it is impossible: then that is the lane's <see cref="Fault"/>.</summary>
    public bool TryPayloadLength(ulong position, out int length)
    {
        int capacity = _slots.Layout.PayloadCapacity;
        uint stated = capacity == 0 ? 0 : _slots.LengthOf(position);
        length = (int)stated;
        return stated <= (uint)capacity || PayloadTooLong(stated);
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
        bool exhausted = Volatile.Read(ref _isExhausted);

        // Once, and after the end: another thread may be reading. What it has gone past by then is not looked for.
        ulong next = Volatile.Read(ref _next);
        bool isThere = Volatile.Read(ref _slots.SequenceOf(next)) == next + 1;
        if ((isThere && !_stopped) || (_stopped && !exhausted))
            return false;

        // A full lane whose writer has completed it and gone is exhausted with the last of its messages, and is complete.
        ulong count = _lane.TotalCount;
        if (end is CompletionState.Completed or CompletionState.CompletedWithError && (count == next || !exhausted))
        {
            if (count == next)
            {
                completed = true;
                error = end == CompletionState.Completed ? null : new SharedMemoryException(
                    $"{_link.Identity}, which wrote to the queue, completed it with an error. {_lane.ErrorText()}");
                return true;
            }

            error = Faulted(new ProtocolException(
                $"{_link.Identity} says that it has written {count} messages, but message {next} is not there. It was disconnected."));
            return true;
        }

        if (!ended)
            return false;
        if (!_link.WasClosed)
            error = new PeerGoneException($"{_link.Identity}, which wrote to the queue, is gone without having completed it. The "
                + $"{next} messages that it committed were read.", wasClosed: false);
        return true;
    }

    /// <summary>What the writer did that the protocol does not allow.</summary>
    public ProtocolException? Fault => Volatile.Read(ref _fault);

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

    // Apart, as what is put together here needs room on the stack that is cleared each time.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool PayloadTooLong(uint length)
    {
        Faulted(new ProtocolException($"{_link.Identity} says that a payload has {length} bytes, but there is room for "
            + $"{_slots.Layout.PayloadCapacity}. It was disconnected."));
        return false;
    }

    // Whoever hangs up has written at most a lane full of messages that were not read. A writer that hangs up and goes on writing is not
    // read for ever.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CountAfterEnd(int count)
    {
        _readAfterEnd += (ulong)count;
        if (_readAfterEnd >= _lane.Capacity || _next >= Volatile.Read(ref _end))
            Exhaust();
    }

    private void Exhaust()
    {
        Volatile.Write(ref _isExhausted, true);
        Stop();
    }
}
