using System.Runtime.CompilerServices;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Rings;

/// <content>The reader of the lane: how it comes and goes, and how far it has read.</content>
internal sealed unsafe partial class LaneWriter<T>
{
    /// <inheritdoc cref="SlotWriter{T}.ScrubPayloads"/>
    public void ScrubPayloads() => _writer.ScrubPayloads();

    /// <summary>The reader is there: from now on its position counts.</summary>
    public void Connect(Link link)
    {
        if (link.IsOfAnotherUser)
            ScrubPayloads();
        Volatile.Write(ref _link, link);
    }

    /// <summary>
    /// The reader is gone, but another may come, with a new lane: nothing more is written here, but for a claim that is open.
    /// </summary>
    public void Suspend()
    {
        Volatile.Write(ref _suspended, true);

        // See Close.
        Interlocked.MemoryBarrier();
        SetLimit(0);
    }

    /// <summary>
    /// The reader is gone: the last look at its position, while its words are still there. After this a claim that is still open may be
    /// committed however late, without a look at whether anybody has parked.
    /// </summary>
    public void Disconnect()
    {
        if (Volatile.Read(ref _link) is not { } link)
            return;

        // step: resume.note. After the kernel has hung up: nothing is stored in them any more.
        ulong head = Volatile.Read(ref *link.Peer.Head);
        if (head > Head && IsCommitted(head))
            Volatile.Write(ref _leftAt, head);
        NoteDelivered(Volatile.Read(ref link.Peer.Delivered));
        Publisher.Remove(link);
    }

    /// <summary>
    /// How many messages were written that the reader has not given back; 0 once it is gone, unless they are kept. Any thread.
    /// </summary>
    public int Unread => Volatile.Read(ref _link) switch
    {
        { HasEnded: true } when !_isKept => 0,
        null or { HasEnded: true } => UnreadAfter(Head),
        { } link => UnreadAfter(Volatile.Read(ref *link.Peer.Head)),
    };

    /// <summary>Whether there is room, or will never be.</summary>
    public PollResult PollSpace(int count)
    {
        // The position first: once the link has ended its words are zeros, and the lane was closed before that.
        // Where it had ended before, they are not there for ever.
        ulong head = Volatile.Read(ref _link) is not { } link ? 0 : link.HasEnded ? Head : Volatile.Read(ref *link.Peer.Head);
        if (IsClosed)
            return PollResult.Completed;
        if (Volatile.Read(ref _suspended))
            return PollResult.Pending;
        return _writer.Next + (ulong)count - head <= _lane.Capacity ? PollResult.Ready : PollResult.Pending;
    }

    /// <summary>Whether there is room after all; otherwise the claim is over.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool RefreshLimit(int count)
    {
        bool hasRoom = false;
        try
        {
            return hasRoom = TryRefreshLimit(count);
        }
        finally
        {
            if (!hasRoom)
                Exit();
        }
    }

    private bool TryRefreshLimit(int count)
    {
        ulong known = Head;
        ulong head = known;

        // step: slot.space. Acquire: pairs with slot.release, so that a slot is written only after it was read.
        // Where the link has ended, the words are not there for ever: zeros were loaded only if it is found to have ended after that.
        if (Volatile.Read(ref _link) is { HasEnded: false } link)
        {
            head = Volatile.Read(ref *link.Peer.Head);
            if (link.HasEnded)
                head = known;
        }

        _closed.ThrowIfFailed();
        if (IsClosed || Volatile.Read(ref _suspended))
            return false;
        if (count < 1 || (ulong)count > _lane.Capacity)
            throw new ArgumentOutOfRangeException(
                nameof(count), count, $"A batch has 1 to {_lane.Capacity} messages, as many as the queue has room for.");

        // Nothing but growth up to what was written is possible.
        if (head < known || head > _writer.Next)
            throw Faulted(new ProtocolException($"The reader says that it has read up to message {head}, but it had read {known} "
                + $"before and {_writer.Next} are written. It was disconnected."));

        _head = head;
        SetLimit(head + _lane.Capacity);

        // See Close.
        Interlocked.MemoryBarrier();
        if (IsClosed || Volatile.Read(ref _suspended))
            SetLimit(0);
        return _writer.Next + (ulong)count <= _limit;
    }

    private int UnreadAfter(ulong head) => (int)Math.Min(Math.Max(0, (long)(Written - head)), (long)_lane.Capacity);

    // The second one is for writes that look at nothing but room. It is the first one, or 0 where each write has more to look at: whether
    // another thread is at work, or what else stands in the slots. What closes the lane sets both to 0.
    private void SetLimit(ulong limit)
    {
        Volatile.Write(ref _limit, limit);
        Volatile.Write(ref _plainLimit, _isPlain ? limit : 0);
    }

    private ProtocolException Faulted(ProtocolException fault)
    {
        Close(fault);
        _link!.Dispose();
        return fault;
    }
}
