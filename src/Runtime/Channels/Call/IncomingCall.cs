using System.Diagnostics;
using TypedShm.Channels;

namespace TypedShm;

/// <summary>Carries a call out, in place. What it throws is reported to the client.</summary>
/// <param name="call">The call, for as long as the handler runs.</param>
public delegate void CallHandler<TRequest, TResponse>(IncomingCall<TRequest, TResponse> call)
    where TRequest : unmanaged, ISharedLayout<TRequest>
    where TResponse : unmanaged, ISharedLayout<TResponse>;

/// <summary>
/// A call that a handler is carrying out: the request and the response, each in the shared memory of the side that writes it.
/// </summary>
/// <remarks>
/// What comes from a peer is not trusted: the client's process can change the request under the handler if it wants to. Copy a value
/// once, then check it.
/// </remarks>
[DebuggerDisplay("{Request}")]
public readonly unsafe ref struct IncomingCall<TRequest, TResponse> : ISharedRequest<TRequest>, ISharedResponse<TResponse>
    where TRequest : unmanaged, ISharedLayout<TRequest>
    where TResponse : unmanaged, ISharedLayout<TResponse>
{
    private readonly ClientConnection<TRequest, TResponse> _client;
    private readonly ulong _position;
    private readonly ulong _number;
    private readonly int _length;
    private readonly ref int _responseLength;

    internal IncomingCall(ClientConnection<TRequest, TResponse> client, ulong position, ulong number, int length, ref int responseLength)
    {
        _client = client;
        _position = position;
        _number = number;
        _length = length;
        _responseLength = ref responseLength;
    }

    /// <summary>What the client asks.</summary>
    public ref readonly TRequest Request => ref _client.Slots.ValueOf(_position);

    /// <summary>The payload of the request; empty if it has none.</summary>
    public ReadOnlySpan<byte> RequestPayload => _client.RequestPayload(_position, _length);

    /// <summary>The answer, to be filled in; all zeros before that.</summary>
    public ref TResponse Response => ref _client.Response();

    /// <summary>
    /// The room for the payload of the answer: <see cref="MessageOptions.PayloadCapacity"/> bytes, with what an earlier answer to this
    /// client left there.
    /// </summary>
    public Span<byte> ResponsePayload => _client.ResponsePayload();

    /// <summary>How many bytes of <see cref="ResponsePayload"/> belong to the answer; 0 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many.</exception>
    public int ResponseLength
    {
        get => _responseLength;
        set
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)value, (uint)_client.PayloadCapacity, nameof(value));
            _responseLength = value;
        }
    }

    /// <summary>Who asks.</summary>
    public SharedPeer Peer => _client.Peer;

    /// <summary>Whether the answer is not wanted any more: the client has given the call up, or is gone.</summary>
    public bool IsCancelled => _client.IsCancelled(_number);

    /// <summary>When the request was published, by <see cref="Stopwatch.GetTimestamp"/>, whose clock all processes share.</summary>
    /// <exception cref="InvalidOperationException">The channel was created without <see cref="MessageOptions.PublishTimes"/>.</exception>
    public long PublishedAt => _client.Slots.TimeOf(_position);

    /// <summary>How long ago the request was published.</summary>
    /// <inheritdoc cref="PublishedAt" path="/exception"/>
    public TimeSpan Age => Stopwatch.GetElapsedTime(PublishedAt);

    /// <summary>The payload of the request as elements of a type; bytes that do not make up a whole one are left out.</summary>
    /// <exception cref="InvalidOperationException">The payload is not aligned for the type.</exception>
    public ReadOnlySpan<TElement> RequestPayloadAs<TElement>()
        where TElement : unmanaged => Payload.As<TElement>(RequestPayload);

    /// <summary>The room for the payload of the answer as elements of a type.</summary>
    /// <exception cref="InvalidOperationException">The payload is not aligned for the type.</exception>
    public Span<TElement> ResponsePayloadAs<TElement>()
        where TElement : unmanaged => Payload.As<TElement>(ResponsePayload);
}
