namespace TypedShm.Soak;

/// <summary>The channel that a run is about.</summary>
internal enum Channel
{
    Queue,
    Lossless,
    Lossy,
    State,
    Table,
    Call,
}

/// <summary>How the two ends of a run wait.</summary>
internal enum Waits
{
    Spin,
    SpinThenPark,

    /// <summary>With room for one message, so that both ends sleep at each.</summary>
    Park,

    /// <summary>As <see cref="Park"/>, without threads.</summary>
    Async,
}

/// <summary>What keeps wake-ups from being lost.</summary>
internal enum Fences
{
    /// <summary>The parking end issues membarrier.</summary>
    Asymmetric,

    /// <summary>Both ends fence.</summary>
    Full,

    /// <summary>One end runs under a filter of system calls that refuses membarrier.</summary>
    Filtered,
}

/// <summary>What the writer does wrong, so that the checker can be seen to notice.</summary>
internal enum Fault
{
    None,
    Tear,
    Drop,
    Double,
    EarlyCommit,
}

/// <summary>One run: what both of its processes are told.</summary>
internal sealed record Plan(Channel Channel, Waits Waits, Fences Fences, long Messages, Fault Fault, string Name)
{
    public bool IsAsync => Waits == Waits.Async;

    /// <summary>Whether each message is to be slept for.</summary>
    public bool Sleeps => Waits is Waits.Park or Waits.Async;

    public WaitMode Mode => Waits switch
    {
        Waits.Spin => WaitMode.Spin,
        Waits.SpinThenPark => WaitMode.SpinThenPark,
        _ => WaitMode.Park,
    };

    public WaitFence Fence => Fences == Fences.Full ? WaitFence.Full : WaitFence.Barrier;

    public OpenOptions Open => new() { Wait = Mode, Fence = Fence, Timeout = TimeSpan.FromSeconds(60) };

    /// <summary>Messages before this one warm up: what they allocate does not count.</summary>
    public long WarmUp => Messages / 10;

    /// <summary>Whether the writer gets this message wrong in the way of a fault that lasts: from the middle on.</summary>
    public bool IsWrong(long number, Fault fault) => fault == Fault && number >= Messages / 2;

    /// <summary>The number that stands in the message that is written as the <paramref name="position"/>th.</summary>
    public long NumberAt(long position) => position < Messages / 2 ? position : Fault switch
    {
        Fault.Drop => position + 1,
        Fault.Double => position - 1,
        _ => position,
    };

    /// <summary>Fills a message in, before it is committed, as the plan says.</summary>
    public void Fill(ref Message message, long position)
    {
        if (IsWrong(position, Fault.Tear))
            message.Tear(NumberAt(position));
        else if (!IsWrong(position, Fault.EarlyCommit))
            message.Fill(NumberAt(position));
    }
}
