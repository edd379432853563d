
namespace TypedShm.Channels;

/// <summary>The calls that one <c>ServeAsync</c> has under way.</summary>
internal sealed class AsyncServing<TRequest, TResponse>(Func<TRequest, CancellationToken, ValueTask<TResponse>> handler)
    where TRequest : unmanaged, ISharedLayout<TRequest>
    where TResponse : unmanaged, ISharedLayout<TResponse>
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RunningCall<TRequest, TResponse>? _spare;

    // Counts who takes the calls too.
    private int _count = 1;

    public Func<TRequest, CancellationToken, ValueTask<TResponse>> Handler => handler;

    /// <summary>Takes the next call of a client and lets the pool carry it out.</summary>
    public void Begin(Caller<TRequest, TResponse> caller)
    {
        RunningCall<TRequest, TResponse> call = Rent();
        if (caller.TryTake(call))
            ThreadPool.UnsafeQueueUserWorkItem(call, preferLocal: false);
        else
            Return(call);
    }

    public void Return(RunningCall<TRequest, TResponse> call)
    {
        lock (_gate)
        {
            call.NextSpare = _spare;
            _spare = call;
        }

        Leave();
    }

    /// <summary>No call is taken any more: waits for those that were.</summary>
    public Task Drain()
    {
        Leave();
        return _drained.Task;
    }

    private RunningCall<TRequest, TResponse> Rent()
    {
        Interlocked.Increment(ref _count);
        lock (_gate)
        {
            RunningCall<TRequest, TResponse> call = _spare ?? new RunningCall<TRequest, TResponse>(this);
            _spare = call.NextSpare;
            return call;
        }
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _count) == 0)
            _drained.SetResult();
    }
}
