namespace TypedShm.CrashSweep;

/// <summary>What is done wrong on purpose, which the sweep has to notice.</summary>
internal enum Fault
{
    None,

    /// <summary>The survivor is never told that the connection has ended.</summary>
    NoWakeOnEof,

    /// <summary>The victim commits claims before it fills them in.</summary>
    CommitBeforeFill,

    /// <summary>The victim gives messages back before it has done what they ask for.</summary>
    HeadBeforeDelivery,

    /// <summary>The victim commits the messages of a batch from the first to the last.</summary>
    ForwardBatchCommit,

    /// <summary>The survivor forgets to close a descriptor.</summary>
    LeakedDescriptor,
}
