namespace TypedShm.Waiting;

/// <summary>What a wait finds when it looks.</summary>
internal enum Sight
{
    /// <summary>Not yet.</summary>
    Pending,

    /// <summary>What is waited for is there.</summary>
    Met,

    /// <summary>It will not come any more: the peer is gone, the channel is complete, or this end was disposed.</summary>
    Over,
}

/// <summary>What a wait is for. A struct, so that looking costs no call through an interface.</summary>
internal interface ICondition
{
    /// <summary>
    /// Looks, with acquire semantics. Whether the peer is gone is to be looked at before the data is: what it published
    /// before its end counts.
    /// </summary>
    Sight Look();

    /// <summary>
    /// Looks at the data alone, for a waiter that spins: true if a look would find something. What else could end the wait is looked at
    /// now and then.
    /// </summary>
    /// <remarks>Without a default: a default method of an interface boxes the struct that it is called on.</remarks>
    bool Glance();

    /// <summary>
    /// How long a spinning waiter pauses between two looks, in pause instructions. Each look takes the cache line away from the peer
    /// that is writing it: a wait that is not urgent looks seldom.
    /// </summary>
    static virtual int Pauses => 1;
}

/// <summary>How a wait ended.</summary>
internal enum WaitOutcome
{
    Met,
    Over,
    TimedOut,
}
