using System.Diagnostics;
using TypedShm.Channels;

namespace TypedShm;

/// <summary>
/// A call that an asynchronous handler carries out, with a copy of the request and of its payload. To be used only as long as the handler
/// has not answered.
/// </summary>
[DebuggerDisplay("{Request}")]
public readonly struct AsyncCall<TRequest, TResponse>
    where TRequest : unmanaged, ISharedLayout<TRequest>
    where TResponse : unmanaged, ISharedLayout<TResponse>
{
    private readonly RunningCall<TRequest, TResponse> _call;

    internal AsyncCall(RunningCall<TRequest, TResponse> call) => _call = call;

    /// <summary>What the client asks.</summary>
    public TRequest Request => _call.Request;

    /// <summary>The payload of the request; empty if it has none.</summary>
    public ReadOnlyMemory<byte> RequestPayload => _call.RequestPayload;

    /// <summary>The room for the payload of the answer: <see cref="MessageOptions.PayloadCapacity"/> bytes.</summary>
    public Memory<byte> ResponsePayload => _call.ResponsePayload;

    /// <summary>How many bytes of <see cref="ResponsePayload"/> belong to the answer; 0 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many.</exception>
    public int ResponseLength
    {
        get => _call.ResponseLength;
        set
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)value, (uint)ResponsePayload.Length, nameof(value));
            _call.ResponseLength = value;
        }
    }

    /// <summary>Who asks.</summary>
    public SharedPeer Peer => _call.Client!.Peer;
}
