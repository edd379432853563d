using System.Threading.Tasks.Sources;
using TypedShm.Interop;

namespace TypedShm.Waiting;

/// <summary>
/// A task that waits, without a thread: for a byte on the socket of one of its links, or any other interrupt. Used by
/// one task at a time, then again by another, so that waiting allocates nothing.
/// </summary>
internal sealed unsafe class TaskWaiter : Waiter, IValueTaskSource
{
    private const int Idle = 0;
    private const int Armed = 1;

    private ManualResetValueTaskSourceCore<bool> _pulse = new() { RunContinuationsAsynchronously = true };
    private Timer? _timer;
    private int _state;

    /// <summary>
    /// Prepares the next <see cref="Sleep"/>. Before <see cref="Waiter.Park"/>, so that an interrupt that comes after its look ends it.
    /// </summary>
    public void Arm()
    {
        _pulse.Reset();

        // A full fence between this store and whatever the sleeper looks at next; its partner is the exchange in Interrupt, after
        // what was changed: either the sleeper sees that, or the state is found armed there. A store with release would not do: neither x64
        // nor arm64 keeps it before a later load.
        Interlocked.Exchange(ref _state, Armed);
    }

    public override uint Interrupt()
    {
        // step: interrupt.count. Before the state is taken back: a waiter that parks anew sees the interrupt.
        uint mine = Interlocked.Increment(ref *Interrupts);

        // Exactly one of all that come at once, and of the waiter itself, takes the state back. See Arm.
        if (Interlocked.Exchange(ref _state, Idle) == Armed)
            _pulse.SetResult(true);
        return mine;
    }

    /// <summary>
    /// Waits for an interrupt, at most for some milliseconds (-1: without limit). To be called once after each <see cref="Arm"/>.
    /// </summary>
    public ValueTask Sleep(int milliseconds)
    {
        if (milliseconds >= 0)
        {
            _timer ??= ContextFlow.NewTimer(static waiter => ((TaskWaiter)waiter!).Interrupt(), this);
            _timer.Change(milliseconds, Timeout.Infinite);
        }

        return new ValueTask(this, _pulse.Version);
    }

    /// <summary>In place of <see cref="Sleep"/>, if there is no reason to sleep.</summary>
    /// <returns>What to await: done, unless an interrupt is just completing the pulse.</returns>
    public ValueTask Disarm() =>
        Interlocked.Exchange(ref _state, Idle) == Armed ? ValueTask.CompletedTask : new ValueTask(this, _pulse.Version);

    /// <summary>How long the next sleep may be.</summary>
    public int SleepTime(Transport.Deadline deadline)
    {
        int slice = deadline.Slice(Slice);
        return slice == int.MaxValue ? Timeout.Infinite : slice;
    }

    void IValueTaskSource.GetResult(short token) => _pulse.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _pulse.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _pulse.OnCompleted(continuation, state, token, flags);

    protected override bool SleepsOnSocket(int links) => true;
}
