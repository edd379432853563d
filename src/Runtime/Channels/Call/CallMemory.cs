using TypedShm.Memory;
using TypedShm.Rings;
using TypedShm.Transport;

namespace TypedShm.Channels;

/// <summary>
/// The memory of one connection of a client: the lane of its requests and that of the responses; and, once it is in use, which calls are
/// open.
/// </summary>
internal sealed class CallMemory<TRequest, TResponse>(Lane requests, CallShape shape) : IDisposable
    where TRequest : unmanaged, ISharedLayout<TRequest>
    where TResponse : unmanaged, ISharedLayout<TResponse>
{
    public Lane Requests => requests;

    /// <summary>Comes with Ready, the last message of the handshake.</summary>
    public Lane? Responses { get; private set; }

    public CallShape Shape => shape;

    /// <summary>The calls of the connection. Set as soon as there is one.</summary>
    public OpenCalls<TRequest, TResponse>? Calls { get; set; }

    /// <summary>That of a client without a server.</summary>
    public static CallMemory<TRequest, TResponse> Placeholder(string name)
    {
        CallShape shape = new(MessageShape.Smallest, 0);
        return new CallMemory<TRequest, TResponse>(Lane.Create<TRequest>(name, shape.Requests), shape);
    }

    /// <summary>Maps the lane that the server made for this client.</summary>
    public void Attach(ReceivedRegions received, ReadyMessage ready)
    {
        received.Match(ready.Regions, RegionKind.CallLane);
        Responses = Lane.Attach(
            received.Take(0), ready.Regions[0].Size, shape.Responses, LayoutDescriptor.Of<TResponse>());
        Responses.Region.CloseDescriptor();
    }

    public void Dispose()
    {
        requests.Dispose();

        // Not under a reply that is being read: it stands for an answer, while zeros would not.
        if (Calls is { } calls)
            calls.Responses.DisposeWhenReleased();
        else
            Responses?.Dispose();
    }
}
