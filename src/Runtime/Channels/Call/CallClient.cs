using TypedShm.Ends;
using TypedShm.Memory;
using TypedShm.Rings;
using TypedShm.Transport;

namespace TypedShm.Channels;

/// <summary>A client of a channel of calls. It brings the lane of its requests along.</summary>
internal sealed class CallClient<TRequest, TResponse> : ChannelClient<CallSession<TRequest, TResponse>>
    where TRequest : unmanaged, ISharedLayout<TRequest>
    where TResponse : unmanaged, ISharedLayout<TResponse>
{
    private CallClient(EndpointName? endpoint, ConnectRequest terms, CallSession<TRequest, TResponse> session)
        : base(endpoint, terms, session)
    {
        Calls = new PendingCalls<TRequest, TResponse>(this, Source, WaitMode, session);
        Root();
    }

    public PendingCalls<TRequest, TResponse> Calls { get; }

    public static async ValueTask<CallClient<TRequest, TResponse>> Open<THandshakeWaiter>(EndpointName endpoint, OpenOptions options, CancellationToken cancellationToken)
        where THandshakeWaiter : struct, IHandshakeWaiter
    {
        ConnectRequest terms = Terms(endpoint.ShortName, options);
        ConnectResult attachment = await Connector.Connect<THandshakeWaiter>(endpoint, terms, Deadline.After(options.Timeout), cancellationToken).ConfigureAwait(false);
        return new CallClient<TRequest, TResponse>(endpoint, terms, new CallSession<TRequest, TResponse>(attachment));
    }

    /// <summary>A client of a server of this process.</summary>
    public static CallClient<TRequest, TResponse> Pair(CallHost<TRequest, TResponse> host, WaitMode mode, WaitFence fence)
    {
        ConnectRequest terms = Terms("pair", new OpenOptions { Wait = mode, Fence = fence });
        return new CallClient<TRequest, TResponse>(null, terms, new CallSession<TRequest, TResponse>(host.Pair(terms)));
    }

    protected override CallSession<TRequest, TResponse> NewSession(ConnectResult attachment) => new(attachment);

    protected override void OnReplaced(CallSession<TRequest, TResponse> session) => Calls.Connected(session);

    protected override void OnEnded(CallSession<TRequest, TResponse> session)
    {
        string who = $"{session.Link.Identity}, which answered the calls of '{Endpoint?.Name ?? "the pair"}', {(session.Link.WasClosed ? "has closed it" : "is gone")}";
        Calls.ConnectionEnded(
            session,
            () => Reason("Whether it has carried this call out is unknown: it was sent, but no answer came."),
            Reconnects ? null : () => Reason("This call was not sent; OpenOptions.Reconnect waits for a successor."));

        SharedMemoryException Reason(string fate) => session.Fault is { } fault
            ? new ProtocolException($"{fault.Message} {fate}")
            : new PeerGoneException($"{who}. {fate}", session.Link.WasClosed);
    }

    protected override void OnRevoked()
    {
        // Calls end before that, and not under a lock: see Close.
    }

    protected override void Close()
    {
        Calls.Close(() => new ObjectDisposedException(Owner.GetType().FullName));
        base.Close();
    }

    private static ConnectRequest Terms(string name, OpenOptions options) => new(
        ChannelKind.Call, PeerRole.Writer, [LayoutAdvertisement.Of<TRequest>(), LayoutAdvertisement.Of<TResponse>()], options,
        (received, welcome) =>
        {
            received.Match(welcome.Regions, RegionKind.Control);
            MessageShape requests = CallShape.FromParameters(welcome.Parameters).Requests;
            requests.CheckMemory<TRequest>(options);
            return new ClientRegions([], [Lane.Create<TRequest>(name, requests).Region]);
        })
    {
        AttachReady = (received, ready, welcome) =>
        {
            received.Match(ready.Regions, RegionKind.CallLane);
            return [Lane.Attach<TResponse>(received.Take(0), ready.Regions[0].Size, CallShape.FromParameters(welcome.Parameters).Responses).Region];
        },
    };
}
