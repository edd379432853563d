using System.Runtime.CompilerServices;
using TypedShm.Transport;

namespace TypedShm.Waiting;

/// <summary>Waits: every wait of every channel goes through here.</summary>
internal static class Wait
{
    private const int PausesBetweenChecks = 256;

    /// <summary>Waits on the calling thread.</summary>
    /// <param name="condition">What is waited for.</param>
    /// <param name="sources">All that can make a difference to it.</param>
    /// <param name="mode">How.</param>
    /// <param name="deadline">Until when.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled, before the call or before the condition was met.</exception>
    public static WaitOutcome For<TCondition>(ref TCondition condition, WaitSource[] sources, WaitMode mode, Deadline deadline, CancellationToken cancellationToken)
        where TCondition : struct, ICondition
    {
        cancellationToken.ThrowIfCancellationRequested();
        Sight sight = mode switch
        {
            WaitMode.Spin => Spin(ref condition, sources, deadline, cancellationToken),
            WaitMode.SpinThenPark => sources[0].SpinTime.Look(ref condition),
            _ => condition.Look(),
        };
        if (sight == Sight.Pending && mode != WaitMode.Spin)
            sight = Park(ref condition, sources, deadline, cancellationToken);
        return Conclude(sight, cancellationToken);
    }

    /// <summary>Waits without a thread (unless the mode is <see cref="WaitMode.Spin"/>).</summary>
    /// <inheritdoc cref="For"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<WaitOutcome> ForAsync<TCondition>(TCondition condition, WaitSource[] sources, WaitMode mode, Deadline deadline, CancellationToken cancellationToken)
        where TCondition : struct, ICondition
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (mode == WaitMode.Spin)
            return For(ref condition, sources, mode, deadline, cancellationToken);
        Sight sight = mode == WaitMode.SpinThenPark ? sources[0].SpinTime.Look(ref condition) : condition.Look();
        if (sight != Sight.Pending)
            return Conclude(sight, cancellationToken);

        TaskWaiter waiter = sources[0].Rent();
        foreach (WaitSource source in sources)
            source.Enter(waiter);
        using (cancellationToken.UnsafeRegister(static waiter => ((Waiter)waiter!).Interrupt(), waiter))
        {
            try
            {
                while (sight == Sight.Pending && !cancellationToken.IsCancellationRequested)
                {
                    waiter.Arm();
                    waiter.Sit(sources);
                    sight = waiter.Park(ref condition);
                    if (sight == Sight.Pending && !deadline.IsOver && !cancellationToken.IsCancellationRequested)
                    {
                        await waiter.Sleep(waiter.SleepTime(deadline)).ConfigureAwait(false);

                        // Without another parking, see ThreadWaiter.
                        sight = condition.Look();
                        continue;
                    }

                    await waiter.Disarm().ConfigureAwait(false);
                    break;
                }
            }
            finally
            {
                waiter.StandUp();
                foreach (WaitSource source in sources)
                    source.Leave(waiter);
            }
        }

        sources[0].Return(waiter);
        return Conclude(sight, cancellationToken);
    }

    private static Sight Park<TCondition>(ref TCondition condition, WaitSource[] sources, Deadline deadline, CancellationToken cancellationToken)
        where TCondition : struct, ICondition
    {
        ThreadWaiter waiter = ThreadWaiter.OfThisThread;
        long nextLook = 0;
        foreach (WaitSource source in sources)
            source.Enter(waiter);
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(static waiter => ((Waiter)waiter!).Interrupt(), waiter);
        try
        {
            Sight sight;
            do
            {
                waiter.Sit(sources);
                sight = waiter.ParkAndSleep(ref condition, ref nextLook, deadline, cancellationToken);
            }
            while (sight == Sight.Pending && !deadline.IsOver && !cancellationToken.IsCancellationRequested);

            // The deadline may have passed in the sleep that a wake ended.
            return sight == Sight.Pending ? condition.Look() : sight;
        }
        finally
        {
            waiter.StandUp();
            foreach (WaitSource source in sources)
                source.Leave(waiter);
        }
    }

    private static Sight Spin<TCondition>(ref TCondition condition, WaitSource[] sources, Deadline deadline, CancellationToken cancellationToken)
        where TCondition : struct, ICondition
    {
        long nextLook = Environment.TickCount64 + ThreadWaiter.SliceMilliseconds;
        while (true)
        {
            Sight sight = Spinning.Look(ref condition, PausesBetweenChecks);
            if (sight != Sight.Pending || cancellationToken.IsCancellationRequested || deadline.IsOver)
                return sight;
            if (!Spinning.Pays)
                Thread.Yield();
            if (Environment.TickCount64 >= nextLook)
            {
                nextLook = Environment.TickCount64 + ThreadWaiter.SliceMilliseconds;
                foreach (WaitSource source in sources)
                {
                    foreach (Parking seat in source.Seats)
                    {
                        if (seat.Link.HasHungUp)
                            seat.Link.OnPeerHungUp();
                    }
                }
            }
        }
    }

    private static WaitOutcome Conclude(Sight sight, CancellationToken cancellationToken)
    {
        switch (sight)
        {
            case Sight.Met: return WaitOutcome.Met;
            case Sight.Over: return WaitOutcome.Over;
            default:
                cancellationToken.ThrowIfCancellationRequested();
                return WaitOutcome.TimedOut;
        }
    }
}
