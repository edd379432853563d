using System.Runtime.CompilerServices;
using TypedShm.Interop;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Ends;

/// <summary>The end that opens a channel: knows whether its creator is there, waits for it, connects again.</summary>
/// <typeparam name="TMemory">The memory of the channel.</typeparam>
/// <remarks>
/// Locks, outermost first: the gate of this end, those of what the channel keeps for a session (merger, calls), WaitSource, Parking; and
/// below all of them ChannelEvent, EventQueue. Links are disposed and started outside of all of them, since their end comes back to take
/// the gate.
/// </remarks>
internal abstract partial class ChannelClient<TMemory> : ChannelEnd, ILinkHandler
    where TMemory : class, IDisposable
{
    private readonly EndpointName _endpoint;
    private readonly ConnectRequest _request;
    private readonly Func<bool, CancellationToken, ValueTask<ConnectResult>> _connectAnother;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SocketPoller? _poller;
    private Session<TMemory> _session;
    private ConnectionState _state;
    private bool _hasFinished;

    protected ChannelClient(Opened opened)
        : base(opened.Endpoint.Name)
    {
        _endpoint = opened.Endpoint;
        _request = opened.Request;
        _connectAnother = opened.Again;
        _poller = opened.Poller;
        _session = new Session<TMemory>(opened.Result, opened.IsPlaceholder);
        _state = opened.IsPlaceholder ? ConnectionState.Connecting : ConnectionState.Connected;
        Source.Change(removed: null, added: _session.Parking);
    }

    public sealed override event EventHandler<PeerJoinedEventArgs>? PeerJoined
    {
        add
        {
            // Whether the creator comes or goes meanwhile is told before or after.
            lock (_gate)
                Joined.Add(value, PeersLocked.Select(peer => new PeerJoinedEventArgs(peer)));
        }
        remove => Joined.Remove(value);
    }

    /// <summary>The creator, while it is connected.</summary>
    public sealed override IReadOnlyList<SharedPeer> Peers
    {
        get
        {
            lock (_gate)
                return PeersLocked;
        }
    }

    public sealed override ConnectionState State
    {
        get
        {
            lock (_gate)
                return _state;
        }
    }

    /// <summary>The connection in use; the last one, if there is none.</summary>
    public Session<TMemory> Current => Volatile.Read(ref _session);

    /// <summary>Whether waits outlast a connection.</summary>
    public bool Reconnects => _request.Options.Reconnect;

    /// <summary>What waits at this end are woken by.</summary>
    public WaitSource Source { get; } = new();

    /// <summary>How this end waits.</summary>
    public WaitMode WaitMode => _request.Options.Wait;

    private SharedPeer[] PeersLocked => _state == ConnectionState.Connected ? [_session.Peer] : [];

    /// <summary>Begins to listen to the connection, or to seek one; after this, handlers may be called.</summary>
    public void Start()
    {
        if (Current is { IsPlaceholder: false } session)
            session.Link.Start(this);
        else
            StartConnecting();
    }

    public virtual void Received(Link link, LinkMessage message, ulong argument)
    {
        if (message == LinkMessage.Wake)
            Source.Interrupt();
    }

    // Told once for each session, after it has become the current one, and before there is another: a successor is sought only here.
    public void Ended(Link link)
    {
        Session<TMemory> session = Current;
        OnEnded(session);
        bool reconnects = false;
        lock (_gate)
        {
            if (!IsDisposed)
            {
                Joined.Keep(new PeerJoinedEventArgs(session.Peer));
                Left.Raise(new PeerLeftEventArgs(session.Peer, link.WasClosed));
                SetState(link.WasClosed ? ConnectionState.Closed : ConnectionState.Lost, null);
                reconnects = Reconnects && !_hasFinished && !IsDone(session);
            }
        }

        // Nobody sleeps on the bell of a peer that is gone: its memory is about to be given up.
        Source.Change(removed: session.Parking, added: null);

        if (reconnects)
            StartConnecting();
    }

    /// <summary>
    /// The session is the current one from now on. Called for each session, the first one by the constructor of the derived class, the
    /// others under the gate, which keeps them from being disposed.
    /// </summary>
    protected abstract void SwitchTo(Session<TMemory> session);

    /// <summary>Another session has become the current one: what is to be done outside the gate.</summary>
    protected virtual void AfterSwitch()
    {
    }

    /// <summary>This end is being disposed: what is to be done first, outside the gate.</summary>
    protected virtual void OnClosing()
    {
    }

    /// <summary>Makes every later access throw. Called under the same gate.</summary>
    protected virtual void OnRevoked()
    {
    }

    /// <summary>A connection has ended, for whatever reason; its control words are still there.</summary>
    protected virtual void OnEnded(Session<TMemory> session)
    {
    }

    /// <summary>The session is not the current one any more, or this end was disposed: gives its memory up.</summary>
    protected virtual void Release(Session<TMemory> session) => session.Memory.Dispose();

    /// <summary>Whether no successor of the creator, who has just gone, has anything to do for this end.</summary>
    protected virtual bool IsDone(Session<TMemory> session) => false;

    /// <summary>Whether this end's final message is kept for a successor of the creator. Asked under the gate.</summary>
    protected virtual bool FinishIsKept => false;

    /// <summary>Gives up what belongs to no session. The last thing that happens.</summary>
    protected virtual void OnClosed()
    {
    }

    /// <summary>
    /// Sends this end's final message: it connects to no successor after that, unless the message is kept for it.
    /// </summary>
    /// <param name="send">
    /// Sends it over the current connection, which is not replaced meanwhile; false if there was nothing to say any more.
    /// </param>
    /// <returns>What <paramref name="send"/> returned.</returns>
    protected bool Finish(Func<bool> send)
    {
        lock (_gate)
        {
            if (!send())
                return false;
            if (FinishIsKept)
                return true;
            _hasFinished = true;
        }

        _stop.Cancel();
        return true;
    }

    /// <summary>
    /// Connects once more to the same endpoint: for another end like this one, which is not this one's to dispose.
    /// </summary>
    /// <param name="onThisThread">Whether to wait on this thread, so that the task is complete.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ObjectDisposedException">This end was disposed, perhaps meanwhile.</exception>
    protected async ValueTask<Opened> ConnectAnother(bool onThisThread, CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
        try
        {
            return Opened.Of(_endpoint, _request, await _connectAnother(onThisThread, either.Token).ConfigureAwait(false),
                _connectAnother);
        }
        catch (OperationCanceledException)
        {
            ThrowIfDisposed();
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
    }

    /// <summary>Waits on this thread, over as many connections as there are: the condition looks at <see cref="Current"/>.</summary>
    /// <returns>False if the deadline passed.</returns>
    /// <exception cref="PeerGoneException">The creator is gone and is not waited for.</exception>
    protected bool WaitFor<TCondition>(TCondition condition, Deadline deadline, CancellationToken cancellationToken)
        where TCondition : struct, ICondition
    {
        ThrowIfDisposed();
        return Conclude(Wait.For(ref condition, Source.Alone, WaitMode, deadline, cancellationToken));
    }

    /// <summary>As <see cref="WaitFor"/>, without a thread.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    protected async ValueTask<bool> WaitForAsync<TCondition>(TCondition condition, Deadline deadline, CancellationToken cancellationToken)
        where TCondition : struct, ICondition
    {
        ThrowIfDisposed();
        return Conclude(await Wait.ForAsync(condition, Source.Alone, WaitMode, deadline, cancellationToken).ConfigureAwait(false));
    }

    protected sealed override void Close()
    {
        _stop.Cancel();
        OnClosing();
        Session<TMemory> session;
        lock (_gate)
        {
            session = _session;
            OnRevoked();
            SetState(ConnectionState.Disposed, null);
        }

        CrashPoint.Reach(CrashStep.EndRevoked);
        Source.Interrupt();
        session.Link.Dispose();
        Release(session);
        OnClosed();
        _poller?.Release();
    }

    private bool Conclude(WaitOutcome outcome)
    {
        ThrowIfDisposed();
        return outcome switch
        {
            WaitOutcome.Ready => true,
            WaitOutcome.TimedOut => false,
            _ => throw PeerGone(),
        };
    }

    // What a caller is told when it waits for something that the creator, who is gone, will not do any more.
    private PeerGoneException PeerGone()
    {
        Link link = Current.Link;
        return new PeerGoneException($"{link.Identity}, which created '{Name}', {(link.WasClosed ? "has closed it" : "is gone")}, so "
            + "nothing new will come. What it wrote last can still be read; OpenOptions.Reconnect waits for a successor.", link.WasClosed);
    }

    private void SetState(ConnectionState state, Exception? error)
    {
        _state = state;
        States.Raise(new ConnectionStateChangedEventArgs(state, error));
    }
}
