using System.Runtime.CompilerServices;
using TypedShm.Interop;
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
    public static WaitOutcome For<TCondition>(
        ref TCondition condition, WaitSource[] sources, WaitMode mode, Deadline deadline, CancellationToken cancellationToken)
        where TCondition : struct, ICondition
    {
        cancellationToken.ThrowIfCancellationRequested();
        PollResult result = mode switch
        {
            WaitMode.Spin => Spin(ref condition, sources, deadline, cancellationToken),
            WaitMode.SpinThenPark => sources[0].AdaptiveSpin.Poll(ref condition),
            _ => condition.Poll(),
        };
        if (result == PollResult.Pending && mode != WaitMode.Spin)
            result = Park(ref condition, sources, deadline, cancellationToken);
        return Conclude(result, cancellationToken);
    }

    /// <summary>Waits without a thread (unless the mode is <see cref="WaitMode.Spin"/>).</summary>
    /// <inheritdoc cref="For"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<WaitOutcome> ForAsync<TCondition>(
        TCondition condition, WaitSource[] sources, WaitMode mode, Deadline deadline, CancellationToken cancellationToken)
        where TCondition : struct, ICondition
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (mode == WaitMode.Spin)
            return For(ref condition, sources, mode, deadline, cancellationToken);
        PollResult result = mode == WaitMode.SpinThenPark ? sources[0].AdaptiveSpin.Poll(ref condition) : condition.Poll();
        if (result != PollResult.Pending)
            return Conclude(result, cancellationToken);

        TaskWaiter waiter = sources[0].Rent();
        foreach (WaitSource source in sources)
            source.AddWaiter(waiter);
        using (cancellationToken.UnsafeRegister(static waiter => ((Waiter)waiter!).InterruptAndAwake(), waiter))
        {
            try
            {
                while (result == PollResult.Pending && !cancellationToken.IsCancellationRequested)
                {
                    waiter.Arm();
                    waiter.Register(sources);
                    result = waiter.Park(ref condition);
                    if (result == PollResult.Pending && !deadline.IsOver && !cancellationToken.IsCancellationRequested)
                    {
                        CrashPoint.Reach(CrashStep.ParkSleeping);
                        await waiter.Sleep(waiter.SleepTime(deadline)).ConfigureAwait(false);

                        // Without another parking, see ThreadWaiter.
                        result = condition.Poll();
                        continue;
                    }

                    await waiter.Disarm().ConfigureAwait(false);
                    break;
                }
            }
            finally
            {
                waiter.Unregister();
                foreach (WaitSource source in sources)
                    source.RemoveWaiter(waiter);
            }
        }

        sources[0].Return(waiter);
        return Conclude(result, cancellationToken);
    }

    private static PollResult Park<TCondition>(
        ref TCondition condition, WaitSource[] sources, Deadline deadline, CancellationToken cancellationToken)
        where TCondition : struct, ICondition
    {
        ThreadWaiter waiter = ThreadWaiter.OfThisThread;
        long nextLook = 0;
        foreach (WaitSource source in sources)
            source.AddWaiter(waiter);
        using CancellationTokenRegistration registration =
            cancellationToken.UnsafeRegister(static waiter => ((Waiter)waiter!).InterruptAndAwake(), waiter);
        try
        {
            PollResult result;
            do
            {
                waiter.Register(sources);
                result = waiter.ParkAndSleep(ref condition, ref nextLook, deadline, cancellationToken);
            }
            while (result == PollResult.Pending && !deadline.IsOver && !cancellationToken.IsCancellationRequested);

            // The deadline may have passed in the sleep that a wake ended.
            return result == PollResult.Pending ? condition.Poll() : result;
        }
        finally
        {
            waiter.Unregister();
            foreach (WaitSource source in sources)
                source.RemoveWaiter(waiter);
        }
    }

    private static PollResult Spin<TCondition>(
        ref TCondition condition, WaitSource[] sources, Deadline deadline, CancellationToken cancellationToken)
        where TCondition : struct, ICondition
    {
        long nextLook = Environment.TickCount64 + ThreadWaiter.SliceMilliseconds;
        while (true)
        {
            PollResult result = Spinning.Poll(ref condition, PausesBetweenChecks);
            if (result != PollResult.Pending || cancellationToken.IsCancellationRequested || deadline.IsOver)
                return result;
            if (!Spinning.IsUseful)
                Thread.Yield();
            if (Environment.TickCount64 >= nextLook)
            {
                nextLook = Environment.TickCount64 + ThreadWaiter.SliceMilliseconds;
                foreach (WaitSource source in sources)
                {
                    foreach (Parking parking in source.Links)
                    {
                        if (parking.Link.HasHungUp)
                            parking.Link.OnPeerHungUp();
                    }
                }
            }
        }
    }

    private static WaitOutcome Conclude(PollResult result, CancellationToken cancellationToken)
    {
        switch (result)
        {
            case PollResult.Ready: return WaitOutcome.Ready;
            case PollResult.Completed: return WaitOutcome.Completed;
            default:
                cancellationToken.ThrowIfCancellationRequested();
                return WaitOutcome.TimedOut;
        }
    }
}
