using System.Diagnostics;

namespace TypedShm.Hosting;

/// <summary>Calls whose activity goes on in the process that answers them.</summary>
public static class TracedCalls
{
    /// <summary>
    /// As <see cref="SharedCallClient{TRequest, TResponse}.CallAsync(TRequest, CancellationToken)"/>, in an activity that the request
    /// carries to the server.
    /// </summary>
    /// <inheritdoc cref="SharedCallClient{TRequest, TResponse}.CallAsync(TRequest, CancellationToken)" path="/exception"/>
    public static async ValueTask<TResponse> CallTracedAsync<TRequest, TResponse>(
        this SharedCallClient<TRequest, TResponse> client, TRequest request, CancellationToken cancellationToken = default)
        where TRequest : unmanaged, ISharedLayout<TRequest>, ITraced
        where TResponse : unmanaged, ISharedLayout<TResponse>
    {
        ArgumentNullException.ThrowIfNull(client);
        using Activity? activity = Tracing.Start("call", client, ActivityKind.Client, default);
        request.Trace = TraceContext.Current;
        try
        {
            return await client.CallAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            activity.Fail(error);
            throw;
        }
    }
}
