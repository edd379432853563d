using System.Runtime.CompilerServices;
using TypedShm.Channels;
using TypedShm.Transport;

namespace TypedShm;

/// <summary>The end of a channel of calls that asks.</summary>
/// <typeparam name="TRequest">The <c>[SharedLayout]</c> struct that it asks with.</typeparam>
/// <typeparam name="TResponse">The one that it is answered with.</typeparam>
/// <remarks>
/// <para>
/// Thread-safe: any number of threads and tasks may call at once, and answers come in any order. At most <see cref="Capacity"/> calls are
/// open; further ones wait for their turn. A call whose caller has given it up, by time-out or cancellation, stays open until the server
/// answers it.
/// </para>
/// <para>
/// When the server is gone, open calls fail with a <see cref="PeerGoneException"/>, and nobody knows whether they were carried out. With
/// <see cref="OpenOptions.Reconnect"/> later calls wait for the next server, as long as their time-outs let them.
/// </para>
/// </remarks>
public sealed class SharedCallClient<TRequest, TResponse> : SharedEnd
    where TRequest : unmanaged, ISharedLayout<TRequest>
    where TResponse : unmanaged, ISharedLayout<TResponse>
{
    private readonly CallClient<TRequest, TResponse> _client;

    internal SharedCallClient(CallClient<TRequest, TResponse> client)
        : base(client)
    {
        _client = client;
        client.Start();
    }

    /// <summary>How many calls can be open at once: the server's choice, 0 as long as there was none.</summary>
    public int Capacity => _client.Connection?.Capacity ?? 0;

    /// <summary>
    /// The most bytes of payload that a request or a response can carry: the server's choice, 0 as long as there was none.
    /// </summary>
    public int PayloadCapacity => _client.Connection?.Shape.Shape.PayloadCapacity ?? 0;

    /// <summary>
    /// How many responses were for no open call, and were ignored. More than 0 means that a server does not keep to the protocol.
    /// </summary>
    public long IgnoredResponses => _client.Calls.Ignored;

    /// <summary>What the tests look at.</summary>
    internal CallClient<TRequest, TResponse> Client => _client;

    /// <summary>Asks, and waits for the answer on this thread.</summary>
    /// <exception cref="RemoteCallException">The handler threw.</exception>
    /// <exception cref="PeerGoneException">
    /// The server is gone. The message says whether the call was sent; if it was, whether it was carried out is unknown.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled. The server is told that nobody waits any more.</exception>
    /// <exception cref="ProtocolException">The server broke the protocol, and was disconnected.</exception>
    /// <exception cref="InvalidOperationException">A claim of this thread is open.</exception>
    /// <exception cref="ObjectDisposedException">This end was disposed.</exception>
    public TResponse Call(in TRequest request, CancellationToken cancellationToken = default) =>
        _client.Calls.Call(in request, Deadline.Never, cancellationToken);

    /// <summary>As <see cref="Call(in TRequest, CancellationToken)"/>, but waits no longer than a given time.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="response">The answer.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <returns>
    /// <see langword="false"/> if the time passed. The server is told that nobody waits any more; whether it carries the call out is not
    /// known.
    /// </returns>
    /// <inheritdoc cref="Call(in TRequest, CancellationToken)" path="/exception"/>
    public bool TryCall(in TRequest request, out TResponse response, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        _client.Calls.TryCall(in request, out response, Deadline.After(timeout), cancellationToken);

    /// <summary>As <see cref="Call(in TRequest, CancellationToken)"/>, with payloads; <see cref="Claim"/> fills them in place.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="payload">The payload of the request, at most <see cref="PayloadCapacity"/> bytes.</param>
    /// <param name="responsePayload">Where that of the answer is copied to; <see cref="PayloadCapacity"/> bytes are always enough.</param>
    /// <param name="payloadLength">How many bytes it has.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <inheritdoc cref="Call(in TRequest, CancellationToken)" path="/exception"/>
    /// <exception cref="ArgumentException">A payload is longer than there is room for.</exception>
    public TResponse Call(
        in TRequest request, ReadOnlySpan<byte> payload, Span<byte> responsePayload, out int payloadLength,
            CancellationToken cancellationToken = default) =>
        Call(in request, payload, responsePayload, out payloadLength, Deadline.Never, cancellationToken);

    /// <summary>
    /// As <see cref="Call(in TRequest, ReadOnlySpan{byte}, Span{byte}, out int, CancellationToken)"/>, but waits no longer than a given
    /// time.
    /// </summary>
    /// <param name="request">What is asked.</param>
    /// <param name="payload">The payload of the request, at most <see cref="PayloadCapacity"/> bytes.</param>
    /// <param name="response">The answer.</param>
    /// <param name="responsePayload">Where its payload is copied to; <see cref="PayloadCapacity"/> bytes are always enough.</param>
    /// <param name="payloadLength">How many bytes it has.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <inheritdoc cref="TryCall(in TRequest, out TResponse, TimeSpan, CancellationToken)" path="/returns"/>
    /// <inheritdoc cref="Call(in TRequest, ReadOnlySpan{byte}, Span{byte}, out int, CancellationToken)" path="/exception"/>
    public bool TryCall(
        in TRequest request,
        ReadOnlySpan<byte> payload,
        out TResponse response,
        Span<byte> responsePayload,
        out int payloadLength,
        TimeSpan timeout,
        CancellationToken cancellationToken = default)
    {
        try
        {
            response = Call(in request, payload, responsePayload, out payloadLength, Deadline.After(timeout), cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            response = default;
            payloadLength = 0;
            return false;
        }
    }

    /// <summary>As <see cref="Call(in TRequest, CancellationToken)"/>, but occupies no thread. The task is to be awaited once.</summary>
    /// <inheritdoc cref="Call(in TRequest, CancellationToken)"/>
    public ValueTask<TResponse> CallAsync(TRequest request, CancellationToken cancellationToken = default) =>
        _client.Calls.CallAsync(in request, Deadline.Never, cancellationToken);

    /// <summary>
    /// As <see cref="Call(in TRequest, ReadOnlySpan{byte}, Span{byte}, out int, CancellationToken)"/>, but occupies no thread. The task is
    /// to be awaited once; until then both payloads are in use.
    /// </summary>
    /// <param name="request">What is asked.</param>
    /// <param name="payload">The payload of the request, at most <see cref="PayloadCapacity"/> bytes.</param>
    /// <param name="responsePayload">Where that of the answer is copied to; <see cref="PayloadCapacity"/> bytes are always enough.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <returns>The answer, and how many bytes its payload has.</returns>
    /// <inheritdoc cref="Call(in TRequest, ReadOnlySpan{byte}, Span{byte}, out int, CancellationToken)" path="/exception"/>
    public ValueTask<(TResponse Response, int PayloadLength)> CallAsync(
        TRequest request, ReadOnlyMemory<byte> payload, Memory<byte> responsePayload, CancellationToken cancellationToken = default) =>
        CallAsync(request, payload, responsePayload, Deadline.Never, cancellationToken);

    /// <summary>
    /// As <see cref="TryCall(in TRequest, out TResponse, TimeSpan, CancellationToken)"/>, but occupies no thread. The task is to be awaited
    /// once.
    /// </summary>
    /// <returns>
    /// The answer; <see langword="null"/> if the time passed. The server is told that nobody waits any more; whether it carries the call
    /// out is not known.
    /// </returns>
    /// <inheritdoc cref="Call(in TRequest, CancellationToken)" path="/exception"/>
    public ValueTask<TResponse?> TryCallAsync(TRequest request, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        _client.Calls.TryCallAsync(in request, Deadline.After(timeout), cancellationToken);

    /// <summary>
    /// As <see cref="CallAsync(TRequest, ReadOnlyMemory{byte}, Memory{byte}, CancellationToken)"/>, but waits no longer than a given time.
    /// </summary>
    /// <param name="request">What is asked.</param>
    /// <param name="payload">The payload of the request, at most <see cref="PayloadCapacity"/> bytes.</param>
    /// <param name="responsePayload">Where that of the answer is copied to; <see cref="PayloadCapacity"/> bytes are always enough.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <returns>The answer, and how many bytes its payload has; <see langword="null"/> if the time passed.</returns>
    /// <inheritdoc cref="Call(in TRequest, ReadOnlySpan{byte}, Span{byte}, out int, CancellationToken)" path="/exception"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<(TResponse Response, int PayloadLength)?> TryCallAsync(
        TRequest request,
        ReadOnlyMemory<byte> payload,
        Memory<byte> responsePayload,
        TimeSpan timeout,
        CancellationToken cancellationToken = default)
    {
        try
        {
            return await CallAsync(request, payload, responsePayload, Deadline.After(timeout), cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    /// <summary>Takes the slot of a request to be filled in, in place, waiting for it on this thread.</summary>
    /// <returns>The slot; dispose it.</returns>
    /// <inheritdoc cref="Call(in TRequest, CancellationToken)" path="/exception"/>
    public CallClaim<TRequest, TResponse> Claim(CancellationToken cancellationToken = default) =>
        new(_client.Calls.Claim(Deadline.Never, cancellationToken));

    /// <summary>As <see cref="Claim"/>, but waits no longer than a given time.</summary>
    /// <param name="claim">The slot; dispose it.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <returns><see langword="false"/> if the time passed.</returns>
    /// <inheritdoc cref="Claim" path="/exception"/>
    public bool TryClaim(out CallClaim<TRequest, TResponse> claim, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        bool claimed = _client.Calls.TryClaim(out PendingCall<TRequest, TResponse>? call, Deadline.After(timeout), cancellationToken);
        claim = claimed ? new CallClaim<TRequest, TResponse>(call!) : default;
        return claimed;
    }

    // An end that only spins does so in asynchronous calls too.
    private ValueTask<(TResponse Response, int PayloadLength)> CallAsync(
        in TRequest request, ReadOnlyMemory<byte> payload, Memory<byte> responsePayload, Deadline deadline,
            CancellationToken cancellationToken)
    {
        if (_client.WaitMode != WaitMode.Spin)
            return _client.Calls.CallAsync(request, payload, responsePayload, deadline, cancellationToken);
        TResponse response = Call(in request, payload.Span, responsePayload.Span, out int length, deadline, cancellationToken);
        return new((response, length));
    }

    private TResponse Call(
        in TRequest request,
        ReadOnlySpan<byte> payload,
        Span<byte> responsePayload,
        out int payloadLength,
        Deadline deadline,
        CancellationToken cancellationToken)
    {
        using CallClaim<TRequest, TResponse> claim = new(_client.Calls.Claim(deadline, cancellationToken));
        if (payload.Length > PayloadCapacity)
            Payload.ThrowTooLong(payload.Length, PayloadCapacity);
        claim.Value = request;
        payload.CopyTo(claim.Payload);
        using CallReply<TRequest, TResponse> reply = claim.Call(payload.Length, deadline, cancellationToken);
        if (reply.Payload.Length > responsePayload.Length)
            Payload.ThrowAnswerTooLong(reply.Payload.Length, responsePayload.Length, PayloadCapacity);
        reply.Payload.CopyTo(responsePayload);
        payloadLength = reply.Payload.Length;
        return reply.Value;
    }
}
