using System.Diagnostics;
using TypedShm.Channels;
using TypedShm.Rings;
using TypedShm.Transport;

namespace TypedShm;

/// <summary>
/// The slot of a request that is the caller's to fill in, in place. <see cref="Call(int, CancellationToken)"/> sends it; disposing it
/// without that gives it up. Other calls of the same client are not sent meanwhile.
/// </summary>
/// <remarks>
/// The slot holds what an earlier request left there: set every field that matters. The server can, if it wants, look at a slot before it
/// is sent.
/// </remarks>
/// <example>
/// <code>
/// using CallClaim&lt;Query, Found&gt; claim = client.Claim();
/// claim.Value.Kind = 3;
/// text.CopyTo(claim.Payload);
/// using CallReply&lt;Query, Found&gt; reply = claim.Call(text.Length);
/// Show(reply.Value.Count, reply.Payload);
/// </code>
/// </example>
[DebuggerDisplay("{Value}")]
public readonly ref struct CallClaim<TRequest, TResponse> : ISharedReference<TRequest>
    where TRequest : unmanaged, ISharedLayout<TRequest>
    where TResponse : unmanaged, ISharedLayout<TResponse>
{
    private readonly PendingCall<TRequest, TResponse> _call;
    private readonly int _generation;

    internal CallClaim(PendingCall<TRequest, TResponse> call)
    {
        _call = call;
        _generation = call.Generation;
    }

    /// <summary>The request, in shared memory.</summary>
    /// <exception cref="InvalidOperationException">The claim was called or disposed.</exception>
    public ref TRequest Value => ref Lane.ClaimedValue(_call.Position);

    /// <summary>The room for the request's payload, in shared memory: <see cref="MessageOptions.PayloadCapacity"/> bytes.</summary>
    /// <exception cref="InvalidOperationException">The claim was called or disposed.</exception>
    public Span<byte> Payload => Lane.ClaimedPayload(_call.Position);

    private LaneWriter<TRequest> Lane
    {
        get
        {
            PendingCalls<TRequest, TResponse>.ThrowIfNotClaimed(_call, _generation);
            return _call.Connection!.Requests;
        }
    }

    /// <summary>The room for the payload as elements of a type.</summary>
    /// <exception cref="InvalidOperationException">
    /// The claim was called or disposed, or the payload is not aligned for the type.
    /// </exception>
    public Span<TElement> PayloadAs<TElement>()
        where TElement : unmanaged => Channels.Payload.As<TElement>(Payload);

    /// <summary>
    /// Sends the request with the first <paramref name="payloadLength"/> bytes of its payload, and waits for the response on this thread.
    /// </summary>
    /// <returns>The response, in place; dispose it.</returns>
    /// <inheritdoc cref="SharedCallClient{TRequest, TResponse}.Call(in TRequest, CancellationToken)" path="/exception"/>
    /// <exception cref="InvalidOperationException">The claim was called or disposed.</exception>
    /// <exception cref="ArgumentException">There is no room for so much payload. The claim stays open.</exception>
    public CallReply<TRequest, TResponse> Call(int payloadLength = 0, CancellationToken cancellationToken = default) =>
        Call(payloadLength, Deadline.Never, cancellationToken);

    /// <summary>As <see cref="Call(int, CancellationToken)"/>, but waits no longer than a given time.</summary>
    /// <param name="payloadLength">How many bytes of <see cref="Payload"/> belong to the request.</param>
    /// <param name="reply">The response, in place; dispose it.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <returns><see langword="false"/> if the time passed. The server is told that nobody waits any more.</returns>
    /// <inheritdoc cref="Call(int, CancellationToken)" path="/exception"/>
    public bool TryCall(int payloadLength, out CallReply<TRequest, TResponse> reply, TimeSpan timeout,
        CancellationToken cancellationToken = default)
    {
        try
        {
            reply = Call(payloadLength, Deadline.After(timeout), cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            reply = default;
            return false;
        }
    }

    /// <summary>Gives the claim up, unless it was called.</summary>
    public void Dispose() => _call?.Calls.Abort(_call, _generation);

    internal CallReply<TRequest, TResponse> Call(int payloadLength, Deadline deadline, CancellationToken cancellationToken)
    {
        _call.Calls.CallInPlace(_call, _generation, payloadLength, deadline, cancellationToken);
        return new CallReply<TRequest, TResponse>(_call);
    }
}

/// <summary>
/// The answer to a call, read in place. The server does not reuse its slot before this is disposed; until then it counts as an open call,
/// and its memory stays there, even if the server is gone.
/// </summary>
/// <remarks>
/// What comes from a peer is not trusted: the server's process can change the bytes meanwhile if it wants to. Copy a value once, then
/// check it.
/// </remarks>
[DebuggerDisplay("{Value}")]
public readonly ref struct CallReply<TRequest, TResponse> : IReadOnlySharedReference<TResponse>
    where TRequest : unmanaged, ISharedLayout<TRequest>
    where TResponse : unmanaged, ISharedLayout<TResponse>
{
    private readonly PendingCall<TRequest, TResponse> _call;
    private readonly int _generation;

    internal CallReply(PendingCall<TRequest, TResponse> call)
    {
        _call = call;
        _generation = call.Generation;
    }

    /// <summary>The response, in shared memory.</summary>
    /// <exception cref="InvalidOperationException">This was disposed.</exception>
    public unsafe ref readonly TResponse Value => ref Lane.Slots.ValueOf(_call.Position);

    /// <summary>The payload, in shared memory; empty if it has none.</summary>
    /// <exception cref="InvalidOperationException">This was disposed.</exception>
    public unsafe ReadOnlySpan<byte> Payload => new(Lane.Slots.PayloadOf(_call.Position), _call.PayloadLength);

    /// <summary>When the response was published, by <see cref="Stopwatch.GetTimestamp"/>, whose clock all processes share.</summary>
    /// <exception cref="InvalidOperationException">
    /// This was disposed, or the channel was created without <see cref="MessageOptions.PublishTimes"/>.
    /// </exception>
    public long PublishedAt => Lane.Slots.TimeOf(_call.Position);

    private LaneReader<TResponse> Lane => _call.Generation == _generation
        ? _call.Connection!.Responses
        : throw new InvalidOperationException("The reply was disposed. Call again.");

    /// <summary>The payload as elements of a type; bytes that do not make up a whole one are left out.</summary>
    /// <exception cref="InvalidOperationException">This was disposed, or the payload is not aligned for the type.</exception>
    public ReadOnlySpan<TElement> PayloadAs<TElement>()
        where TElement : unmanaged => Channels.Payload.As<TElement>(Payload);

    /// <summary>Gives the slot back.</summary>
    public void Dispose() => _call?.Calls.GiveBack(_call, _generation);
}
