using System.Runtime.CompilerServices;
using TypedShm.Transport;

namespace TypedShm.Channels;

/// <content>Calls without a thread.</content>
internal sealed partial class PendingCalls<TRequest, TResponse>
{
    /// <summary>Calls without a thread, unless the mode is <see cref="WaitMode.Spin"/>.</summary>
    public ValueTask<TResponse> CallAsync(in TRequest request, Deadline deadline, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<TResponse>(cancellationToken);
        try
        {
            if (mode == WaitMode.Spin)
                return new ValueTask<TResponse>(Call(in request, deadline, cancellationToken));
            return BeginAsync(in request, null, isTry: false, deadline, cancellationToken).AsTask();
        }
        catch (Exception error) when (IsForTheTask(error))
        {
            return Failed<TResponse>(error);
        }
    }

    /// <summary>As <see cref="CallAsync(in TRequest, Deadline, CancellationToken)"/>, but null if the deadline passes.</summary>
    public ValueTask<TResponse?> TryCallAsync(in TRequest request, Deadline deadline, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<TResponse?>(cancellationToken);
        try
        {
            if (mode == WaitMode.Spin)
                return new ValueTask<TResponse?>(TryCall(in request, out TResponse response, deadline, cancellationToken)
                    ? response
                    : null);
            return BeginAsync(in request, null, isTry: true, deadline, cancellationToken).AsTry();
        }
        catch (Exception error) when (IsForTheTask(error))
        {
            return Failed<TResponse?>(error);
        }
    }

    /// <summary>As <see cref="CallAsync(in TRequest, Deadline, CancellationToken)"/>, with payloads.</summary>
    /// <returns>The answer, and how many bytes its payload has.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<(TResponse Response, int PayloadLength)> CallAsync(
        TRequest request, ReadOnlyMemory<byte> payload, Memory<byte> responsePayload, Deadline deadline,
            CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        PendingCall<TRequest, TResponse> call =
            BeginAsync(in request, new CallPayloads(payload, responsePayload), isTry: false, deadline, cancellationToken);
        return await call.AsTaskWithPayload().ConfigureAwait(false);
    }

    private static bool IsForTheTask(Exception error) =>
        error is OperationCanceledException or SharedMemoryException or TimeoutException or ObjectDisposedException;

    private static ValueTask<TResult> Failed<TResult>(Exception error) => error is OperationCanceledException cancelled
        ? ValueTask.FromCanceled<TResult>(cancelled.CancellationToken)
        : ValueTask.FromException<TResult>(error);

    private PendingCall<TRequest, TResponse> BeginAsync(
        in TRequest request, CallPayloads? payloads, bool isTry, Deadline deadline, CancellationToken cancellationToken)
    {
        PendingCall<TRequest, TResponse> call = Begin(in request, payloads, isBlocking: false, deadline, cancellationToken);

        // Nothing but what is watched for below times out.
        call.IsTry = isTry;
        if (call.IsReceiver)
            ReceiveForAWhile(call);

        // A call that is over takes no notice.
        if (!call.IsOver)
            call.Watch();
        return call;
    }
}
