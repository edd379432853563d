using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace TypedShm.Channels;

/// <summary>
/// A call that an asynchronous handler carries out. Used for one call at a time, then again, so that a call allocates nothing.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable",
    Justification = "The source has no timer, and nobody takes its wait handle.")]
internal sealed class RunningCall<TRequest, TResponse> : IThreadPoolWorkItem
    where TRequest : unmanaged, ISharedLayout<TRequest>
    where TResponse : unmanaged, ISharedLayout<TResponse>
{
    private readonly AsyncDispatcher<TRequest, TResponse> _dispatcher;
    private readonly Action _finish;
    private CancellationTokenSource _stop = new();
    private ConfiguredValueTaskAwaitable<TResponse>.ConfiguredValueTaskAwaiter _answer;
    private bool _isStopped;

    // Both as long as payloads may be; made when a call first needs them.
    private byte[] _requestPayload = [];
    private byte[] _responsePayload = [];
    private int _requestLength;

    /// <summary>What the client asked.</summary>
    public TRequest Request;

    public RunningCall(AsyncDispatcher<TRequest, TResponse> dispatcher)
    {
        _dispatcher = dispatcher;
        _finish = Finish;
    }

    public ClientConnection<TRequest, TResponse>? Client { get; set; }

    /// <summary>The client's number of the call.</summary>
    public ulong Number { get; set; }

    /// <summary>What it sent along.</summary>
    public ReadOnlyMemory<byte> RequestPayload => _requestPayload.AsMemory(0, _requestLength);

    /// <summary>The room for what the answer brings along.</summary>
    public Memory<byte> ResponsePayload
    {
        get
        {
            if (_responsePayload.Length != Client!.PayloadCapacity)
                _responsePayload = new byte[Client.PayloadCapacity];
            return _responsePayload;
        }
    }

    /// <summary>How many bytes of it belong to the answer.</summary>
    public int ResponseLength { get; set; }

    /// <summary>The next one that is not in use.</summary>
    public RunningCall<TRequest, TResponse>? NextSpare { get; set; }

    /// <summary>Takes a copy of what was sent along.</summary>
    public void TakePayload(ReadOnlySpan<byte> payload)
    {
        if (_requestPayload.Length < payload.Length)
            _requestPayload = new byte[Client!.PayloadCapacity];
        payload.CopyTo(_requestPayload);
        _requestLength = payload.Length;
        ResponseLength = 0;
    }

    /// <summary>The answer is not wanted any more. Called under the lock of its client, while the call is in its table.</summary>
    /// <returns>What to cancel, outside that lock.</returns>
    public CancellationTokenSource Stop()
    {
        _isStopped = true;
        return _stop;
    }

    [SuppressMessage("Reliability", "CA2012:Use ValueTasks correctly",
        Justification = "Its awaiter is asked for the result once, in Finish.")]
    public void Execute()
    {
        try
        {
            // What it returns is its own affair too: a task that was awaited before throws when it is looked at.
            _answer = _dispatcher.Handler(this, _stop.Token).ConfigureAwait(false).GetAwaiter();
            if (!_answer.IsCompleted)
            {
                _answer.UnsafeOnCompleted(_finish);
                return;
            }
        }
        catch (Exception error)
        {
            Finish(default, error);
            return;
        }

        Finish();
    }

    private void Finish()
    {
        TResponse response = default;
        Exception? error = null;
        try
        {
            response = _answer.GetResult();
        }
        catch (Exception thrown)
        {
            error = thrown;
        }

        Finish(in response, error);
    }

    private void Finish(in TResponse response, Exception? error)
    {
        _answer = default;
        Client!.Answer(this, in response, error);

        // It is in no table any more, so nobody begins to cancel it. Who has begun may not be done with the source.
        if (_isStopped || !_stop.TryReset())
            _stop = new CancellationTokenSource();
        _isStopped = false;
        _dispatcher.Return(this);
    }
}
