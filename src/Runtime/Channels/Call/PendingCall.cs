using System.Diagnostics.CodeAnalysis;
using System.Threading.Tasks.Sources;
using TypedShm.Interop;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Channels;

/// <summary>How far a call of a client is.</summary>
internal enum CallState
{
    /// <summary>Not in use.</summary>
    Idle,

    /// <summary>Waits for its turn to be sent.</summary>
    Queued,

    /// <summary>Its caller fills the request in, in place.</summary>
    Claimed,

    /// <summary>Its caller waits for the response.</summary>
    Sent,

    /// <summary>There is a response, or an error.</summary>
    Done,
}

/// <summary>
/// A call that somebody makes, and waits for: a thread, or a task. Used for one call at a time, then again, so that a call allocates
/// nothing. What it holds is guarded by the lock of <see cref="PendingCalls{TRequest, TResponse}"/>.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable",
    Justification = "Timer and event are used again and again, by whoever makes the next call; nobody takes the event's wait handle.")]
internal sealed class PendingCall<TRequest, TResponse>(PendingCalls<TRequest, TResponse> calls)
    : IValueTaskSource<TResponse>, IValueTaskSource<TResponse?>, IValueTaskSource<(TResponse Response, int PayloadLength)>
    where TRequest : unmanaged, ISharedLayout<TRequest>
    where TResponse : unmanaged, ISharedLayout<TResponse>
{
    private const int PausesBetweenChecks = 256;

    private ManualResetValueTaskSourceCore<bool> _signal = new() { RunContinuationsAsynchronously = true };
    private readonly ManualResetEventSlim _event = new();
    private CancellationTokenRegistration _registration;
    private Timer? _timer;
    private volatile CallState _state;
    private volatile bool _isReceiver;

    /// <summary>What is asked, until it is sent.</summary>
    public TRequest Request;

    /// <summary>The answer.</summary>
    public TResponse Response;

    public PendingCalls<TRequest, TResponse> Calls => calls;

    public CallState State
    {
        get => _state;
        set => _state = value;
    }

    /// <summary>Whether its thread is the one that waits for responses, those of others too.</summary>
    public bool IsReceiver
    {
        get => _isReceiver;
        set => _isReceiver = value;
    }

    /// <summary>Whether a thread waits for it.</summary>
    public bool IsBlocking { get; set; }

    /// <summary>Whether to be late is no error, but no answer.</summary>
    public bool IsTry { get; set; }

    /// <summary>Whether request and response are left in the lanes.</summary>
    public bool IsInPlace { get; set; }

    /// <summary>What <see cref="IsInPlace"/> users have to name, so that they notice when they use a call that is over.</summary>
    public int Generation { get; set; }

    public Deadline Deadline { get; set; }

    public CancellationToken CancellationToken { get; set; }

    /// <summary>The thread that claims.</summary>
    public int ThreadId { get; set; }

    /// <summary>Instead of an answer.</summary>
    public Exception? Error { get; set; }

    /// <summary>Where it was sent, or is to be.</summary>
    public OpenCalls<TRequest, TResponse>? Connection { get; set; }

    public ulong Number { get; set; }

    /// <summary>Where the request, later the response, stands in its lane.</summary>
    public ulong Position { get; set; }

    public int PayloadLength { get; set; }

    /// <summary>The payloads of a call that is not in place, if it has any.</summary>
    public CallPayloads? Payloads { get; set; }

    /// <summary>The next one in the list that it is in.</summary>
    public PendingCall<TRequest, TResponse>? Next { get; set; }

    /// <summary>The one before it in the queue.</summary>
    public PendingCall<TRequest, TResponse>? Previous { get; set; }

    /// <summary>Where it stands among those whose threads wait without being the receiver; -1 if it does not.</summary>
    public int BlockedIndex { get; set; } = -1;

    /// <summary>Whether its caller has nothing more to wait for.</summary>
    public bool IsOver => _state is CallState.Done or CallState.Claimed;

    /// <summary>As the result of an asynchronous call.</summary>
    public ValueTask<TResponse> AsTask() => new((IValueTaskSource<TResponse>)this, _signal.Version);

    /// <summary>As <see cref="AsTask"/>, of a call that may be late.</summary>
    public ValueTask<TResponse?> AsTry() => new((IValueTaskSource<TResponse?>)this, _signal.Version);

    /// <summary>As <see cref="AsTask"/>, with the length of the payload.</summary>
    public ValueTask<(TResponse Response, int PayloadLength)> AsTaskWithPayload() => new(this, _signal.Version);

    /// <summary>Ends the wait of its thread, or lets it look again.</summary>
    public void Wake() => _event.Set();

    /// <summary>Ends the wait of its task. Not under a lock: a continuation may be posted to whatever the task was awaited on.</summary>
    public void Complete()
    {
        if (Error is null || IsLate)
            _signal.SetResult(true);
        else
            _signal.SetException(Error);
    }

    /// <summary>Waits on this thread until the call is over, or it has to receive.</summary>
    /// <returns>False if the deadline passed.</returns>
    public bool WaitForTurn(WaitMode mode, Deadline deadline, CancellationToken cancellationToken)
    {
        while (true)
        {
            // Before the look: who changes what is looked at sets the event afterwards. Both are full fences.
            _event.Reset();
            if (IsOver || IsReceiver)
                return true;
            if (mode != WaitMode.Spin)
            {
                if (!_event.Wait(deadline.Remaining, cancellationToken))
                    return false;
                continue;
            }

            for (int i = 0; i < PausesBetweenChecks && !_event.IsSet; i++)
                Spinning.Pause();
            if (!Spinning.IsUseful)
                Thread.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            if (deadline.IsOver)
                return false;
        }
    }

    /// <summary>Ends the call of a task early, if it comes to that.</summary>
    public void Watch()
    {
        if (Deadline.Slice(int.MaxValue) is not int.MaxValue and int milliseconds)
        {
            _timer ??= ContextFlow.NewTimer(static call => ((PendingCall<TRequest, TResponse>)call!).Expire(), this);
            _timer.Change(milliseconds, Timeout.Infinite);
        }

        if (CancellationToken.CanBeCanceled)
            _registration = CancellationToken.UnsafeRegister(static call => ((PendingCall<TRequest, TResponse>)call!).Expire(), this);
    }

    /// <summary>
    /// A timer that comes too early is set again. Where there is none yet, it was the token of an earlier use of the object that came,
    /// and <see cref="Watch"/> will follow.
    /// </summary>
    public void WatchOn() => _timer?.Change(Math.Max(1, Deadline.Slice(int.MaxValue)), Timeout.Infinite);

    TResponse IValueTaskSource<TResponse>.GetResult(short token) => GetResult(token).Response;

    TResponse? IValueTaskSource<TResponse?>.GetResult(short token)
    {
        // What is looked at goes with the result.
        bool isLate = IsLate;
        TResponse response = GetResult(token).Response;
        return isLate ? null : response;
    }

    (TResponse Response, int PayloadLength) IValueTaskSource<(TResponse Response, int PayloadLength)>.GetResult(short token) =>
        GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<TResponse>.GetStatus(short token) => _signal.GetStatus(token);

    ValueTaskSourceStatus IValueTaskSource<TResponse?>.GetStatus(short token) => _signal.GetStatus(token);

    ValueTaskSourceStatus IValueTaskSource<(TResponse Response, int PayloadLength)>.GetStatus(short token) => _signal.GetStatus(token);

    void IValueTaskSource<TResponse>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _signal.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource<TResponse?>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _signal.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource<(TResponse Response, int PayloadLength)>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _signal.OnCompleted(continuation, state, token, flags);

    private bool IsLate => IsTry && Error is TimeoutException;

    private (TResponse Response, int PayloadLength) GetResult(short token)
    {
        if (_signal.GetStatus(token) == ValueTaskSourceStatus.Pending)
            throw new InvalidOperationException("The call is not over. Await the task.");
        try
        {
            _signal.GetResult(token);
            return (Response, PayloadLength);
        }
        finally
        {
            // Without waiting for one that is running: Expire finds out whether it is about this use of the object.
            _registration.Unregister();
            _timer?.Change(Timeout.Infinite, Timeout.Infinite);
            _signal.Reset();
            calls.Return(this);
        }
    }

    private void Expire() => calls.Expire(this);
}

/// <summary>The payloads of a call whose caller has them in memory of its own.</summary>
/// <param name="Request">What is sent along.</param>
/// <param name="Response">Where that of the answer is copied to.</param>
internal readonly record struct CallPayloads(ReadOnlyMemory<byte> Request, Memory<byte> Response);
