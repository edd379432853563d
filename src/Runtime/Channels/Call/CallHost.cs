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
    private bool _isServing;

    public CallHost(string shortName, SharedCallOptions options)
        : base(ChannelKind.Call, [LayoutAdvertisement.Of<TRequest>(), LayoutAdvertisement.Of<TResponse>()], options)
    {
        _name = shortName;
        _shape = options.CallShape;
        _ = _shape.Requests.Slots<TRequest>();
        _ = _shape.Responses.Slots<TResponse>();
        Inbox = new LaneMerger<TRequest>(this, Source, options.Wait, InboxEnd.Never) { LaneFaulted = Refused };
        Root();
    }

    public LaneMerger<TRequest> Inbox { get; }

    /// <summary>The clients.</summary>
    public IEnumerable<Caller<TRequest, TResponse>> Callers => Members.Select(member => (member.State as CallLanes)?.Caller).OfType<Caller<TRequest, TResponse>>();

    public bool TryServe(CallHandler<TRequest, TResponse> handler)
    {
        if (_isServing)
            ThrowServing();
        return TryServeNext(handler);
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
            _isServing = false;
        }
    }

    public async Task ServeAsync(Func<TRequest, CancellationToken, ValueTask<TResponse>> handler, CancellationToken cancellationToken)
    {
        BeginServing();
        AsyncServing<TRequest, TResponse> serving = new(handler);
        try
        {
            // As long as there are calls, nothing below need wait, and the caller would not get its task.
            if (WaitMode != WaitMode.Spin)
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (TryBeginNext(serving))
                    continue;
                await Wait.ForAsync(new RequestCondition(Inbox), Source.Alone, WaitMode, Deadline.Never, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await serving.Drain().ConfigureAwait(false);

            // One of the last answers may have found a client that has to go.
            Inbox.RemoveCompletedLanes();
            _isServing = false;
        }
    }

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
        _ => new RefuseMessage(RefusalReason.RoleNotAvailable, $"A channel of calls has clients, which write, but no role {(ushort)role}.", []),
    };

    protected override ulong OnJoined(Member member)
    {
        if (member.State is CallLanes lanes)
        {
            lanes.Caller = new Caller<TRequest, TResponse>(lanes.Requests!, lanes.Responses!, member.Link, _shape, Source);
            Inbox.Add(lanes.Caller);
            Source.Change(removed: null, added: member.Parking);
        }

        return 0;
    }

    protected override void OnLeft(Member member)
    {
        if (member.State is not CallLanes { Caller: { } caller })
            return;
        caller.Leave(new PeerGoneException($"{member.Link.Identity}, which made calls, {(member.Link.WasClosed ? "has closed its end" : "is gone")}.", member.Link.WasClosed));
        Source.Change(removed: member.Parking, added: null);
    }

    protected override void Close()
    {
        Inbox.Stop();
        Leave();
        Inbox.Close();
    }

    private void Cancel(Link link, ulong call) => Callers.FirstOrDefault(caller => caller.Link == link)?.Cancel(call);

    private bool TryServeNext(CallHandler<TRequest, TResponse> handler)
    {
        if (TakeTurn() is not { } caller)
            return false;
        try
        {
            caller.Serve(handler);
        }
        finally
        {
            EndTurn(caller);
        }

        return true;
    }

    private bool TryBeginNext(AsyncServing<TRequest, TResponse> serving)
    {
        if (TakeTurn() is not { } caller)
            return false;
        serving.Begin(caller);
        EndTurn(caller);
        return true;
    }

    private Caller<TRequest, TResponse>? TakeTurn()
    {
        while (Inbox.TryBegin() is { } lane)
        {
            if (lane.Fault is null)
                return (Caller<TRequest, TResponse>)lane;
            Inbox.Exit();
            Inbox.RemoveCompletedLanes();
        }

        return null;
    }

    private void EndTurn(Caller<TRequest, TResponse> caller)
    {
        Inbox.Exit();
        if (caller.Fault is not null)
            Inbox.RemoveCompletedLanes();
    }

    private void BeginServing()
    {
        ThrowIfDisposed();
        if (_isServing)
            ThrowServing();
        _isServing = true;
    }

    [DoesNotReturn]
    private static void ThrowServing() => throw new InvalidOperationException("The server is serving already. One Serve, TryServe or ServeAsync at a time: ServeAsync carries calls out concurrently.");

    /// <summary>What is kept for a client.</summary>
    private sealed class CallLanes
    {
        public Lane? Responses { get; set; }

        public Lane? Requests { get; set; }

        public Caller<TRequest, TResponse>? Caller { get; set; }
    }

    private sealed class CallAdmission(CallHost<TRequest, TResponse> host, HelloMessage hello) : HostAdmission(host, hello, [], host._shape.ToParameters())
    {
        private readonly CallLanes _lanes = new();

        protected override object State => _lanes;

        public override void Attach(ReceivedRegions received, RegionInfo[] stated)
        {
            received.Match(stated, RegionKind.CallLane, RegionKind.Control);
            _lanes.Requests = Lane.Attach<TRequest>(received.Take(0), stated[0].Size, host._shape.Requests);
            _lanes.Requests.Region.CloseDescriptor();
        }

        public override RegionOffer[] MakeRegions()
        {
            _lanes.Responses = Lane.Create<TResponse>(host._name, host._shape.Responses);
            return [new RegionOffer(_lanes.Responses.Region, IsWritable: false)];
        }

        public override void Dispose()
        {
            base.Dispose();
            if (_lanes.Caller is not null)
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
