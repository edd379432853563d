namespace TypedShm.Channels;

/// <summary>The calls that one <c>ServeAsync</c> has under way.</summary>
internal sealed class AsyncDispatcher<TRequest, TResponse>(
    Func<RunningCall<TRequest, TResponse>, CancellationToken, ValueTask<TResponse>> handler)
    where TRequest : unmanaged, ISharedLayout<TRequest>
    where TResponse : unmanaged, ISharedLayout<TResponse>
{
    // What a burst has needed beyond that is garbage after it.
    private const int MaxSpares = 256;

    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RunningCall<TRequest, TResponse>? _spare;
    private int _spares;

    // Counts who takes the calls too.
    private int _count = 1;

    public Func<RunningCall<TRequest, TResponse>, CancellationToken, ValueTask<TResponse>> Handler => handler;

    /// <summary>How many objects are kept to be used again.</summary>
    public int Spares
    {
        get
        {
            lock (_gate)
                return _spares;
        }
    }

    /// <summary>Takes the next call of a client and lets the pool carry it out.</summary>
    public void Begin(ClientConnection<TRequest, TResponse> client)
    {
        RunningCall<TRequest, TResponse> call = Rent();
        if (client.TryTake(call))
            ThreadPool.UnsafeQueueUserWorkItem(call, preferLocal: false);
        else
            Return(call);
    }

    public void Return(RunningCall<TRequest, TResponse> call)
    {
        // A spare keeps no client alive.
        call.Client = null;
        lock (_gate)
        {
            if (_spares < MaxSpares)
            {
                _spares++;
                call.NextSpare = _spare;
                _spare = call;
            }
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
            if (_spare is not { } call)
                return new RunningCall<TRequest, TResponse>(this);
            _spares--;
            _spare = call.NextSpare;
            call.NextSpare = null;
            return call;
        }
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _count) == 0)
            _drained.SetResult();
    }
}
