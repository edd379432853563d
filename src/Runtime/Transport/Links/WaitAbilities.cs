using TypedShm.Interop;

namespace TypedShm.Transport;

/// <summary>What an end says of its ways to wait in the handshake. The numbers are part of the protocol.</summary>
[Flags]
internal enum WaitAbilities : uint
{
    None = 0,

    /// <summary>Its process has registered for membarrier: where its peer can issue barriers, it publishes without a fence.</summary>
    Registered = 1,

    /// <summary>It can, and wants to, issue barriers: it does so when it parks, if its peer has registered.</summary>
    IssuesBarriers = 2,

    /// <summary>It may park at all. Who never does is never looked at.</summary>
    Parks = 4,
}

/// <summary>Makes <see cref="WaitAbilities"/>.</summary>
internal static class WaitAbility
{
    /// <summary>What an end with these options can do. The task needs no thread of the pool to complete.</summary>
    public static Task<WaitAbilities> Of(WaitMode mode, WaitFence fence)
    {
        // A channel that only spins has nobody to wake, and one that fences always wants no process to be interrupted by
        // the barriers of others: neither registers.
        if (mode == WaitMode.Spin)
            return Task.FromResult(WaitAbilities.None);
        if (fence == WaitFence.Full)
            return Task.FromResult(WaitAbilities.Parks);

        // Who parks at each message does not gain by what makes parking dear.
        bool wantsBarriers = mode != WaitMode.Park || fence == WaitFence.Barrier;

        // No await: one that just misses the completion goes on on the pool. And the task, which the end keeps, has no business with
        // the context of the caller.
        using AsyncFlowControl? flow = ContextFlow.Suppress();
        return Membarrier.OfThisProcess.ContinueWith(
            process => WaitAbilities.Parks
                | (process.Result.IsRegistered ? WaitAbilities.Registered : 0)
                | (process.Result.CanIssue && wantsBarriers ? WaitAbilities.IssuesBarriers : 0),
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Whether the publisher of a direction has to fence for the parker of that direction.</summary>
    public static bool NeedsFence(WaitAbilities publisher, WaitAbilities parker) =>
        parker.HasFlag(WaitAbilities.Parks) && !IsAsymmetric(publisher, parker);

    /// <summary>Whether the parker's barrier takes the place of the publisher's fence.</summary>
    public static bool IsAsymmetric(WaitAbilities publisher, WaitAbilities parker) =>
        publisher.HasFlag(WaitAbilities.Registered) && parker.HasFlag(WaitAbilities.IssuesBarriers);
}
