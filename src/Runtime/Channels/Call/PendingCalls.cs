using System.Diagnostics.CodeAnalysis;
using TypedShm.Ends;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Channels;

/// <summary>
/// All calls that a client has under way. Thread-safe: everything is done under one lock, which is held for the copy of a message and
/// never while anyone waits.
/// </summary>
/// <remarks>
/// <para>
/// One at a time waits for responses, on behalf of all, and hands those that are not its own to whom they belong: the <em>receiver</em>.
/// That is the thread of a synchronous call, unless another one is; when it has its own response it passes the role on to another thread
/// that waits, or else to the pump, a loop without a thread, for the tasks that wait. A thread takes the role from the pump, so that an
/// asynchronous call that is open does not send synchronous ones through the thread pool.
/// </para>
/// <para>
/// Calls that cannot be sent yet are queued; whoever makes room sends the next one. They wait because as many calls are open as allowed,
/// a claim is being filled in, or the connection is lost and comes back.
/// </para>
/// <para>
/// The lock is below the gate of the client's end, which connects under it, and above those of lanes and wait sources. What leads further
/// (tasks, links, cancellations, interrupts) is collected in <see cref="DeferredActions"/> and done after it.
/// </para>
/// </remarks>
internal sealed partial class PendingCalls<TRequest, TResponse>(ChannelEnd end, WaitSource source, WaitMode mode)
    where TRequest : unmanaged, ISharedLayout<TRequest>
    where TResponse : unmanaged, ISharedLayout<TResponse>
{
    private const int MaxSpares = 256;

    private readonly Lock _gate = new();
    private readonly TaskWaiter _idle = new();
    private readonly List<PendingCall<TRequest, TResponse>> _blocked = [];
    private OpenCalls<TRequest, TResponse>? _connection;
    private PendingCall<TRequest, TResponse>? _spare;
    private int _spares;
    private PendingCall<TRequest, TResponse>? _firstQueued;
    private PendingCall<TRequest, TResponse>? _lastQueued;
    private int _waiting;
    private int _claimer;
    private long _ignored;
    private volatile Receiver _receiver;
    private bool _hasPump;
    private volatile bool _wasPreempted;
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
                return _ignored + (_connection?.Ignored ?? 0);
        }
    }

    /// <summary>Whether a thread that calls receives, rather than the pump.</summary>
    public bool HasReceivingThread => _receiver == Receiver.Caller;

    /// <summary>Calls on this thread.</summary>
    public TResponse Call(in TRequest request, Deadline deadline, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return WaitFor(Begin(in request, null, isBlocking: true, deadline, cancellationToken));
    }

    /// <summary>As <see cref="Call"/>, but false if the deadline passes.</summary>
    public bool TryCall(in TRequest request, out TResponse response, Deadline deadline, CancellationToken cancellationToken)
    {
        try
        {
            response = Call(in request, deadline, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            response = default;
            return false;
        }
    }

    /// <summary>As <see cref="Claim"/>, but false if the deadline passes.</summary>
    public bool TryClaim(
        [NotNullWhen(true)] out PendingCall<TRequest, TResponse>? call, Deadline deadline, CancellationToken cancellationToken)
    {
        try
        {
            call = Claim(deadline, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            call = null;
            return false;
        }
    }

    /// <summary>Takes the slot of a request, waiting for it on this thread.</summary>
    public PendingCall<TRequest, TResponse> Claim(Deadline deadline, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        PendingCall<TRequest, TResponse> call;
        DeferredActions after = default;
        lock (_gate)
        {
            call = Rent(isBlocking: true, deadline, cancellationToken);
            call.IsInPlace = true;
            call.ThreadId = Environment.CurrentManagedThreadId;
            Enqueue(call, ref after);
            SendQueued(ref after);
            EnterReceiverRole(call);
        }

        Finish(after);
        WaitFor(call);
        return call;
    }

    /// <summary>
    /// Sends the request that was filled in, and waits for the response on this thread. The call is then the caller's until
    /// <see cref="GiveBack"/>.
    /// </summary>
    public void CallInPlace(
        PendingCall<TRequest, TResponse> call, int generation, int payloadLength, Deadline deadline, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        DeferredActions after = default;
        lock (_gate)
        {
            ThrowIfNotClaimed(call, generation);
            OpenCalls<TRequest, TResponse> connection = call.Connection!;
            if ((uint)payloadLength > (uint)connection.Requests.PayloadCapacity)
                throw new ArgumentException($"The payload has {payloadLength} bytes, but a request has room for "
                    + $"{connection.Requests.PayloadCapacity} (MessageOptions.PayloadCapacity of its creator).", nameof(payloadLength));
            ThrowIfClosed();
            if (connection != _connection)
                throw new PeerGoneException(
                    "The server whose request was claimed is gone. The call was not sent; claim again.", connection.Link.WasClosed);
            call.Deadline = deadline;
            call.CancellationToken = cancellationToken;
            connection.Commit(call, payloadLength);
            call.State = CallState.Sent;
            _waiting++;
            _claimer = 0;
            EnterReceiverRole(call);
            SendQueued(ref after);
        }

        Finish(after);
        WaitFor(call);
    }

    /// <summary>Gives a claim up that was not sent.</summary>
    public void Abort(PendingCall<TRequest, TResponse> call, int generation)
    {
        DeferredActions after = default;
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
        DeferredActions after = default;
        lock (_gate)
        {
            if (call.Generation != generation || call.State != CallState.Done)
                return;
            call.Connection!.Responses.Release(call.Position);
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
        DeferredActions after = default;
        lock (_gate)
        {
            // It may be about an earlier use of the object; what is looked at is of this one.
            if (call.IsBlocking || call.State is not (CallState.Sent or CallState.Queued))
                return;
            if (call.CancellationToken.IsCancellationRequested)
                call.Error = new OperationCanceledException(call.CancellationToken);
            else if (call.Deadline.IsOver)
                call.Error = new TimeoutException();
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
    /// <param name="connection">The connection.</param>
    /// <param name="unanswered">What those learn whose calls were sent.</param>
    /// <param name="unsent">What those learn whose calls were not, now and later; null if there may be another connection.</param>
    public void ConnectionEnded(
        OpenCalls<TRequest, TResponse> connection, Func<SharedMemoryException> unanswered, Func<SharedMemoryException>? unsent)
    {
        DeferredActions after = default;
        lock (_gate)
        {
            if (_connection != connection)
                return;
            Receive(connection, ref after);
            while (connection.TakeUnanswered() is { } call)
                Fail(call, unanswered(), ref after);
            _ignored += connection.Ignored;
            _connection = null;
            _gone = unsent;
            if (unsent is not null)
                FailQueue(unsent, ref after);
        }

        Finish(after);
    }

    /// <summary>There is another connection, or the first.</summary>
    public void Connect(OpenCalls<TRequest, TResponse> connection)
    {
        lock (_gate)
            Volatile.Write(ref _connection, connection);
    }

    /// <summary>Sends the calls that have waited for the connection.</summary>
    public void SendWaiting()
    {
        DeferredActions after = default;
        lock (_gate)
            SendQueued(ref after);
        Finish(after);
    }

    /// <summary>Ends all calls. The end is disposed.</summary>
    public void Close(Func<ObjectDisposedException> error)
    {
        DeferredActions after = default;
        lock (_gate)
        {
            while (_connection?.TakeUnanswered() is { } call)
                Fail(call, error(), ref after);
            FailQueue(error, ref after);
            _ignored += _connection?.Ignored ?? 0;
            _connection = null;
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

    private PendingCall<TRequest, TResponse> Begin(
        in TRequest request, CallPayloads? payloads, bool isBlocking, Deadline deadline, CancellationToken cancellationToken)
    {
        PendingCall<TRequest, TResponse> call;
        DeferredActions after = default;
        lock (_gate)
        {
            call = Rent(isBlocking, deadline, cancellationToken);
            if (payloads is not null)
                call.Payloads = payloads;
            if (_firstQueued is null && _claimer == 0 && _connection is { } connection && connection.HasRoomFor(payloads)
                && connection.TrySend(call, in request))
            {
                call.State = CallState.Sent;
                _waiting++;
            }
            else
            {
                call.Request = request;
                Enqueue(call, ref after);

                // A payload for which there is no room fails the call there.
                if (payloads is not null)
                    SendQueued(ref after);
            }

            EnterReceiverRole(call);
        }

        Finish(after);
        return call;
    }
}
