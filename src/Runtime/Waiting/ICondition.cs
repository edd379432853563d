namespace TypedShm.Waiting;

/// <summary>What a wait finds when it polls its condition.</summary>
internal enum PollResult
{
    /// <summary>Not yet.</summary>
    Pending,

    /// <summary>What is waited for is there.</summary>
    Ready,

    /// <summary>It will never be there: the peer is gone, the channel is complete, or this end was disposed.</summary>
    Completed,
}

/// <summary>What a wait is for. A struct, so that a poll costs no call through an interface.</summary>
internal interface ICondition
{
    /// <summary>
    /// Polls the condition, with acquire semantics. The end of a connection is loaded before the data: what the peer published
    /// before its end counts.
    /// </summary>
    PollResult Poll();

    /// <summary>
    /// Looks at the data alone, for a waiter that spins: true if <see cref="Poll"/> would find something. What else could end the wait
    /// is polled now and then.
    /// </summary>
    /// <remarks>Without a default: a default method of an interface boxes the struct that it is called on.</remarks>
    bool MayBeReady();

    /// <summary>
    /// How long a spinning waiter pauses between two looks at the data, in pause instructions. Each of them takes the cache line away
    /// from the peer that is writing it: a wait that is not urgent polls seldom.
    /// </summary>
    static virtual int SpinsPerPoll => 1;
}

/// <summary>How a wait ended.</summary>
internal enum WaitOutcome
{
    Ready,
    Completed,
    TimedOut,
}
