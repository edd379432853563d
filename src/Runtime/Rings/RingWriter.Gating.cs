using TypedShm.Interop;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Rings;

/// <content>The readers that the writer waits for: how they come and go, how far they have read, and when one is cut off.</content>
internal sealed unsafe partial class RingWriter<T>
{
    /// <summary>When a wait for room has to end because then a reader can be cut off.</summary>
    public Deadline NextCut => _cutOffAfter == long.MaxValue || _blockedAt != _writer.Next
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
        // step: lossless.join
        gate.StartPosition = Back(Volatile.Read(ref _ring.Tail), history);
        Volatile.Write(ref _gates, [.. _gates, gate]);
        CrashPoint.Reach(CrashStep.GateAdded);

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

    /// <summary>The writer waits for this reader no more.</summary>
    public void Leave(GatingSequence gate) => Volatile.Write(ref _gates, [.. _gates.Where(other => other != gate)]);

    /// <summary>Whether there is room, or will never be.</summary>
    /// <param name="count">For how many messages.</param>
    public PollResult PollSpace(int count)
    {
        if (IsClosed)
            return PollResult.Completed;
        foreach (GatingSequence gate in Volatile.Read(ref _gates))
        {
            // One that moves where it must not is no reason to wait: it is dropped by the next try.
            if (gate.TryLoad(out ulong head) && head >= gate.CachedPosition && Blocks(gate, head, count))
                return PollResult.Pending;
        }

        return PollResult.Ready;
    }

    private bool TryFindSpace(int count)
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
                _closed.ThrowIfFailed();
                return false;
            }

            if (Volatile.Read(ref _gates) != gates)
                continue;
            if (_writer.Next + (ulong)count <= limit)
                return true;
            if (!CutOff(gates, count))
                return false;
        }
    }

    /// <summary>The first message for which there is no room yet.</summary>
    private ulong FindLimit(GatingSequence[] gates)
    {
        ulong slowest = _writer.Next;
        foreach (GatingSequence gate in gates)
        {
            if (!gate.TryLoad(out ulong head))
                continue;
            if (head < gate.CachedPosition || head > _writer.Next)
            {
                Drop(gate, new ProtocolException($"{gate.Link.Identity} says that it has read up to message {head}, but it had read "
                    + $"{gate.CachedPosition} before and {_writer.Next} are written. It was disconnected."));
                continue;
            }

            gate.CachedPosition = head;
            slowest = Math.Min(slowest, Math.Max(head, gate.StartPosition));
        }

        return slowest + _ring.Capacity;
    }

    /// <summary>Cuts those off who have held this message up for too long.</summary>
    /// <returns>False if it is not time yet.</returns>
    private bool CutOff(GatingSequence[] gates, int count)
    {
        long now = Environment.TickCount64;
        if (_blockedAt != _writer.Next)
        {
            _blockedAt = _writer.Next;
            _blockedSince = now;
        }

        if (now - _blockedSince < _cutOffAfter)
            return false;

        foreach (GatingSequence gate in gates)
        {
            if (!gate.TryLoad(out ulong head) || !Blocks(gate, head, count))
                continue;

            // step: lossless.cut
            Volatile.Write(ref gate.Link.Own.Cut, 1);
            CrashPoint.Reach(CrashStep.CutStored);

            // step: lossless.cut-barrier. The word is stored before anything that the reader has not given back is overwritten, the slot's
            // sequence included. Pairs with the acquiring load of the sequence in RingReader: a reader that was overtaken finds out why.
            Volatile.WriteBarrier();
            Drop(gate, new CutOffException($"{gate.Link.Identity} was cut off: it has not read message "
                + $"{Math.Max(head, gate.StartPosition)} of {_writer.Next}, and held the writer up for {now - _blockedSince} ms."));
        }

        return true;
    }

    private void Drop(GatingSequence gate, SharedMemoryException reason)
    {
        gate.IsOpen = true;
        gate.Link.Dispose();
        Dropped(gate.Link.Identity, reason);
    }

    private bool Blocks(GatingSequence gate, ulong head, int count) =>
        Math.Max(head, gate.StartPosition) + _ring.Capacity < _writer.Next + (ulong)count;
}
