using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using TypedShm.Ends;
using TypedShm.Rings;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Channels;

/// <summary>When no more messages will come.</summary>
internal enum InboxEnd
{
    /// <summary>Never: writers come and go.</summary>
    Never,

    /// <summary>When a writer has completed the queue and no other is connected.</summary>
    WhenCompleted,

    /// <summary>When its writer leaves, even without having completed it: a writer that owns the name has no successor.</summary>
    WithItsWriter,
}

/// <summary>
/// The reading end of a queue: merges its lanes, one message from each in turn, so that no producer can keep the others
/// waiting. Lanes come and go on other threads; everything else is for one thread at a time.
/// </summary>
/// <param name="end">The end that it belongs to.</param>
/// <param name="source">What its waits are woken by.</param>
/// <param name="mode">How it waits.</param>
/// <param name="over">When it has come to its end.</param>
/// <param name="isExact">Whether two threads at once are always noticed.</param>
internal sealed unsafe partial class LaneMerger<T>(ChannelEnd end, WaitSource source, WaitMode mode, InboxEnd over, bool isExact = false)
    : Inbox<T, MessageCondition<T>>(end, source, mode, isExact, "queue", "a queue has one reader")
    where T : unmanaged, ISharedLayout<T>
{
    private readonly Lock _gate = new();
    private LaneReader<T>[] _lanes = [];
    private int _nextLane;
    private bool _isCompleted;
    private bool _mayBePlain = !isExact;
    private int _completed;
    private int _successions;
    private ulong _readOfRemoved;
    private SharedMemoryException? _error;

    public bool IsCompleted
    {
        get
        {
            lock (_gate)
                return _isCompleted;
        }
    }

    /// <summary>How many lanes there are.</summary>
    public int LaneCount => Volatile.Read(ref _lanes).Length;

    /// <summary>The writers that have left, and whose messages have not all been read.</summary>
    public IEnumerable<Link> DepartedWriters => All.Where(static lane => lane.Link.HasEnded).Select(static lane => lane.Link);

    // Those too that are read after others.
    private IEnumerable<LaneReader<T>> All
    {
        get
        {
            foreach (LaneReader<T> lane in Volatile.Read(ref _lanes))
            {
                for (LaneReader<T>? each = lane; each is not null; each = each.Successor)
                    yield return each;
            }
        }
    }

    /// <summary>How many writers have to complete the queue.</summary>
    public int Writers { get; init; } = 1;

    /// <summary>Told about a lane whose writer broke the protocol.</summary>
    public Action<PeerIdentity, SharedMemoryException>? LaneFaulted { get; set; }

    public void Add(LaneReader<T> lane)
    {
        lock (_gate)
            Use([.. _lanes, lane]);
    }

    /// <summary>
    /// Adds the lane of a producer whose former process is gone: it is read when what that has left was read, and begins where it ended.
    /// </summary>
    /// <param name="last">The lane of the former process, whose link has ended.</param>
    /// <param name="make">Makes the new one, of the number of its first message.</param>
    /// <returns>The new one; null if the former process had completed the queue.</returns>
    public LaneReader<T>? Follow(LaneReader<T> last, Func<ulong, LaneReader<T>> make)
    {
        lock (_gate)
        {
            bool isThere = All.Contains(last);
            if (isThere ? last.IsCompleted : last.WasCompleted)
                return null;
            LaneReader<T> next = make(isThere ? last.EndHere() : last.Next);

            // step: resume.follow. Read when the other one is over.
            if (isThere)
                last.Successor = next;
            else
                Use([.. _lanes, next]);
            return next;
        }
    }

    /// <summary>Takes a lane out whose messages are of no use any more. Its memory stays its owner's.</summary>
    public void Remove(LaneReader<T> lane)
    {
        lock (_gate)
            TakeOut(lane);
    }

    /// <summary>How many messages were written and read in all lanes, those that are gone included. Any thread.</summary>
    public (ulong Written, ulong Read) CountMessages()
    {
        lock (_gate)
        {
            (ulong written, ulong read) = (_readOfRemoved, _readOfRemoved);
            foreach (LaneReader<T> lane in All)
            {
                ulong next = lane.Next;
                written += next - lane.Start + lane.CountUnread(next);
                read += next - lane.Start;
            }

            return (written, read);
        }
    }

    /// <summary>
    /// Makes polls find nothing from now on. The memory of the lanes is given up after this, by <see cref="Inbox{T, TCondition}.Close"/>.
    /// </summary>
    public void Stop()
    {
        lock (_gate)
        {
            foreach (LaneReader<T> lane in All)
                lane.Stop();
            LookForPlain();
        }
    }

    /// <summary>Whether a message is there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool HasMessage()
    {
        foreach (LaneReader<T> lane in Volatile.Read(ref _lanes))
        {
            if (lane.HasMessage)
                return true;
        }

        return false;
    }

    /// <summary>What a wait polls.</summary>
    public PollResult PollMessage()
    {
        if (End.IsDisposed)
            return PollResult.Completed;
        if (HasMessage())
            return PollResult.Ready;
        int successions = Volatile.Read(ref _successions);
        if (RemoveCompletedLanes())
            return PollResult.Completed;
        return successions != Volatile.Read(ref _successions) && HasMessage() ? PollResult.Ready : PollResult.Pending;
    }

    public override int Count
    {
        get
        {
            End.ThrowIfDisposed();
            int count = 0;
            foreach (LaneReader<T> lane in All)
                count += lane.Available(int.MaxValue);
            End.ThrowIfDisposed();
            return count;
        }
    }

    /// <summary>Removes lanes that have come to their end, once they are empty.</summary>
    /// <returns>Whether the whole queue has.</returns>
    public bool RemoveCompletedLanes()
    {
        if (_isCompleted)
            return true;
        bool any = false;
        foreach (LaneReader<T> lane in Volatile.Read(ref _lanes))
            any |= lane.Link.HasEnded || Volatile.Read(ref lane.Lane.End) != 0 || lane.Fault is not null;
        return any && RemoveEnded();
    }

    protected override bool TryReadNext(out T message) => TryRead(out message);

    protected override MessageCondition<T> Condition() => new(this);

    protected override void OnClosing()
    {
        lock (_gate)
        {
            _mayBePlain = false;
            LookForPlain();
        }
    }

    protected override void DisposeMemory()
    {
        lock (_gate)
        {
            foreach (LaneReader<T> lane in All)
                lane.DisposeWhenReleased();
        }
    }

    // Whether to look again: a lane has taken the place of one that had come to its end.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool FoundNothing()
    {
        Exit();
        End.ThrowIfDisposed();
        int successions = Volatile.Read(ref _successions);
        RemoveCompletedLanes();
        return successions != Volatile.Read(ref _successions);
    }

    private void TakeOut(LaneReader<T> lane)
    {
        _readOfRemoved += lane.Next - lane.Start;
        Use([.. _lanes.Select(other => other == lane ? lane.Successor : other).OfType<LaneReader<T>>()]);

        // Release: whoever sees that there was one finds the lanes with it.
        if (lane.Successor is not null)
            Volatile.Write(ref _successions, _successions + 1);
    }

    private void Use(LaneReader<T>[] lanes)
    {
        Volatile.Write(ref _lanes, lanes);
        LookForPlain();
    }

    private bool RemoveEnded()
    {
        List<LaneReader<T>> faulted = [];
        int successions = Volatile.Read(ref _successions);
        bool isOver = RemoveEnded(faulted);

        // The messages of a lane that is read from now on may be there for long, and whoever waits has not looked at them.
        if (successions != Volatile.Read(ref _successions))
            Source.Interrupt();

        // Outside the lock: it leads to locks of the connections' owner, under which lanes are added.
        foreach (LaneReader<T> lane in faulted)
        {
            lane.Link.Dispose();
            LaneFaulted?.Invoke(lane.Link.Identity, lane.Fault!);
        }

        return isOver;
    }

    private bool RemoveEnded(List<LaneReader<T>> faulted)
    {
        lock (_gate)
        {
            foreach (LaneReader<T> lane in _lanes)
            {
                if (!lane.IsOver(out SharedMemoryException? error, out bool completed))
                    continue;

                TakeOut(lane);
                lane.DisposeWhenReleased();
                if (lane.Fault is not null)
                    faulted.Add(lane);
                _completed += completed && !lane.WasCompleted ? 1 : 0;
                lane.WasCompleted |= completed;
                if (completed || over == InboxEnd.WithItsWriter)
                    _error ??= error;
            }

            // Of those that stay, one may have lost its writer.
            LookForPlain();
            bool ends = over == InboxEnd.WithItsWriter || (over == InboxEnd.WhenCompleted && _completed >= Writers);
            if (_lanes.Length > 0 || !ends || _isCompleted)
                return _isCompleted;
            Complete(_error);
            _isCompleted = true;
        }

        return true;
    }
}

/// <summary>A message of a queue, or its end.</summary>
internal readonly struct MessageCondition<T>(LaneMerger<T> merger) : ICondition
    where T : unmanaged, ISharedLayout<T>
{
    public PollResult Poll() => merger.PollMessage();

    public bool MayBeReady() => merger.HasMessage();
}
