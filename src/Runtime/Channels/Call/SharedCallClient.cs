using TypedShm.Channels;
using TypedShm.Transport;

namespace TypedShm;

/// <summary>The end of a channel of calls that asks.</summary>
/// <typeparam name="TRequest">The <c>[SharedLayout]</c> struct that it asks with.</typeparam>
/// <typeparam name="TResponse">The one that it is answered with.</typeparam>
/// <remarks>
/// <para>
/// Thread-safe: any number of threads and tasks may call at once, and answers come in any order. At most <see cref="Capacity"/> calls are open; further ones wait for their turn.
/// A call whose caller has given it up, by time-out or cancellation, stays open until the server answers it.
/// </para>
/// <para>
/// When the server is gone, open calls fail with a <see cref="PeerGoneException"/>, and nobody knows whether they were carried out. With <see cref="OpenOptions.Reconnect"/>
/// later calls wait for the next server, as long as their time-outs let them.
/// </para>
/// </remarks>
public sealed class SharedCallClient<TRequest, TResponse> : IDisposable
    where TRequest : unmanaged, ISharedLayout<TRequest>
    where TResponse : unmanaged, ISharedLayout<TResponse>
{
    private readonly CallClient<TRequest, TResponse> _client;

    internal SharedCallClient(CallClient<TRequest, TResponse> client)
    {
        _client = client;
        client.Start(this);
    }

    /// <inheritdoc cref="SharedStructReader{T}.StateChanged"/>
    public event EventHandler<ConnectionStateChangedEventArgs>? StateChanged
    {
        add => _client.StateChanged += value;
        remove => _client.StateChanged -= value;
    }

    /// <summary>Whether the server is there.</summary>
    public ConnectionState State => _client.State;

    /// <summary>The server, if it is connected.</summary>
    public IReadOnlyList<SharedPeer> Peers => _client.Peers;

    /// <summary>How many calls can be open at once.</summary>
    public int Capacity => _client.Connection.Capacity;

    /// <summary>The most bytes of payload that a request or a response can carry.</summary>
    public int PayloadCapacity => _client.Connection.Shape.Shape.PayloadCapacity;

    /// <summary>How many responses were for no open call, and were ignored. More than 0 means that a server does not keep to the protocol.</summary>
    public long IgnoredResponses => _client.Calls.Ignored;

    /// <summary>What the tests look at.</summary>
    internal CallClient<TRequest, TResponse> Client => _client;

    /// <summary>Asks, and waits for the answer on this thread.</summary>
    /// <exception cref="RemoteCallException">The handler threw.</exception>
    /// <exception cref="PeerGoneException">The server is gone. The message says whether the call was sent; if it was, whether it was carried out is unknown.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled. The server is told that nobody waits any more.</exception>
    /// <exception cref="ProtocolException">The server broke the protocol, and was disconnected.</exception>
    /// <exception cref="InvalidOperationException">A claim of this thread is open.</exception>
    /// <exception cref="ObjectDisposedException">This end was disposed.</exception>
    public TResponse Call(in TRequest request, CancellationToken cancellationToken = default) => _client.Calls.Call(in request, Deadline.Never, cancellationToken);

    /// <summary>As <see cref="Call(in TRequest, CancellationToken)"/>, but waits no longer than a given time.</summary>
    /// <inheritdoc cref="Call(in TRequest, CancellationToken)"/>
    /// <exception cref="TimeoutException">The time passed. The server is told that nobody waits any more.</exception>
    public TResponse Call(in TRequest request, TimeSpan timeout, CancellationToken cancellationToken = default) => _client.Calls.Call(in request, Deadline.After(timeout), cancellationToken);

    /// <summary>As <see cref="Call(in TRequest, CancellationToken)"/>, but occupies no thread. The task is to be awaited once.</summary>
    /// <inheritdoc cref="Call(in TRequest, CancellationToken)"/>
    public ValueTask<TResponse> CallAsync(TRequest request, CancellationToken cancellationToken = default) => _client.Calls.CallAsync(in request, Deadline.Never, cancellationToken);

    /// <summary>As <see cref="Call(in TRequest, TimeSpan, CancellationToken)"/>, but occupies no thread. The task is to be awaited once.</summary>
    /// <inheritdoc cref="Call(in TRequest, TimeSpan, CancellationToken)"/>
    public ValueTask<TResponse> CallAsync(TRequest request, TimeSpan timeout, CancellationToken cancellationToken = default) => _client.Calls.CallAsync(in request, Deadline.After(timeout), cancellationToken);

    /// <summary>Takes the slot of a request to be filled in, in place, waiting for it on this thread.</summary>
    /// <returns>The slot; dispose it.</returns>
    /// <inheritdoc cref="Call(in TRequest, CancellationToken)" path="/exception"/>
    public CallClaim<TRequest, TResponse> Claim(CancellationToken cancellationToken = default) => new(_client.Calls.Claim(Deadline.Never, cancellationToken));

    /// <summary>As <see cref="Claim(CancellationToken)"/>, but waits no longer than a given time.</summary>
    /// <inheritdoc cref="Claim(CancellationToken)"/>
    /// <exception cref="TimeoutException">The time passed.</exception>
    public CallClaim<TRequest, TResponse> Claim(TimeSpan timeout, CancellationToken cancellationToken = default) => new(_client.Calls.Claim(Deadline.After(timeout), cancellationToken));

    /// <summary>
    /// Closes this end: open calls fail with <see cref="ObjectDisposedException"/>, the server is told, and the memory is given back. Idempotent and thread-safe.
    /// </summary>
    public void Dispose() => _client.Dispose();
}
