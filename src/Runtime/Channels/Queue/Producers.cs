using TypedShm.Rings;
using TypedShm.Transport;

namespace TypedShm.Channels;

/// <summary>
/// The producers that the reader of a queue knows: of each the lane that it read last, which says where the next one begins. Names are
/// each user's own, so that nobody takes over from another user.
/// </summary>
/// <param name="inbox">Where their messages are read.</param>
internal sealed class Producers<T>(LaneMerger<T> inbox)
    where T : unmanaged, ISharedLayout<T>
{
    // A name is kept for as long as the queue: so much is for programs that give each of their processes another one. Of each user, so that
    // none takes the names of another.
    private const int MostNames = 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<(uint User, string Name), LaneReader<T>> _last = [];

    /// <summary>
    /// A process is about to take a name over: if the connection of the one before has hung up, it ends here, if nobody has noticed yet.
    /// Outside of all locks that the end of a link takes.
    /// </summary>
    public void EndFormer(Link link, string name)
    {
        LaneReader<T>? last;
        lock (_gate)
            last = _last.GetValueOrDefault((link.Identity.UserId, name));
        if (last is null || !last.Link.HasHungUp)
            return;
        last.Link.OnPeerHungUp();

        // Another thread may be at it; between the two states there is nothing to wait for.
        SpinWait spin = default;
        while (!last.Link.HasEnded)
            spin.SpinOnce();
    }

    /// <summary>A producer joins: its lane is read from now on, after what a former process of its name has left.</summary>
    /// <param name="link">The connection; its peer is not told yet that it is in.</param>
    /// <param name="name">Its name.</param>
    /// <param name="lane">Its lane.</param>
    /// <param name="kept">Where the lane stands, if it was another reader's; null if it is new.</param>
    /// <returns>The number of the first message that is read.</returns>
    /// <exception cref="PeerRefusedException">The name is taken, or it has completed the queue, or there are too many.</exception>
    /// <exception cref="ProtocolException">The lane cannot stand there.</exception>
    public ulong Join(Link link, string name, Lane lane, LanePosition? kept)
    {
        (uint User, string Name) key = (link.Identity.UserId, name);
        if (kept is { } stated && (stated.Head > LanePosition.Most || stated.Delivered < stated.Head
            || stated.Delivered - stated.Head > lane.Capacity))
            throw new ProtocolException($"Producer '{name}' says that of its lane {stated.Head} messages were given back and "
                + $"{stated.Delivered} delivered, which no lane of {lane.Capacity} slots can be.");
        lock (_gate)
        {
            LaneReader<T> next;
            if (_last.TryGetValue(key, out LaneReader<T>? last))
            {
                next = kept is { } at ? GoOn(last, link, name, lane, at) : TakeOver(last, link, name, lane);
            }
            else
            {
                if (_last.Keys.Count(known => known.User == key.User) >= MostNames)
                    throw new PeerRefusedException(RefusalReason.Full, $"The reader knows {MostNames} producers of user {key.User}, as "
                        + "many as it keeps. Name producers for what they are, not for their processes (OpenOptions.Producer).");
                next = LaneReader<T>.OfProducer(lane, link, kept ?? default);
                inbox.Add(next);
            }

            _last[key] = next;
            return next.Start;
        }
    }

    private static PeerRefusedException InUse(string text) => new(RefusalReason.ProducerInUse, text);

    // A new process, with a new lane.
    private LaneReader<T> TakeOver(LaneReader<T> last, Link link, string name, Lane lane)
    {
        ThrowIfConnected(last, name);
        return inbox.Follow(last, start => LaneReader<T>.OfProducer(lane, link, new LanePosition(start, start)))
            ?? throw new PeerRefusedException(RefusalReason.Full, $"Producer '{name}' has completed the queue: it has nothing more to "
                + "write. Create the queue anew, or give the new producer another name.");
    }

    // The same process, whose connection has ended, with the same lane: how much of it was read is known better here than there.
    private LaneReader<T> GoOn(LaneReader<T> last, Link link, string name, Lane lane, LanePosition kept)
    {
        ThrowIfConnected(last, name);

        // What is held still must not be overwritten, and the writer is told that it may.
        if (!last.IsGivenBack)
            throw InUse($"The messages that producer '{name}' sent over its last connection to this reader have not all been read and "
                + "given back. It can connect again after that.");
        ulong start = last.Next;
        if (start < kept.Head || start - kept.Head > lane.Capacity)
            throw new ProtocolException($"Producer '{name}' says that {kept.Head} messages of its lane were given back, but here it is "
                + $"{start}: two processes have used the name.");
        LaneReader<T> next = LaneReader<T>.OfProducer(lane, link, new LanePosition(start, start));

        // That this was all is said again, and counts once.
        next.WasCompleted = last.WasCompleted;
        inbox.Add(next);
        return next;
    }

    private static void ThrowIfConnected(LaneReader<T> last, string name)
    {
        if (!last.Link.HasEnded)
            throw InUse($"Producer '{name}' is connected: {last.Link.Identity}. Its name can be taken over when it is gone. End that "
                + "process, or give this one a name of its own (OpenOptions.Producer).");
    }
}
