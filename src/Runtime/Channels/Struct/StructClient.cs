using TypedShm.Memory;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Channels;

/// <summary>The end of a process that opened the struct, for reading or for writing too.</summary>
internal sealed class StructClient<T> : StructEnd<T>, ILinkHandler
    where T : unmanaged, ISharedLayout<T>
{
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(250);

    private readonly EndpointName? _endpoint;
    private readonly OpenOptions _options;
    private readonly ClientTerms _terms;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private Session _session;
    private TaskCompletionSource _attached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ConnectionState _state = ConnectionState.Connected;

    private StructClient(EndpointName? endpoint, OpenOptions options, ClientTerms terms, Attachment attachment)
    {
        _endpoint = endpoint;
        _options = options;
        _terms = terms;
        _session = new Session(attachment);
        Use(_session.Memory);
        _session.Seen = Volatile.Read(ref _session.Memory.Signals);
        Undisposed.Add(this);
    }

    public EventHandler<ConnectionStateChangedEventArgs>? StateChanged { get; set; }

    public override IReadOnlyList<SharedPeer> Peers => State == ConnectionState.Connected ? [new SharedPeer(_session.Link)] : [];

    public ConnectionState State
    {
        get
        {
            lock (_gate)
                return _state;
        }
    }

    private Session Current => Volatile.Read(ref _session);

    public static ClientTerms Terms(PeerRole role, OpenOptions options) => new(
        ChannelKind.Struct, role, [StatedLayout.Of<T>()], options.AllowedOwner,
        (received, stated) => StructMemory<T>.Map(received, stated, writable: role == PeerRole.Writer));

    public static async ValueTask<StructClient<T>> Open<TReadiness>(EndpointName endpoint, PeerRole role, OpenOptions options, CancellationToken cancellationToken)
        where TReadiness : struct, IReadiness
    {
        ClientTerms terms = Terms(role, options);
        Attachment attachment = await Connector.Connect<TReadiness>(endpoint, terms, Deadline.After(options.Timeout), cancellationToken).ConfigureAwait(false);
        return new StructClient<T>(endpoint, options, terms, attachment);
    }

    /// <summary>The other end of a struct of this process.</summary>
    public static StructClient<T> Attach(Attachment attachment) =>
        new(null, new OpenOptions(), Terms(attachment.Link.Role, new OpenOptions()), attachment);

    /// <summary>Begins to listen to the connection; after this handlers may be called.</summary>
    public void Start(object owner)
    {
        Owner = owner;
        Current.Link.Start(this);
    }

    public override void Signal()
    {
        ThrowIfDisposed();

        // To the creator, which signals to everyone: it alone may write what the others watch.
        Current.Link.Send(LinkMessage.Signal);
    }

    public override bool Wait(Deadline deadline, CancellationToken cancellationToken)
    {
        while (true)
        {
            Session session = Current;
            Task attached = Volatile.Read(ref _attached).Task;
            ThrowIfDisposed();
            WaitResult result = session.Parking.Wait(session.NewSignal, deadline, cancellationToken);
            if (Conclude(session, result) is bool answer)
                return answer;
            if (session == Current && !attached.Wait(deadline.Slice(int.MaxValue), cancellationToken))
                return false;
        }
    }

    public override async ValueTask<bool> WaitAsync(Deadline deadline, CancellationToken cancellationToken)
    {
        while (true)
        {
            Session session = Current;
            Task attached = Volatile.Read(ref _attached).Task;
            ThrowIfDisposed();
            WaitResult result = await session.Parking.WaitAsync(session.NewSignal, deadline, cancellationToken).ConfigureAwait(false);
            if (Conclude(session, result) is bool answer)
                return answer;
            try
            {
                if (session == Current)
                    await attached.WaitAsync(deadline.Remaining, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                return false;
            }
        }
    }

    public void Received(Link link, LinkMessage message)
    {
        if (message == LinkMessage.Wake)
            Current.Parking.AwakenTasks();
    }

    public void Ended(Link link)
    {
        Session session = Current;
        bool reconnect = false;
        lock (_gate)
        {
            if (!IsDisposed)
            {
                SetState(link.WasClosed ? ConnectionState.Closed : ConnectionState.Lost, null);
                reconnect = _options.Reconnect && _endpoint is not null;
            }
        }

        session.Parking.AwakenAll();
        if (reconnect)
            _ = ConnectAgain();
    }

    protected override void Close()
    {
        _stop.Cancel();
        Session session;
        lock (_gate)
        {
            session = _session;
            Revoke();
            SetState(ConnectionState.Disposed, null);
        }

        session.Link.Dispose();
        _attached.TrySetResult();
        session.Memory.Dispose();
    }

    /// <summary>What a wait's result means to the caller; null to wait for the next connection.</summary>
    private bool? Conclude(Session session, WaitResult result)
    {
        ulong now = Volatile.Read(ref session.Memory.Signals);
        ThrowIfDisposed();
        switch (result)
        {
            case WaitResult.Met:
                // If the memory has been given up for that of a new connection, the count may be that of zero pages.
                if (session == Current)
                    Volatile.Write(ref session.Seen, now);
                return true;
            case WaitResult.TimedOut:
                return false;
        }

        session.Link.NoticeHangUp();
        if (_options.Reconnect)
            return null;
        throw new PeerGoneException($"{session.Link.Identity}, which created '{_endpoint?.Name ?? "the pair"}', {(session.Link.WasClosed ? "has closed it" : "is gone")}, so nothing will be signalled any more. The struct still shows its last state; OpenOptions.Reconnect waits for a successor.", session.Link.WasClosed);
    }

    private async Task ConnectAgain()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Attachment attachment = await Connector.Connect<AsyncReadiness>(_endpoint!, _terms, Deadline.After(_options.Timeout), _stop.Token).ConfigureAwait(false);
                Replace(new Session(attachment));
                return;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (TimeoutException)
            {
                // Nobody has taken the name yet.
            }
            catch (Exception error)
            {
                // Told to whoever listens, whatever it was; the next try may find a repaired peer.
                lock (_gate)
                {
                    if (!IsDisposed)
                        SetState(_state, error);
                }

                await Task.Delay(s_retry, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private void Replace(Session next)
    {
        // That there is a new creator is news in itself: the next wait returns at once.
        next.Seen = unchecked(Volatile.Read(ref next.Memory.Signals) - 1);
        Session last;
        TaskCompletionSource attached;
        lock (_gate)
        {
            if (IsDisposed)
            {
                next.Link.Dispose();
                next.Memory.Dispose();
                return;
            }

            last = _session;
            Volatile.Write(ref _session, next);
            Use(next.Memory);
            attached = Interlocked.Exchange(ref _attached, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            SetState(ConnectionState.Connected, null);
        }

        last.Memory.Dispose();
        attached.TrySetResult();
        next.Link.Start(this);
    }

    private void SetState(ConnectionState state, Exception? error)
    {
        _state = state;
        Events.Raise(StateChanged, Owner, new ConnectionStateChangedEventArgs(state, error));
    }

    private sealed class Session(Attachment attachment)
    {
        public Link Link { get; } = attachment.Link;

        public StructMemory<T> Memory { get; } = StructMemory<T>.From(attachment.Regions);

        public Parking Parking { get; } = new(attachment.Link);

        /// <summary>The count of signals at the end of the last wait.</summary>
        public ulong Seen;

        public SignalCondition NewSignal => new(Memory, Volatile.Read(ref Seen));
    }

    private readonly struct SignalCondition(StructMemory<T> memory, ulong seen) : ICondition
    {
        public bool IsMet => Volatile.Read(ref memory.Signals) != seen;
    }
}
