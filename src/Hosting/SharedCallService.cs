using System.Diagnostics;
using Microsoft.Extensions.Hosting;

namespace TypedShm.Hosting;

/// <summary>A hosted service that answers calls, any number at once.</summary>
/// <typeparam name="TRequest">The request.</typeparam>
/// <typeparam name="TResponse">The response.</typeparam>
/// <remarks>
/// When the host stops, no further call is taken, and those that are under way are answered still. What a handler throws is reported to its
/// client, and the service goes on. A request that is <see cref="ITraced"/> is handled in an activity of its trace.
/// </remarks>
/// <example>
/// <code>
/// sealed class Prices([FromKeyedServices("prices")] IHostedEnd&lt;SharedCallServer&lt;Inquiry, Quote&gt;&gt; server)
///     : SharedCallService&lt;Inquiry, Quote&gt;(server)
/// {
///     protected override async ValueTask&lt;Quote&gt; HandleAsync(
///         AsyncCall&lt;Inquiry, Quote&gt; incoming, CancellationToken cancellationToken) => …;
/// }
///
/// services.AddSharedCallServer&lt;Inquiry, Quote&gt;("prices").AddHostedService&lt;Prices&gt;();
/// </code>
/// </example>
public abstract class SharedCallService<TRequest, TResponse> : BackgroundService
    where TRequest : unmanaged, ISharedLayout<TRequest>
    where TResponse : unmanaged, ISharedLayout<TResponse>
{
    private readonly IHostedEnd<SharedCallServer<TRequest, TResponse>> _end;

    /// <summary>Answers the calls of a server, which nothing else may serve.</summary>
    protected SharedCallService(IHostedEnd<SharedCallServer<TRequest, TResponse>> server)
    {
        ArgumentNullException.ThrowIfNull(server);
        _end = server;
    }

    /// <summary>Answers a call.</summary>
    /// <param name="incoming">The call.</param>
    /// <param name="cancellationToken">The client has given the call up, or is gone.</param>
    protected abstract ValueTask<TResponse> HandleAsync(AsyncCall<TRequest, TResponse> incoming, CancellationToken cancellationToken);

    /// <inheritdoc/>
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await _end.Value.ServeAsync(Handle, stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops; what was under way is answered.
        }
    }

    private async ValueTask<TResponse> Handle(AsyncCall<TRequest, TResponse> call, CancellationToken cancellationToken)
    {
        using Activity? activity = Tracing.Begin(call.Request, "serve", _end.Value, ActivityKind.Server);
        try
        {
            return await HandleAsync(call, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            activity.Fail(error);
            throw;
        }
    }
}
