using System.Diagnostics.CodeAnalysis;
using TypedShm.Ends;
using TypedShm.Memory;
using TypedShm.Rings;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Channels;

/// <summary>The server: it owns the name, gives each client a lane of responses, and takes requests from all in turn.</summary>
internal sealed class CallHost<TRequest, TResponse> : ChannelHost
    where TRequest : unmanaged, ISharedLayout<TRequest>
    where TResponse : unmanaged, ISharedLayout<TResponse>
{
    private readonly string _name;
    private readonly CallShape _shape;
    private readonly MemoryOptions _memory;
    private bool _isServing;

    public CallHost(EndpointName endpoint, SharedCallOptions options)
        : base(endpoint, ChannelKind.Call, [LayoutAdvertisement.Of<TRequest>(), LayoutAdvertisement.Of<TResponse>()], options)
    {
        _name = endpoint.ShortName;
        _shape = options.CallShape;
        _memory = options.Memory;
        _ = _shape.Requests.Slots<TRequest>();
        _ = _shape.Responses.Slots<TResponse>();
        Inbox = new LaneMerger<TRequest>(this, Source, options.Wait, InboxEnd.Never) { LaneFaulted = Refused };
        Root();
    }

    public LaneMerger<TRequest> Inbox { get; }

    /// <summary>The clients.</summary>
    public IEnumerable<ClientConnection<TRequest, TResponse>> Clients =>
        Members.Select(ClientOf).OfType<ClientConnection<TRequest, TResponse>>();

    public bool TryServe(CallHandler<TRequest, TResponse> handler)
    {
        if (Volatile.Read(ref _isServing))
            ThrowServing();
        return TryServeNext(handler);
    }

    public bool TryServe(CallHandler<TRequest, TResponse> handler, Deadline deadline, CancellationToken cancellationToken)
    {
        while (!TryServe(handler))
        {
            RequestCondition condition = new(Inbox);
            if (Wait.For(ref condition, Source.Alone, WaitMode, deadline, cancellationToken) == WaitOutcome.TimedOut)
                return false;
        }

        return true;
    }

    public void Serve(CallHandler<TRequest, TResponse> handler, CancellationToken cancellationToken)
    {
        BeginServing();
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (TryServeNext(handler))
                    continue;
                RequestCondition condition = new(Inbox);
                Wait.For(ref condition, Source.Alone, WaitMode, Deadline.Never, cancellationToken);
            }
        }
        finally
        {
            Volatile.Write(ref _isServing, false);
        }
    }

    public async Task ServeAsync(
        Func<RunningCall<TRequest, TResponse>, CancellationToken, ValueTask<TResponse>> handler, CancellationToken cancellationToken)
    {
        BeginServing();
        AsyncDispatcher<TRequest, TResponse> dispatcher = new(handler);
        try
        {
            // As long as there are calls, nothing below need wait, and the caller would not get its task.
            if (WaitMode != WaitMode.Spin)
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (TryBeginNext(dispatcher))
                    continue;
                await Wait.ForAsync(new RequestCondition(Inbox), Source.Alone, WaitMode, Deadline.Never, cancellationToken)
                    .ConfigureAwait(false);
            }
        }
        finally
        {
            await dispatcher.Drain().ConfigureAwait(false);

            // One of the last answers may have found a client that has to go.
            Inbox.RemoveCompletedLanes();
            Volatile.Write(ref _isServing, false);
        }
    }

    // Who carries a call out without knowing all of it does something else than what was asked for.
    public override bool LayoutsMayHaveGrown(PeerRole role) => false;

    public override Admission Admit(HelloMessage hello) => hello.Role == PeerRole.Writer
        ? new CallAdmission(this, hello)
        : new HostAdmission(this, hello, [], _shape.ToParameters());

    public override void Received(Link link, LinkMessage message, ulong argument)
    {
        base.Received(link, message, argument);
        if (message == LinkMessage.Cancel)
            Cancel(link, argument);
    }

    protected override RefuseMessage? ConsiderRole(PeerRole role) => role switch
    {
        PeerRole.Writer or PeerRole.Observer => null,
        _ => new RefuseMessage(
            RefusalReason.RoleNotAvailable, $"A channel of calls has clients, which write, but no role {(ushort)role}.", []),
    };

    protected override bool WaitsFor(Member member) => ClientOf(member) is not null;

    protected override ulong OnJoined(Member member)
    {
        if (member.State is CallLanes lanes)
        {
            ClientConnection<TRequest, TResponse> client = new(lanes.Requests!, lanes.Responses!, member.Link, _shape, Source);
            Inbox.Add(client);
            lanes.Client = client;
        }

        return 0;
    }

    // What it asked for and was not taken yet goes with it: nobody is left who could be answered. The merger tells of a fault that it was
    // cut off for.
    protected override void AfterLeft(Member member)
    {
        if (ClientOf(member) is not { } client)
            return;
        if (client.HasFault())
            Inbox.RemoveCompletedLanes();
        else
            Inbox.Remove(client);
        string how = member.Link.WasClosed ? "has closed its end" : "is gone";
        client.Leave(new PeerGoneException($"{member.Link.Identity}, which made calls, {how}.", member.Link.WasClosed));
    }

    protected override (ulong Written, ulong Read) CountMessages() => Inbox.CountMessages();

    protected override void OnRevoked() => Inbox.Stop();

    // Every client has left by now, and given its lanes back, or the handler will that is at work in them.
    protected override void DisposeMemory() => Inbox.Close();

    // Not in Received: what the lambda captures would be allocated for every wake-up.
    private void Cancel(Link link, ulong call) => Clients.FirstOrDefault(client => client.Link == link)?.Cancel(call);

    private static ClientConnection<TRequest, TResponse>? ClientOf(Member member) => (member.State as CallLanes)?.Client;

    private bool TryServeNext(CallHandler<TRequest, TResponse> handler)
    {
        if (TakeTurn() is not { } client)
            return false;
        try
        {
            client.Serve(handler);
        }
        finally
        {
            EndTurn(client);
        }

        return true;
    }

    private bool TryBeginNext(AsyncDispatcher<TRequest, TResponse> dispatcher)
    {
        if (TakeTurn() is not { } client)
            return false;
        try
        {
            dispatcher.Begin(client);
        }
        finally
        {
            EndTurn(client);
        }

        return true;
    }

    /// <summary>The client whose request is next, entered; null if there is none.</summary>
    private ClientConnection<TRequest, TResponse>? TakeTurn()
    {
        while (Inbox.TryBegin() is { } lane)
        {
            ClientConnection<TRequest, TResponse> client = (ClientConnection<TRequest, TResponse>)lane;
            if (client.Fault is null && client.TryEnter())
                return client;
            Inbox.Exit();
            if (client.Fault is not null)
                Inbox.RemoveCompletedLanes();
        }

        return null;
    }

    private void EndTurn(ClientConnection<TRequest, TResponse> client)
    {
        client.Exit();
        Inbox.Exit();
        if (client.Fault is not null)
            Inbox.RemoveCompletedLanes();
    }

    private void BeginServing()
    {
        ThrowIfDisposed();
        if (Interlocked.Exchange(ref _isServing, true))
            ThrowServing();
    }

    [DoesNotReturn]
    private static void ThrowServing() =>
        throw new InvalidOperationException(
        "The server is serving already. One Serve, TryServe or ServeAsync at a time: ServeAsync carries calls out concurrently.");

    /// <summary>What is kept for a client.</summary>
    private sealed class CallLanes
    {
        public Lane? Responses { get; set; }

        public Lane? Requests { get; set; }

        /// <summary>Owns both lanes, once it is there.</summary>
        public ClientConnection<TRequest, TResponse>? Client { get; set; }
    }

    private sealed class CallAdmission(CallHost<TRequest, TResponse> host, HelloMessage hello)
        : HostAdmission(host, hello, [], host._shape.ToParameters())
    {
        private readonly CallLanes _lanes = new();

        protected override object State => _lanes;

        public override void Attach(ReceivedRegions received, RegionInfo[] stated)
        {
            received.Match(stated, RegionKind.CallLane, RegionKind.Control);
            _lanes.Requests = Lane.Attach(
                received.Take(0), stated[0].Size, host._shape.Requests, LayoutDescriptor.Of<TRequest>());
            _lanes.Requests.Region.CloseDescriptor();
        }

        public override RegionOffer[] MakeRegions()
        {
            _lanes.Responses = Lane.Create<TResponse>(host._name, host._shape.Responses, host._memory);
            return [new RegionOffer(_lanes.Responses.Region, IsWritable: false)];
        }

        public override void Dispose()
        {
            base.Dispose();
            if (HasJoined)
                return;
            _lanes.Responses?.Dispose();
            _lanes.Requests?.Dispose();
        }
    }

    private readonly struct RequestCondition(LaneMerger<TRequest> inbox) : ICondition
    {
        public PollResult Poll() => inbox.PollMessage();

        public bool MayBeReady() => inbox.HasMessage();
    }
}
