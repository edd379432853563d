using TypedShm.Channels;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm;

/// <summary>The end of a channel of calls that answers them, for any number of clients.</summary>
/// <typeparam name="TRequest">The <c>[SharedLayout]</c> struct that a client asks with.</typeparam>
/// <typeparam name="TResponse">The one that it is answered with.</typeparam>
/// <remarks>
/// <para>
/// <see cref="Serve"/> carries one call after the other out, on its thread and in place; <see cref="ServeAsync"/> carries calls out
/// concurrently, on copies; <see cref="TryServe(CallHandler{TRequest, TResponse})"/> is for loops of one's own, with
/// <see cref="SharedWaitSet"/>. One of them at a time. Clients are served in turn, one call of each.
/// </para>
/// <para>
/// No client can hold the server up. One that keeps more calls open than it may, or does not read its responses, is cut off
/// (<see cref="SharedEnd.PeerRefused"/>), and the others do not notice.
/// </para>
/// </remarks>
public sealed class SharedCallServer<TRequest, TResponse> : SharedEnd, ISharedWaitable
    where TRequest : unmanaged, ISharedLayout<TRequest>
    where TResponse : unmanaged, ISharedLayout<TResponse>
{
    private readonly CallHost<TRequest, TResponse> _host;

    internal SharedCallServer(CallHost<TRequest, TResponse> host)
        : base(host) => _host = host;

    WaitSource ISharedWaitable.WaitSource => _host.Inbox.Source;

    WaitMode ISharedWaitable.WaitMode => _host.WaitMode;

    /// <summary>What the tests look at.</summary>
    internal CallHost<TRequest, TResponse> Host => _host;

    /// <summary>Carries calls out on this thread, in place and one after the other, until it is told to stop.</summary>
    /// <param name="handler">Answers a call. What it throws is reported to the client, and the server goes on.</param>
    /// <param name="cancellationToken">Stops it, between two calls.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The server is serving already.</exception>
    /// <exception cref="ObjectDisposedException">This end was disposed.</exception>
    /// <example>
    /// <code>
    /// server.Serve(call => call.Response.Sum = call.Request.A + call.Request.B, stop);
    /// </code>
    /// </example>
    public void Serve(CallHandler<TRequest, TResponse> handler, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _host.Serve(handler, cancellationToken);
    }

    /// <summary>Carries one call out, if one is there.</summary>
    /// <returns><see langword="false"/> if there is none.</returns>
    /// <inheritdoc cref="Serve" path="/param[@name='handler']"/>
    /// <inheritdoc cref="Serve" path="/exception[@cref='InvalidOperationException']"/>
    /// <inheritdoc cref="Serve" path="/exception[@cref='ObjectDisposedException']"/>
    public bool TryServe(CallHandler<TRequest, TResponse> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return _host.TryServe(handler);
    }

    /// <summary>Carries one call out, waiting for it on this thread, but not longer than a given time.</summary>
    /// <param name="handler">Answers a call. What it throws is reported to the client.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <returns><see langword="false"/> if the time passed.</returns>
    /// <inheritdoc cref="Serve" path="/exception"/>
    public bool TryServe(CallHandler<TRequest, TResponse> handler, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return _host.TryServe(handler, Deadline.After(timeout), cancellationToken);
    }

    /// <summary>
    /// Carries calls out concurrently, each on the thread pool and with a copy of its request, until it is told to stop; then waits for
    /// those that are under way.
    /// </summary>
    /// <param name="handler">
    /// Answers a call. Its token is cancelled when the client gives the call up or is gone, and means nothing any more once the handler
    /// is done. What the handler throws is reported to the client, and the server goes on.
    /// </param>
    /// <param name="cancellationToken">No further call is taken.</param>
    /// <returns>A task that never succeeds: it ends as the exceptions say.</returns>
    /// <inheritdoc cref="Serve" path="/exception"/>
    /// <example>
    /// <code>
    /// await server.ServeAsync(async (call, cancelled) => new Answer { Price = await Find(call.Request.Symbol, cancelled) }, stop);
    /// </code>
    /// </example>
    public Task ServeAsync(Func<AsyncCall<TRequest, TResponse>, CancellationToken, ValueTask<TResponse>> handler,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return _host.ServeAsync((call, cancelled) => handler(new AsyncCall<TRequest, TResponse>(call), cancelled), cancellationToken);
    }

    PollResult ISharedWaitable.Poll() => _host.Inbox.Poll();
}
