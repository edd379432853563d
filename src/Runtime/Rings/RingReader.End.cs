using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Rings;

/// <content>The end of a broadcast, as its reader finds it.</content>
internal sealed unsafe partial class RingReader<T>
{
    /// <summary>Whether nothing will come any more, after everything that came was read.</summary>
    /// <param name="error">What it ended with; null for a good end.</param>
    /// <param name="completed">Whether the writer said that this was all; if not, it left.</param>
    public bool IsOver(out SharedMemoryException? error, out bool completed)
    {
        completed = false;
        error = Fault;
        if (error is not null)
            return true;

        // step: complete.look. Before the look for a message: what was published before the end counts.
        bool ended = _link.HasEnded;
        CompletionState end = (CompletionState)Volatile.Read(ref _ring.Completion.State);
        if (HasNews)
            return false;

        if (end is CompletionState.Completed or CompletionState.CompletedWithError)
        {
            ulong count = _ring.Completion.TotalCount;
            if (count != _next)
            {
                error = Faulted($"{_link.Identity} says that it has written {count} messages, but message {_next} is not there.");
                return true;
            }

            completed = true;
            error = end == CompletionState.Completed ? null : new SharedMemoryException(
                $"{_link.Identity}, which wrote the broadcast, completed it with an error. {_ring.Completion.ErrorText()}");
            return true;
        }

        if (!ended)
            return false;
        error = WasCut ? CutOff()
            : _link.WasClosed ? null
            : new PeerGoneException(
                $"{_link.Identity}, which wrote the broadcast, is gone without having completed it. It had committed {_next} messages.",
                wasClosed: false);
        return true;
    }

    /// <summary>The connection has ended; its control words are still there. Any thread.</summary>
    public void OnEnded()
    {
        Volatile.Write(ref _cut, Volatile.Read(ref _link.Peer.Cut) != 0 ? Cut : NotCut);
        Interlocked.Or(ref _attention, Ended);
    }

    // What was kept before the word was given up, if it was: the word is not there for ever. It may be given up just when it is read
    // here, which is when its memory is zeros; then what it said has been kept by now.
    private bool WasCut => Volatile.Read(ref _cut) == Unknown
        ? Volatile.Read(ref _link.Peer.Cut) != 0 || Volatile.Read(ref _cut) == Cut
        : Volatile.Read(ref _cut) == Cut;

    private CutOffException CutOff() =>
        new($"{_link.Identity}, which writes the broadcast, has cut this reader off, because it held the writer up for longer than "
            + $"SharedBroadcastOptions.CutOffAfter. It had read up to message {_next}; later ones are lost to it. Read faster, or let "
            + "the creator give it more capacity or time.");
}
