using TypedShm.Ends;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Channels;

/// <summary>
/// All calls that a client has under way. Thread-safe: everything is done under one lock, which is held for the copy of a message and never while
/// anyone waits.
/// </summary>
/// <remarks>
/// <para>
/// One at a time waits for responses, on behalf of all, and hands those that are not its own to whom they belong: the <em>receiver</em>. That is the thread
/// of a synchronous call, if one finds the place free; when it has its own response it passes the place on to another thread that waits, or else to the pump, a loop
/// without a thread. The pump keeps the place until nobody waits.
/// </para>
/// <para>
/// Who may not send yet stands in a queue, and whoever makes room sends for it: there are as many open calls as allowed, a claim is being filled in, or the connection
/// is lost and comes back.
/// </para>
/// </remarks>
internal sealed partial class PendingCalls<TRequest, TResponse>(ChannelEnd end, WaitSource source, WaitMode mode, CallSession<TRequest, TResponse> first)
    where TRequest : unmanaged, ISharedLayout<TRequest>
    where TResponse : unmanaged, ISharedLayout<TResponse>
{
    private readonly Lock _gate = new();
    private readonly TaskWaiter _idle = new();
    private readonly List<PendingCall<TRequest, TResponse>> _blocked = [];
    private CallSession<TRequest, TResponse>? _session = first;
    private PendingCall<TRequest, TResponse>? _spare;
    private PendingCall<TRequest, TResponse>? _firstQueued;
    private PendingCall<TRequest, TResponse>? _lastQueued;
    private int _waiting;
    private int _claimer;
    private long _ignored;
    private volatile Receiver _receiver;
    private bool _hasPump;
    private Func<SharedMemoryException>? _gone;

    private enum Receiver
    {
        Nobody,
        Caller,
        Pump,
    }

    /// <summary>Responses that were for no open call.</summary>
    public long Ignored
    {
        get
        {
            lock (_gate)
                return _ignored + (_session?.Ignored ?? 0);
        }
    }

    /// <summary>Calls on this thread.</summary>
    public TResponse Call(in TRequest request, Deadline deadline, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return WaitFor(Begin(in request, isBlocking: true, deadline, cancellationToken));
    }

    /// <summary>Calls without a thread, unless the mode is <see cref="WaitMode.Spin"/>.</summary>
    public ValueTask<TResponse> CallAsync(in TRequest request, Deadline deadline, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<TResponse>(cancellationToken);
        try
        {
            if (mode == WaitMode.Spin)
                return new ValueTask<TResponse>(Call(in request, deadline, cancellationToken));
            PendingCall<TRequest, TResponse> call = Begin(in request, isBlocking: false, deadline, cancellationToken);
            if (call.IsReceiver)
                ReceiveForAWhile(call);

            // A call that is over takes no notice.
            if (!call.IsOver)
                call.Watch();
            return call.AsTask();
        }
        catch (OperationCanceledException cancelled)
        {
            return ValueTask.FromCanceled<TResponse>(cancelled.CancellationToken);
        }
        catch (Exception error) when (error is SharedMemoryException or TimeoutException or ObjectDisposedException)
        {
            return ValueTask.FromException<TResponse>(error);
        }
    }

    /// <summary>Takes the slot of a request, waiting for it on this thread.</summary>
    public PendingCall<TRequest, TResponse> Claim(Deadline deadline, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        PendingCall<TRequest, TResponse> call;
        Afterwards after = default;
        lock (_gate)
        {
            call = Rent(isBlocking: true, deadline, cancellationToken);
            call.IsInPlace = true;
            call.ThreadId = Environment.CurrentManagedThreadId;
            Enqueue(call, ref after);
            SendQueued(ref after);
            TakePlace(call);
        }

        Finish(after);
        WaitFor(call);
        return call;
    }

    /// <summary>Sends the request that was filled in, and waits for the response on this thread. The call is then the caller's until <see cref="GiveBack"/>.</summary>
    public void CallInPlace(PendingCall<TRequest, TResponse> call, int generation, int payloadLength, Deadline deadline, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Afterwards after = default;
        lock (_gate)
        {
            ThrowIfNotClaimed(call, generation);
            CallSession<TRequest, TResponse> session = call.Session!;
            if ((uint)payloadLength > (uint)session.Requests.PayloadCapacity)
                throw new ArgumentException($"The payload has {payloadLength} bytes, but a request has room for {session.Requests.PayloadCapacity} (MessageOptions.PayloadCapacity of its creator).", nameof(payloadLength));
            ThrowIfClosed();
            if (session != _session)
                throw new PeerGoneException("The server whose request was claimed is gone. The call was not sent; claim again.", session.Link.WasClosed);
            call.Deadline = deadline;
            call.CancellationToken = cancellationToken;
            session.Commit(call, payloadLength);
            call.State = CallState.Sent;
            _waiting++;
            _claimer = 0;
            TakePlace(call);
            SendQueued(ref after);
        }

        Finish(after);
        WaitFor(call);
    }

    /// <summary>Gives a claim up that was not sent.</summary>
    public void Abort(PendingCall<TRequest, TResponse> call, int generation)
    {
        Afterwards after = default;
        lock (_gate)
        {
            if (call.Generation != generation || call.State != CallState.Claimed)
                return;
            EndClaim(call, ref after);
            Recycle(call);
        }

        Finish(after);
    }

    /// <summary>Gives the slot of a response back that was read in place.</summary>
    public void GiveBack(PendingCall<TRequest, TResponse> call, int generation)
    {
        Afterwards after = default;
        lock (_gate)
        {
            if (call.Generation != generation || call.State != CallState.Done)
                return;
            call.Session!.Responses.Release(call.Position);
            Recycle(call);
            SendQueued(ref after);
        }

        Finish(after);
    }

    /// <summary>The task of an asynchronous call has been awaited.</summary>
    public void Return(PendingCall<TRequest, TResponse> call)
    {
        lock (_gate)
            Recycle(call);
    }

    /// <summary>Ends the call of a task, if it was cancelled or its time is over.</summary>
    public void Expire(PendingCall<TRequest, TResponse> call)
    {
        Afterwards after = default;
        lock (_gate)
        {
            // It may be about an earlier use of the object; what is looked at is of this one.
            if (call.IsBlocking || call.State is not (CallState.Sent or CallState.Queued))
                return;
            if (call.CancellationToken.IsCancellationRequested)
                call.Error = new OperationCanceledException(call.CancellationToken);
            else if (call.Deadline.IsOver)
                call.Error = TimedOut(call);
            else
            {
                if (call.Deadline.Slice(int.MaxValue) != int.MaxValue)
                    call.WatchOn();
                return;
            }

            Abandon(call, ref after);
            Done(call, ref after);
            after.LookAgain = _waiting == 0 && _receiver == Receiver.Pump;
        }

        Finish(after);
    }

    /// <summary>A connection has ended: what came before that counts, and what was not answered never will be.</summary>
    /// <param name="session">The connection.</param>
    /// <param name="unanswered">What those learn whose calls were sent.</param>
    /// <param name="unsent">What those learn whose calls were not, now and later; null if there may be another connection.</param>
    public void ConnectionEnded(CallSession<TRequest, TResponse> session, Func<SharedMemoryException> unanswered, Func<SharedMemoryException>? unsent)
    {
        Afterwards after = default;
        lock (_gate)
        {
            if (_session != session)
                return;
            Receive(session, ref after);
            while (session.TakeUnanswered() is { } call)
                Fail(call, unanswered(), ref after);
            _ignored += session.Ignored;
            _session = null;
            _gone = unsent;
            if (unsent is not null)
                FailQueue(unsent, ref after);
        }

        Finish(after);
    }

    /// <summary>There is another connection.</summary>
    public void Connected(CallSession<TRequest, TResponse> session)
    {
        Afterwards after = default;
        lock (_gate)
        {
            _session = session;
            SendQueued(ref after);
        }

        Finish(after);
    }

    /// <summary>Ends all calls. The end is disposed.</summary>
    public void Close(Func<ObjectDisposedException> error)
    {
        Afterwards after = default;
        lock (_gate)
        {
            while (_session?.TakeUnanswered() is { } call)
                Fail(call, error(), ref after);
            FailQueue(error, ref after);
            _ignored += _session?.Ignored ?? 0;
            _session = null;
        }

        Finish(after);
        _idle.Interrupt();
    }

    /// <summary>Whether a claim is open. Its owner alone can end it, so the owner needs no lock to ask.</summary>
    /// <exception cref="InvalidOperationException">It is not.</exception>
    public static void ThrowIfNotClaimed(PendingCall<TRequest, TResponse> call, int generation)
    {
        if (call.Generation != generation || call.State != CallState.Claimed)
            throw new InvalidOperationException("The claim is not open any more: it was called, or disposed. Claim again.");
    }

    private PendingCall<TRequest, TResponse> Begin(in TRequest request, bool isBlocking, Deadline deadline, CancellationToken cancellationToken)
    {
        PendingCall<TRequest, TResponse> call;
        Afterwards after = default;
        lock (_gate)
        {
            call = Rent(isBlocking, deadline, cancellationToken);
            if (_firstQueued is null && _claimer == 0 && _session is { } session && session.TrySend(call, in request))
            {
                call.State = CallState.Sent;
                _waiting++;
            }
            else
            {
                call.Request = request;
                Enqueue(call, ref after);
            }

            TakePlace(call);
        }

        Finish(after);
        return call;
    }
}
