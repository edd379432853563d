using System.Collections.Immutable;

namespace TypedShm.Waiting;

/// <summary>
/// All that an end of a channel can be woken by: the bells of its peers, which come and go, and its own interrupts
/// (cancellation, Dispose, the end of a connection, a message). Thread-safe.
/// </summary>
internal sealed class WaitSource
{
    // Of the thread that interrupts, so that it allocates nothing.
    [ThreadStatic]
    private static List<(Waiter Waiter, uint Interrupt)>? s_asleep;

    private readonly Lock _gate = new();
    private readonly List<Waiter> _waiters = [];
    private ImmutableArray<Parking> _links = [];
    private TaskWaiter? _spare;
    private int _version;

    public WaitSource() => Alone = [this];

    /// <summary>This source as a set of one.</summary>
    public WaitSource[] Alone { get; }

    /// <summary>How long its waits spin.</summary>
    public AdaptiveSpin AdaptiveSpin { get; } = new();

    /// <summary>Where its waiters park at the moment.</summary>
    public ImmutableArray<Parking> Links => _links;

    /// <summary>Grows whenever <see cref="Links"/> changes.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>Adds and removes links, then lets every waiter poll again. What they poll has been changed before.</summary>
    public void Change(Parking? removed, Parking? added)
    {
        lock (_gate)
        {
            if (removed is not null)
                _links = _links.Remove(removed);
            if (added is not null)
                _links = _links.Add(added);
            Volatile.Write(ref _version, _version + 1);
        }

        Interrupt();
    }

    /// <summary>Lets every waiter poll again. When it returns, none of them sleeps on a word that was there before.</summary>
    public void Interrupt()
    {
        List<(Waiter Waiter, uint Interrupt)> asleep = s_asleep ??= [];
        lock (_gate)
        {
            foreach (Waiter waiter in _waiters)
            {
                uint interrupt = waiter.Interrupt();
                if (waiter.IsAsleep)
                    asleep.Add((waiter, interrupt));
            }
        }

        // Not under the lock: a waiter that is in the middle of a poll, and interrupts the others itself, wants it too.
        foreach ((Waiter waiter, uint interrupt) in asleep)
            waiter.RepeatUntilAwake(interrupt);
        asleep.Clear();
    }

    /// <summary>Begins a wait: from now on <paramref name="waiter"/> is interrupted with the others.</summary>
    public void AddWaiter(Waiter waiter)
    {
        lock (_gate)
            _waiters.Add(waiter);
    }

    public void RemoveWaiter(Waiter waiter)
    {
        lock (_gate)
            _waiters.Remove(waiter);
    }

    /// <summary>Takes a waiter for a task; give it back with <see cref="Return"/>.</summary>
    public TaskWaiter Rent() => Interlocked.Exchange(ref _spare, null) ?? new TaskWaiter();

    public void Return(TaskWaiter waiter) => Volatile.Write(ref _spare, waiter);
}
