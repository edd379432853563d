using TypedShm.Interop;
using TypedShm.Transport;

namespace TypedShm.Waiting;

/// <summary>What a wait is for. A struct, so that looking costs no call through an interface.</summary>
internal interface ICondition
{
    /// <summary>Looks, with acquire semantics. Called by several threads at once.</summary>
    bool IsMet { get; }
}

/// <summary>How a wait ended.</summary>
internal enum WaitResult
{
    Met,
    TimedOut,

    /// <summary>The link has ended, and the condition was not met at the last look.</summary>
    Ended,
}

/// <summary>
/// The waiting end of a link: any number of threads and tasks that wait for what the other end publishes. Thread-safe.
/// The partner of <see cref="Doorbell"/>, where the order of the steps is argued.
/// </summary>
internal sealed class Parking(Link link)
{
    // A sleeper looks at the connection itself this often, so that it notices a death without any other thread's help.
    private const int SliceMilliseconds = 100;

    // Long enough for a peer that is just publishing, far below the cost of a sleep. Spinning on the only core would
    // keep the peer from running at all.
    private static readonly int s_spins = Environment.ProcessorCount > 1 ? 50 : 0;

    private readonly Lock _gate = new();
    private int _threads;
    private int _tasks;
    private TaskCompletionSource _pulse = NewPulse();

    /// <summary>Waits on the calling thread: spins for a moment, then sleeps.</summary>
    /// <param name="condition">What is waited for.</param>
    /// <param name="deadline">Until when.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    public unsafe WaitResult Wait<TCondition>(in TCondition condition, Deadline deadline, CancellationToken cancellationToken)
        where TCondition : struct, ICondition
    {
        for (int i = 0; i < s_spins; i++)
        {
            if (condition.IsMet)
                return WaitResult.Met;
            Thread.SpinWait(1);
        }

        Sleep sleep = new(this);
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(static state => ((Sleep)state!).Interrupt(), sleep);
        Join(ref _threads);
        try
        {
            while (true)
            {
                uint bell = Volatile.Read(ref *link.Peer.Doorbell);
                Announce();

                // Before this: the store of the parked word. After it: the look at the data. See Doorbell.Ring.
                Interlocked.MemoryBarrier();
                if (condition.IsMet)
                    return WaitResult.Met;
                cancellationToken.ThrowIfCancellationRequested();
                if (link.HasEnded || link.HasHungUp)
                    return condition.IsMet ? WaitResult.Met : WaitResult.Ended;
                if (deadline.IsOver)
                    return WaitResult.TimedOut;

                Native.FutexWait(link.Peer.Doorbell, bell, Native.MonotonicNanoseconds + (deadline.Slice(SliceMilliseconds) * 1_000_000L));
            }
        }
        finally
        {
            sleep.IsOver = true;
            Leave(ref _threads);
        }
    }

    /// <summary>Waits without a thread, for a message on the link's socket.</summary>
    public async ValueTask<WaitResult> WaitAsync<TCondition>(TCondition condition, Deadline deadline, CancellationToken cancellationToken)
        where TCondition : struct, ICondition
    {
        Join(ref _tasks);
        try
        {
            while (true)
            {
                // Taken before the parked word is stored, so that the message that answers it completes this one.
                Task pulse = Volatile.Read(ref _pulse).Task;
                Announce();

                // As in Wait.
                Interlocked.MemoryBarrier();
                if (condition.IsMet)
                    return WaitResult.Met;
                if (link.HasEnded)
                    return condition.IsMet ? WaitResult.Met : WaitResult.Ended;
                await pulse.WaitAsync(deadline.Remaining, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (TimeoutException)
        {
            return condition.IsMet ? WaitResult.Met : WaitResult.TimedOut;
        }
        finally
        {
            Leave(ref _tasks);
        }
    }

    /// <summary>Lets the tasks look again: a message came.</summary>
    public void AwakenTasks() => Interlocked.Exchange(ref _pulse, NewPulse()).TrySetResult();

    /// <summary>Lets every waiter look again, since the link has ended, and returns when the threads that slept have left.</summary>
    public void AwakenAll()
    {
        AwakenTasks();
        WakeThreadsUntil(() => Volatile.Read(ref _threads) == 0);
    }

    private static TaskCompletionSource NewPulse() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // A wake that comes between a thread's last look and its sleep is lost, so it is repeated until the thread has left;
    // the end of its slice brings it back in any case.
    private unsafe void WakeThreadsUntil(Func<bool> isOver)
    {
        Deadline limit = Deadline.After(TimeSpan.FromMilliseconds(2 * SliceMilliseconds));
        while (!isOver() && !limit.IsOver)
        {
            Native.FutexWakeAll(link.Peer.Doorbell);
            Thread.Yield();
        }
    }

    private void Join(ref int waiters)
    {
        lock (_gate)
            waiters++;
    }

    // Every parking is a new value of the word, so that a newcomer is woken although others were woken before.
    private void Announce()
    {
        lock (_gate)
        {
            ref uint parked = ref link.Own.Parked;
            Volatile.Write(ref parked, ParkedWord.Next(parked, _threads > 0, _tasks > 0));
        }
    }

    private void Leave(ref int waiters)
    {
        lock (_gate)
            waiters--;
        Announce();
    }

    /// <summary>One thread's wait, for whoever cancels it.</summary>
    private sealed class Sleep(Parking parking)
    {
        public volatile bool IsOver;

        public void Interrupt() => parking.WakeThreadsUntil(() => IsOver);
    }
}
