using TypedShm.Ends;
using TypedShm.Memory;
using TypedShm.Rings;
using TypedShm.Transport;

namespace TypedShm.Channels;

/// <summary>A client of a channel of calls. It brings the lane of its requests along.</summary>
internal sealed class CallClient<TRequest, TResponse> : ChannelClient<CallMemory<TRequest, TResponse>>
    where TRequest : unmanaged, ISharedLayout<TRequest>
    where TResponse : unmanaged, ISharedLayout<TResponse>
{
    public CallClient(Opened opened)
        : base(opened)
    {
        Calls = new PendingCalls<TRequest, TResponse>(this, Source, WaitMode);
        if (!opened.IsPlaceholder)
            SwitchTo(Current);
        Root();
    }

    /// <summary>The calls that are under way, over however many connections.</summary>
    public PendingCalls<TRequest, TResponse> Calls { get; }

    /// <summary>The calls of the connection in use, or of the last one; null before the first.</summary>
    public OpenCalls<TRequest, TResponse>? Connection => Current.Memory.Calls;

    public static ConnectRequest Request(EndpointName endpoint, OpenOptions options) => new(
        ChannelKind.Call, PeerRole.Writer, [LayoutAdvertisement.Of<TRequest>(), LayoutAdvertisement.Of<TResponse>()], options,
        (received, welcome) =>
        {
            received.Match(welcome.Regions, RegionKind.Control);
            CallShape shape = CallShape.FromParameters(welcome.Parameters);
            shape.Requests.CheckMemory<TRequest>(options);
            Lane requests = Lane.Create<TRequest>(endpoint.ShortName, shape.Requests, options.Memory);
            return new ClientRegions(new CallMemory<TRequest, TResponse>(requests, shape), requests.Region);
        })
    {
        MakePlaceholder = () => CallMemory<TRequest, TResponse>.Placeholder(endpoint.ShortName),
        LayoutsMayHaveGrown = false,
        AttachReady = static (received, ready, memory) => ((CallMemory<TRequest, TResponse>)memory).Attach(received, ready),
    };

    protected override void SwitchTo(Session<CallMemory<TRequest, TResponse>> session)
    {
        session.Memory.Calls = new OpenCalls<TRequest, TResponse>(session);
        Calls.Connect(session.Memory.Calls);
    }

    protected override void AfterSwitch() => Calls.SendWaiting();

    protected override void OnEnded(Session<CallMemory<TRequest, TResponse>> session)
    {
        string who = $"{session.Link.Identity}, which answered the calls of '{Name}', "
            + $"{(session.Link.WasClosed ? "has closed it" : "is gone")}";
        OpenCalls<TRequest, TResponse> calls = session.Memory.Calls!;
        Calls.ConnectionEnded(
            calls,
            () => Reason("Whether it has carried this call out is unknown: it was sent, but no answer came."),
            Reconnects ? null : () => Reason("This call was not sent; OpenOptions.Reconnect waits for a successor."));

        SharedMemoryException Reason(string fate) => calls.Fault is { } fault
            ? new ProtocolException($"{fault.Message} {fate}")
            : new PeerGoneException($"{who}. {fate}", session.Link.WasClosed);
    }

    protected override void OnClosing() => Calls.Close(DisposedException);
}
