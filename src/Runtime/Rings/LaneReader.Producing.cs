using System.Runtime.CompilerServices;
using TypedShm.Interop;
using TypedShm.Transport;

namespace TypedShm.Rings;

/// <content>
/// The lane of a producer: it goes on where another lane has ended, or another reader, and says what was handed to the program.
/// </content>
internal unsafe partial class LaneReader<T>
{
    private bool _isProducers;
    private ulong _delivered;
    private ulong _end = ulong.MaxValue;

    /// <summary>Up to which message a reader that is gone may have handed them to its program.</summary>
    public ulong RedeliveredUntil { get; private init; }

    /// <summary>The lane of the same producer that is read after this one. Under the lock of whoever reads them.</summary>
    public LaneReader<T>? Successor { get; set; }

    /// <summary>Whether the writer has said that this was all, and all of it was read. Under the same lock.</summary>
    public bool WasCompleted { get; set; }

    /// <summary>Whether nothing is read any more, and every message that was held was given back.</summary>
    public bool IsGivenBack
    {
        get
        {
            lock (_gate)
                return _disposeWhenReleased && _held == 0;
        }
    }

    /// <summary>Whether the writer has said that this was all. The memory is still there.</summary>
    public bool IsCompleted => (CompletionState)Volatile.Read(ref _lane.End) is not CompletionState.None;

    /// <summary>The lane of a producer.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="link">The connection. Its own words are set, and the peer is not told yet that it has one.</param>
    /// <param name="position">Where to begin, and what a reader that is gone may have handed to its program.</param>
    public static LaneReader<T> OfProducer(Lane lane, Link link, LanePosition position)
    {
        // step: resume.words. Before Ready is sent: the writer looks at them only after that, and finds what it knows, or more.
        Volatile.Write(ref *link.Own.Head, position.Head);
        Volatile.Write(ref link.Own.Delivered, position.Delivered);
        return new LaneReader<T>(lane, link, position.Head)
        {
            _isProducers = true,
            _delivered = position.Delivered,
            RedeliveredUntil = position.Delivered,
        };
    }

    /// <summary>
    /// Says, of the lane of a producer, that the next messages are about to be handed to the program while their slots are not given back
    /// yet: a reader that comes after this one tells the program that it may know them.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Deliver(int count)
    {
        if (_isProducers)
            DeliverOfProducer(count);
    }

    /// <summary>Whether a message may have been handed to the program of a reader that is gone.</summary>
    public bool IsRedelivery(ulong position) => position < RedeliveredUntil;

    /// <summary>
    /// The writer is gone, and has a successor: what is there by now is all that is read of this lane. Any thread, while another reads.
    /// </summary>
    /// <returns>The number of the first message that is not there: the successor's first one.</returns>
    public ulong EndHere()
    {
        // One after the other, since the writer may have left a batch whose last messages are stored, and whose first ones are not. What
        // is read meanwhile stays where it is: nobody writes.
        ulong next = Volatile.Read(ref _next);
        ulong end = next;

        // step: resume.count
        while (!_stopped && end - next < _lane.Capacity && Volatile.Read(ref _slots.SequenceOf(end)) == end + 1)
            end++;

        // step: resume.end
        Volatile.Write(ref _end, end);

        // Who reads stores its position, then loads the end (CountAfterEnd); here it is the other way round. A barrier for both.
        Interlocked.MemoryBarrierProcessWide();

        // step: resume.past
        if (Volatile.Read(ref _next) >= end)
            Exhaust();
        return end;
    }

    // step: resume.deliver. Release: the word is there before anything that the program does with the message. If the process is killed in
    // between, the kernel hangs up after its last instruction, and the writer looks at the word after that.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void DeliverOfProducer(int count)
    {
        ulong delivered = _next + (ulong)count;
        if (delivered <= _delivered || _link.HasEnded)
            return;
        _delivered = delivered;
        Volatile.Write(ref _link.Own.Delivered, delivered);
        CrashPoint.Reach(CrashStep.SlotDelivered);
    }
}
