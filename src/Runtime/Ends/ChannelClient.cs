using System.Runtime.CompilerServices;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Ends;

/// <summary>What an end that opened a channel has for as long as one connection lasts.</summary>
internal abstract class Session(Link link)
{
    public Link Link => link;

    public Parking Parking { get; } = new(link);

    /// <summary>Gives the channel's memory up; the link has ended.</summary>
    public abstract void DisposeMemory();
}

/// <summary>The end that opens a channel: knows whether its creator is there, waits for it, connects again.</summary>
internal abstract class ChannelClient<TSession> : ChannelEnd, ILinkHandler
    where TSession : Session
{
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(250);

    private readonly EndpointName? _endpoint;
    private readonly ConnectRequest _terms;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private TSession _session;
    private ConnectionState _state = ConnectionState.Connected;
    private bool _hasFinished;

    /// <param name="endpoint">The name, or null for the other end of a pair.</param>
    /// <param name="terms">What it wants of a creator.</param>
    /// <param name="session">The first connection.</param>
    protected ChannelClient(EndpointName? endpoint, ConnectRequest terms, TSession session)
    {
        _endpoint = endpoint;
        _terms = terms;
        _session = session;
        Source.Change(removed: null, added: session.Parking);
    }

    public EventHandler<ConnectionStateChangedEventArgs>? StateChanged { get; set; }

    public IReadOnlyList<SharedPeer> Peers => State == ConnectionState.Connected ? [new SharedPeer(Current.Link)] : [];

    public ConnectionState State
    {
        get
        {
            lock (_gate)
                return _state;
        }
    }

    /// <summary>The connection in use; the last one, if there is none.</summary>
    public TSession Current => Volatile.Read(ref _session);

    /// <summary>Whether waits outlast a connection.</summary>
    public bool Reconnects => _terms.Options.Reconnect && _endpoint is not null;

    /// <summary>What waits at this end are woken by.</summary>
    public WaitSource Source { get; } = new();

    protected EndpointName? Endpoint => _endpoint;

    protected ConnectRequest ConnectRequest => _terms;

    /// <summary>How this end waits.</summary>
    public WaitMode WaitMode => _terms.Options.Wait;

    /// <summary>Begins to listen to the connection; after this, handlers may be called.</summary>
    public void Start(object owner)
    {
        Owner = owner;
        Current.Link.Start(this);
    }

    public virtual void Received(Link link, LinkMessage message, ulong argument)
    {
        if (message == LinkMessage.Wake)
            Source.Interrupt();
    }

    public void Ended(Link link)
    {
        OnEnded(Current);
        bool reconnect = false;
        lock (_gate)
        {
            if (!IsDisposed)
            {
                SetState(link.WasClosed ? ConnectionState.Closed : ConnectionState.Lost, null);
                reconnect = Reconnects && !_hasFinished;
            }
        }

        // Nobody sleeps on the bell of a peer that is gone: its memory is about to be given up.
        Source.Change(removed: Current.Parking, added: null);
        if (reconnect)
            new Thread(ConnectAgain) { IsBackground = true, Name = "TypedShm reconnect" }.UnsafeStart();
    }

    /// <summary>Makes what a new connection needs, with its memory mapped.</summary>
    protected abstract TSession NewSession(ConnectResult attachment);

    /// <summary>The session is the current one from now on. Called under the lock that keeps it from being disposed.</summary>
    protected abstract void OnReplaced(TSession session);

    /// <summary>Makes every later access throw. Called under the same lock.</summary>
    protected abstract void OnRevoked();

    /// <summary>Says the last that this end has to say: it connects to no successor after that.</summary>
    /// <param name="sayIt">Says it over the current connection, which is not replaced meanwhile; false if there was nothing to say any more.</param>
    /// <returns>What <paramref name="sayIt"/> returned.</returns>
    protected bool Finish(Func<bool> sayIt)
    {
        lock (_gate)
        {
            if (!sayIt())
                return false;
            _hasFinished = true;
        }

        _stop.Cancel();
        return true;
    }

    /// <summary>A connection has ended, for whatever reason; its control words are still there.</summary>
    protected virtual void OnEnded(TSession session)
    {
    }

    /// <summary>Gives up what belongs to no session. The last thing that happens.</summary>
    protected virtual void OnClosed()
    {
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

    /// <summary>What a caller is told when it waits for something that the creator, who is gone, will not do any more.</summary>
    protected PeerGoneException PeerGone()
    {
        Link link = Current.Link;
        return new PeerGoneException($"{link.Identity}, which created '{_endpoint?.Name ?? "the pair"}', {(link.WasClosed ? "has closed it" : "is gone")}, so nothing new will come. What it wrote last can still be read; OpenOptions.Reconnect waits for a successor.", link.WasClosed);
    }

    protected override void Close()
    {
        _stop.Cancel();
        TSession session;
        lock (_gate)
        {
            session = _session;
            OnRevoked();
            SetState(ConnectionState.Disposed, null);
        }

        Source.Interrupt();
        session.Link.Dispose();
        session.DisposeMemory();
        OnClosed();
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

    // On a thread of its own: it asks functions of the program, and needs no healthy pool.
    private void ConnectAgain()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                ConnectResult attachment = Connector.Connect<BlockingWaiter>(_endpoint!, _terms, Deadline.After(_terms.Options.Timeout), _stop.Token).AsTask().GetAwaiter().GetResult();
                Replace(NewSession(attachment));
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

                _stop.Token.WaitHandle.WaitOne(s_retry);
            }
        }
    }

    private void Replace(TSession next)
    {
        TSession last;
        lock (_gate)
        {
            if (IsDisposed || _hasFinished)
            {
                next.Link.Dispose();
                next.DisposeMemory();
                return;
            }

            last = _session;
            Volatile.Write(ref _session, next);
            OnReplaced(next);
            SetState(ConnectionState.Connected, null);
        }

        last.DisposeMemory();
        Source.Change(removed: null, added: next.Parking);
        next.Link.Start(this);
    }

    private void SetState(ConnectionState state, Exception? error)
    {
        _state = state;
        Events.Raise(StateChanged, Owner, new ConnectionStateChangedEventArgs(state, error));
    }
}
