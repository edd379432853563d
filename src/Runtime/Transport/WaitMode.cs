namespace TypedShm;

/// <summary>How an end waits for its peer. Asynchronous waits never occupy a thread, except with <see cref="Spin"/>.</summary>
public enum WaitMode
{
    /// <summary>Look for some microseconds, for longer while that turns out to pay, then sleep. The default.</summary>
    SpinThenPark = 0,

    /// <summary>Sleep at once: the least processor time, at the price of a wake-up for every message that has to be waited for.</summary>
    Park = 1,

    /// <summary>
    /// Never sleep: the shortest latency, at the price of a core that burns for as long as the wait lasts.
    /// Asynchronous methods burn it too, and complete before they return.
    /// </summary>
    Spin = 2,
}

/// <summary>What keeps a wake-up from being lost between an end that publishes and one that goes to sleep.</summary>
public enum WaitFence
{
    /// <summary>
    /// Where both processes can, the one that goes to sleep pays: it issues membarrier(2), some 0.5 µs, and publishing needs no
    /// fence. Elsewhere, and for an end with <see cref="WaitMode.Park"/>, as <see cref="Full"/>: who sleeps at each message would pay
    /// more for all the barriers than its peer for all the fences. The default.
    /// </summary>
    Auto = 0,

    /// <summary>
    /// Both pay with a fence, a few nanoseconds for every message. This process then does not register for membarrier, so
    /// that no other process of the machine can interrupt it by issuing barriers in a storm.
    /// </summary>
    Full = 1,

    /// <summary>
    /// As <see cref="Auto"/>, but also with <see cref="WaitMode.Park"/>: for an end that sleeps seldom, and yet must not spin.
    /// </summary>
    Barrier = 2,
}
