using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Rings;

/// <content>The lane of a producer: it begins where that of its predecessor ended, and it outlasts its reader.</content>
/// <remarks>
/// <para>
/// While there is no reader the writer goes on as far as there is room; nothing of it is done again for the next reader, whose position is
/// that of the last one. So nothing but <c>_link</c>, the publisher's list and the position change hands, while another thread may write:
/// </para>
/// <para>
/// The position. The last reader's words are looked at once its link has ended and before they are released (<see cref="Disconnect"/>):
/// whatever it had stored is there, since its process has hung up, and the kernel hangs up for a process after its last instruction. What
/// the writer's own thread may store at that time (<c>_head</c>, in its search for room) is an older position, so that one is kept apart.
/// The next reader has stored the position that it begins with in its own word before it said Ready, and the link is stored, with release
/// order, after Ready was received: through the new link the writer finds that position or a later one.
/// </para>
/// <para>
/// The wake. The next reader may have looked at the lane, and parked, before the writer knew of it; a message that is written meanwhile
/// wakes nobody. After the reader is in the publisher's list there is a barrier on all processors of this process, and then a message
/// over the socket that lets it look again. A message is stored before the writer looks at the list. If it was stored before the barrier,
/// the reader finds it when it looks again; if not, the writer's look comes after the barrier, and finds the reader in the list.
/// </para>
/// </remarks>
internal sealed unsafe partial class LaneWriter<T> : IKeptLane
{
    // What the readers that are gone had given back, and what may have been handed to their programs. By one thread at a time.
    private ulong _leftAt;
    private ulong _delivered;
    private bool _isKept;

    // Whether a reader may have the lane of which nothing is known: what is written before it is gone it may read as well.
    private bool _isOffered;

    /// <summary>Whether it counts on from the messages of its predecessor.</summary>
    public bool IsOfProducer { get; private init; }

    /// <summary>Whether the lane outlasts its reader.</summary>
    public bool IsKept => _isKept;

    /// <summary>What the next reader is told. By whoever is connected to it: those before it are gone.</summary>
    // step: resume.present.
    public LanePosition Position => new(Head, Math.Max(Head, _isOffered ? Committed : Volatile.Read(ref _delivered)));

    /// <summary>The lane of a producer, as yet without a reader.</summary>
    /// <param name="lane">The lane, which the writer owns.</param>
    /// <param name="start">The number of its first message.</param>
    /// <param name="isKept">Whether it outlasts its reader.</param>
    /// <param name="isExact">Whether two threads at once are always noticed.</param>
    public static LaneWriter<T> OfProducer(Lane lane, ulong start, bool isKept, bool isExact)
    {
        LaneWriter<T> writer = new(lane, new Publisher(), isExact)
        {
            IsOfProducer = true,
            _isKept = isKept,
            _head = start,
            _leftAt = start,
            _delivered = start,
        };
        writer.SetLimit(start + lane.Capacity);
        writer._writer.Advance(start);
        return writer;
    }

    /// <summary>A reader of a producer's lane is there, the first one or the next. Any thread, while another one may write.</summary>
    /// <param name="link">The connection.</param>
    /// <param name="start">How many messages it and those before it have given back, see <see cref="CheckStart"/>.</param>
    public void Resume(Link link, ulong start)
    {
        // What it was told of, it has in its own word; it may know better.
        _isOffered = false;
        if (start > Head)
            Volatile.Write(ref _leftAt, start);
        Publisher.IsFenced = link.PublishesFenced;

        // step: resume.list
        Publisher.Add(link);

        // step: resume.link
        Connect(link);

        // step: resume.barrier. See the remarks.
        Interlocked.MemoryBarrierProcessWide();

        // step: resume.wake
        link.Send(LinkMessage.Wake);
    }

    /// <summary>Whether the next reader can begin there.</summary>
    /// <exception cref="ProtocolException">It cannot: those before it have read more, or so much was not written.</exception>
    public void CheckStart(ulong start)
    {
        if (start < Head || !IsCommitted(start))
            throw new ProtocolException($"The reader wants to go on at message {start} of this producer's lane, but {Head} messages were "
                + $"given back before and {Written} are written.");
    }

    // step: resume.offer
    public void NoteOffered() => _isOffered = true;

    /// <summary>From now on the lane is like any other: its reader has broken the protocol, and gets a new one.</summary>
    public void KeepNoLonger() => _isKept = false;

    private void NoteDelivered(ulong delivered)
    {
        // More than there is cannot have been delivered, whatever the reader says.
        ulong possible = IsCommitted(delivered) ? delivered : Math.Min(delivered, Written);
        if (possible > _delivered)
            Volatile.Write(ref _delivered, possible);
    }

    // How many messages a reader may find.
    private ulong Committed
    {
        get
        {
            ulong count = Written;
            while (IsCommitted(count + 1))
                count++;
            return count;
        }
    }

    // Whether so many messages were written. The last of them may be there before the writer's own thread has counted it; then its slot,
    // which only this side can write, has its number. A reader that has given it back had seen that before.
    private bool IsCommitted(ulong count)
    {
        ulong written = Written;
        return count <= written
            || (count - written <= _lane.Capacity && Volatile.Read(ref _writer.Slots.SequenceOf(count - 1)) == count);
    }
}
