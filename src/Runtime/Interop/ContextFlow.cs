namespace TypedShm.Interop;

/// <summary>
/// Keeps the execution context of the caller (async locals, the scope of a request) out of what outlives the call: timers and
/// continuations of ends and waiters, which would otherwise keep it alive for as long as they live themselves.
/// </summary>
internal static class ContextFlow
{
    /// <summary>Nothing that this thread makes captures its context until the result is disposed, on the same thread.</summary>
    public static AsyncFlowControl? Suppress() => ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();

    /// <summary>A timer that is not set yet.</summary>
    public static Timer NewTimer(TimerCallback callback, object state)
    {
        using AsyncFlowControl? flow = Suppress();
        return new Timer(callback, state, Timeout.Infinite, Timeout.Infinite);
    }
}
