using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Channels;

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
    private readonly OpenOptions _options;
    private readonly ClientTerms _terms;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private TSession _session;
    private TaskCompletionSource _attached = NewSource();
    private ConnectionState _state = ConnectionState.Connected;

    /// <param name="endpoint">The name, or null for the other end of a pair.</param>
    /// <param name="options">How it was opened.</param>
    /// <param name="terms">What it wants of a creator.</param>
    /// <param name="session">The first connection.</param>
    protected ChannelClient(EndpointName? endpoint, OpenOptions options, ClientTerms terms, TSession session)
    {
        _endpoint = endpoint;
        _options = options;
        _terms = terms;
        _session = session;
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

    protected TSession Current => Volatile.Read(ref _session);

    /// <summary>Begins to listen to the connection; after this, handlers may be called.</summary>
    public void Start(object owner)
    {
        Owner = owner;
        Current.Link.Start(this);
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

    /// <summary>Makes what a new connection needs, with its memory mapped.</summary>
    protected abstract TSession NewSession(Attachment attachment);

    /// <summary>The session is the current one from now on. Called under the lock that keeps it from being disposed.</summary>
    protected abstract void OnReplaced(TSession session);

    /// <summary>Makes every later access throw. Called under the same lock.</summary>
    protected abstract void OnRevoked();

    /// <summary>Waits on this thread, over as many connections as there are.</summary>
    /// <param name="condition">Makes the condition for a session.</param>
    /// <param name="met">Told, if the condition was met, in which session.</param>
    /// <param name="deadline">Until when.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <returns>False if the deadline passed.</returns>
    /// <exception cref="PeerGoneException">The creator is gone and is not waited for.</exception>
    protected bool WaitFor<TCondition>(Func<TSession, TCondition> condition, Action<TSession>? met, Deadline deadline, CancellationToken cancellationToken)
        where TCondition : struct, ICondition
    {
        while (true)
        {
            TSession session = Current;
            Task attached = Volatile.Read(ref _attached).Task;
            ThrowIfDisposed();
            WaitResult result = session.Parking.Wait(condition(session), deadline, cancellationToken);
            if (Conclude(session, result, met) is bool answer)
                return answer;
            if (session == Current && !attached.Wait(deadline.Slice(int.MaxValue), cancellationToken))
                return false;
        }
    }

    /// <summary>As <see cref="WaitFor"/>, without a thread.</summary>
    protected async ValueTask<bool> WaitForAsync<TCondition>(Func<TSession, TCondition> condition, Action<TSession>? met, Deadline deadline, CancellationToken cancellationToken)
        where TCondition : struct, ICondition
    {
        while (true)
        {
            TSession session = Current;
            Task attached = Volatile.Read(ref _attached).Task;
            ThrowIfDisposed();
            WaitResult result = await session.Parking.WaitAsync(condition(session), deadline, cancellationToken).ConfigureAwait(false);
            if (Conclude(session, result, met) is bool answer)
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

        session.Link.Dispose();
        _attached.TrySetResult();
        session.DisposeMemory();
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What a wait's result means to the caller; null to wait for the next connection.</summary>
    private bool? Conclude(TSession session, WaitResult result, Action<TSession>? met)
    {
        ThrowIfDisposed();
        switch (result)
        {
            case WaitResult.Met:
                // If the session has been replaced meanwhile, what it shows may be zero pages.
                if (session == Current)
                    met?.Invoke(session);
                return true;
            case WaitResult.TimedOut:
                return false;
        }

        session.Link.NoticeHangUp();
        if (_options.Reconnect)
            return null;
        throw new PeerGoneException($"{session.Link.Identity}, which created '{_endpoint?.Name ?? "the pair"}', {(session.Link.WasClosed ? "has closed it" : "is gone")}, so nothing new will come. What it wrote last can still be read; OpenOptions.Reconnect waits for a successor.", session.Link.WasClosed);
    }

    private async Task ConnectAgain()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Attachment attachment = await Connector.Connect<AsyncReadiness>(_endpoint!, _terms, Deadline.After(_options.Timeout), _stop.Token).ConfigureAwait(false);
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

                await Task.Delay(s_retry, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private void Replace(TSession next)
    {
        TSession last;
        TaskCompletionSource attached;
        lock (_gate)
        {
            if (IsDisposed)
            {
                next.Link.Dispose();
                next.DisposeMemory();
                return;
            }

            last = _session;
            Volatile.Write(ref _session, next);
            OnReplaced(next);
            attached = Interlocked.Exchange(ref _attached, NewSource());
            SetState(ConnectionState.Connected, null);
        }

        last.DisposeMemory();
        attached.TrySetResult();
        next.Link.Start(this);
    }

    private void SetState(ConnectionState state, Exception? error)
    {
        _state = state;
        Events.Raise(StateChanged, Owner, new ConnectionStateChangedEventArgs(state, error));
    }
}
