using TypedShm.Interop;

namespace TypedShm.Waiting;

/// <summary>A thread that waits. It sleeps on one bell, on several, or, where there are too many, on bytes from sockets.</summary>
internal sealed unsafe class ThreadWaiter : Waiter
{
    /// <summary>A sleeper comes back this often to look at its connections.</summary>
    public const int SliceMilliseconds = 100;

    private const long NanosecondsPerMillisecond = 1_000_000;

    [ThreadStatic]
    private static ThreadWaiter? s_ofThisThread;

    private Native.Futex[]? _futexes;
    private nint _asleepOn;
    private uint _seen;

    public static ThreadWaiter OfThisThread => s_ofThisThread ??= new ThreadWaiter();

    /// <summary>Whether the only thing to sleep on is a bell, so that interrupts have to ring it.</summary>
    private bool SleepsOnOneBell => LinkCount == 1 && !OnSocket;

    public override bool IsAsleep => Volatile.Read(ref _asleepOn) != 0;

    public override uint Interrupt()
    {
        // step: interrupt.count. A full fence between this store and the load below; its partner is the one in Park, between the
        // store of what the thread sleeps on and its look at the interrupts: either it does not go to sleep, or it is seen here.
        uint mine = Interlocked.Increment(ref *Interrupts);
        Native.FutexWakePrivate(Interrupts);
        return mine;
    }

    public override void RepeatUntilAwake(uint interrupt)
    {
        // A thread that interrupts itself, by what it has found in its own poll, is not asleep: it finds the interrupt counted when
        // its poll is done.
        if (s_ofThisThread == this)
            return;

        // step: interrupt.wake. A wake that comes between a thread's last poll and its sleep is lost, so it is repeated until the thread
        // has left; the end of its slice brings it back in any case.
        long limit = Environment.TickCount64 + (2 * SliceMilliseconds);
        while (Volatile.Read(ref _asleepOn) is not 0 and nint bell && (int)(Volatile.Read(ref _seen) - interrupt) < 0
            && Environment.TickCount64 < limit)
        {
            Native.FutexWakeAll((uint*)bell);
            Thread.Yield();
        }
    }

    /// <summary>
    /// Parks, and sleeps until there is reason to look again, or looks at the connections. Returns what the last look found.
    /// </summary>
    /// <param name="condition">What is waited for.</param>
    /// <param name="nextLook">When to look at the connections, in nanoseconds of the monotonic clock. 0 to begin with.</param>
    /// <param name="deadline">Until when.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    public PollResult ParkAndSleep<TCondition>(
        ref TCondition condition, ref long nextLook, Transport.Deadline deadline, CancellationToken cancellationToken)
        where TCondition : struct, ICondition
    {
        // step: park.asleep. Stored before the fence in Park, for Interrupt.
        Volatile.Write(ref _seen, SeenInterrupts);
        if (SleepsOnOneBell)
            Volatile.Write(ref _asleepOn, (nint)Bell(0, out _));

        PollResult result = Park(ref condition);
        if (result == PollResult.Pending)
        {
            long now = Native.MonotonicNanoseconds;
            if (nextLook == 0)
                nextLook = now + (SliceMilliseconds * NanosecondsPerMillisecond);
            if (now >= nextLook)
            {
                // In place of a sleep. What it finds may come back as an interrupt of this very thread, or of others, who may be waiting
                // for this one in turn: it must not be taken for asleep.
                nextLook = now + (SliceMilliseconds * NanosecondsPerMillisecond);
                Volatile.Write(ref _asleepOn, 0);
                CheckPeersAlive();
                return PollResult.Pending;
            }

            if (!WasInterrupted && !deadline.IsOver && !cancellationToken.IsCancellationRequested)
            {
                Sleep(now + (deadline.Slice(Math.Min(Slice, SliceMilliseconds)) * NanosecondsPerMillisecond));

                // Whoever was woken finds what it waits for, and need not park once more, with a barrier, to see it.
                result = condition.Poll();
            }
        }

        Volatile.Write(ref _asleepOn, 0);
        return result;
    }

    protected override bool SleepsOnSocket(int links) => links > 1 && (links >= Native.MaxFutexes || !Native.HasFutexWaitv);

    private void Sleep(long until)
    {
        CrashPoint.Reach(CrashStep.ParkSleeping);
        // step: park.sleep
        if (OnSocket || LinkCount == 0)
        {
            Native.FutexWaitPrivate(Interrupts, SeenInterrupts, until);
            return;
        }

        if (SleepsOnOneBell)
        {
            uint* only = Bell(0, out uint rung);
            Native.FutexWait(only, rung, until);
            return;
        }

        _futexes ??= GC.AllocateArray<Native.Futex>(Native.MaxFutexes, pinned: true);
        for (int i = 0; i < LinkCount; i++)
        {
            uint* bell = Bell(i, out uint value);
            _futexes[i].Set(bell, value, isPrivate: false);
        }

        _futexes[LinkCount].Set(Interrupts, SeenInterrupts, isPrivate: true);
        fixed (Native.Futex* futexes = _futexes)
            Native.FutexWaitv(futexes, LinkCount + 1, until);
    }
}
