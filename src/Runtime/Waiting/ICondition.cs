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
}

/// <summary>How a wait ended.</summary>
internal enum WaitOutcome
{
    Met,
    Over,
    TimedOut,
}
