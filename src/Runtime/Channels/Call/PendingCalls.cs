using System.Diagnostics.CodeAnalysis;
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
internal sealed class PendingCalls<TRequest, TResponse>(ChannelEnd end, WaitSource source, WaitMode mode, CallSession<TRequest, TResponse> first)
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

    private bool HasResponse => Volatile.Read(ref _session) is { } session && session.Responses.HasMessage;

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

    // Waits on this thread until a call is over, as the receiver or not. Then it is used up, unless something is in place.
    private TResponse WaitFor(PendingCall<TRequest, TResponse> call)
    {
        while (true)
        {
            bool isInTime;
            try
            {
                isInTime = call.IsReceiver ? WaitForResponse(call) : call.WaitForTurn(mode, call.Deadline, call.CancellationToken);
            }
            catch (OperationCanceledException)
            {
                GiveUp(call);
                throw;
            }

            if (TryEndWait(call, isInTime, out TResponse response, out Exception? error))
                return error is null ? response : throw error;
        }
    }

    private bool WaitForResponse(PendingCall<TRequest, TResponse> call)
    {
        ResponseCondition condition = new(this, call);
        return Wait.For(ref condition, source.Alone, mode, call.Deadline, call.CancellationToken) == WaitOutcome.Met;
    }

    private bool TryEndWait(PendingCall<TRequest, TResponse> call, bool isInTime, out TResponse response, out Exception? error)
    {
        Afterwards after = default;
        bool ends;
        lock (_gate)
        {
            if (call.IsReceiver)
                Receive(ref after);
            ends = call.IsOver || !isInTime;
            response = call.Response;
            error = call.Error;
            if (!call.IsOver && ends)
            {
                error = TimedOut(call);
                Abandon(call, ref after);
            }

            if (ends)
            {
                LeavePlace(call, ref after);
                if (!call.IsInPlace || error is not null)
                    Recycle(call);
            }
        }

        Finish(after);
        return ends;
    }

    // Its caller was cancelled, whatever has become of it.
    private void GiveUp(PendingCall<TRequest, TResponse> call)
    {
        Afterwards after = default;
        lock (_gate)
        {
            if (!call.IsOver)
                Abandon(call, ref after);
            else if (call.State == CallState.Claimed)
                EndClaim(call, ref after);
            else if (call.IsInPlace && call.Error is null)
                call.Session!.Responses.Release(call.Position);
            LeavePlace(call, ref after);
            Recycle(call);
            SendQueued(ref after);
        }

        Finish(after);
    }

    // An asynchronous call that found the receiver's place free: the response may be here before a pump is.
    private void ReceiveForAWhile(PendingCall<TRequest, TResponse> call)
    {
        if (mode == WaitMode.SpinThenPark)
        {
            ResponseCondition condition = new(this, call);
            Spinning.Look(ref condition, Spinning.BeforePark);
        }

        Afterwards after = default;
        lock (_gate)
        {
            Receive(ref after);
            LeavePlace(call, ref after);
        }

        Finish(after);
    }

    // The receiver without a thread, for as long as this end lives.
    private async Task Pump()
    {
        while (!end.IsDisposed)
        {
            // What is looked at has been changed before an interrupt.
            _idle.Arm();
            if (_receiver == Receiver.Pump || end.IsDisposed)
                await _idle.Disarm().ConfigureAwait(false);
            else
                await _idle.Sleep(Timeout.Infinite).ConfigureAwait(false);
            while (_receiver == Receiver.Pump)
            {
                await Wait.ForAsync(new PumpCondition(this), source.Alone, mode, Deadline.Never, CancellationToken.None).ConfigureAwait(false);
                Afterwards after = default;
                lock (_gate)
                {
                    Receive(ref after);
                    if (_waiting == 0)
                        _receiver = Receiver.Nobody;
                }

                Finish(after);
            }
        }
    }

    // ---- All that follows is called under the lock.

    private PendingCall<TRequest, TResponse> Rent(bool isBlocking, Deadline deadline, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        if (_claimer == Environment.CurrentManagedThreadId)
            ThrowClaiming();
        PendingCall<TRequest, TResponse> call = _spare ?? new PendingCall<TRequest, TResponse>(this);
        _spare = call.Next;
        call.Next = null;
        call.IsBlocking = isBlocking;
        call.Deadline = deadline;
        call.CancellationToken = cancellationToken;
        return call;
    }

    private void Recycle(PendingCall<TRequest, TResponse> call)
    {
        call.Generation++;
        call.State = CallState.Idle;
        call.IsInPlace = false;
        call.CancellationToken = CancellationToken.None;
        call.Error = null;
        call.Session = null;
        call.Next = _spare;
        _spare = call;
    }

    private void TakePlace(PendingCall<TRequest, TResponse> call)
    {
        if (call.IsOver)
            return;
        if (_receiver == Receiver.Nobody)
        {
            _receiver = Receiver.Caller;
            call.IsReceiver = true;
        }
        else if (call.IsBlocking)
        {
            call.BlockedIndex = _blocked.Count;
            _blocked.Add(call);
        }
    }

    private void LeavePlace(PendingCall<TRequest, TResponse> call, ref Afterwards after)
    {
        Unblock(call);
        if (!call.IsReceiver)
            return;
        call.IsReceiver = false;
        if (_blocked.Count > 0)
        {
            PendingCall<TRequest, TResponse> successor = _blocked[^1];
            Unblock(successor);
            successor.IsReceiver = true;
            successor.Wake();
        }
        else
        {
            after.StartPump = _waiting > 0;
            _receiver = after.StartPump ? Receiver.Pump : Receiver.Nobody;
        }
    }

    private void Unblock(PendingCall<TRequest, TResponse> call)
    {
        int index = call.BlockedIndex;
        if (index < 0)
            return;
        PendingCall<TRequest, TResponse> last = _blocked[^1];
        _blocked[index] = last;
        last.BlockedIndex = index;
        _blocked.RemoveAt(_blocked.Count - 1);
        call.BlockedIndex = -1;
    }

    private void Enqueue(PendingCall<TRequest, TResponse> call, ref Afterwards after)
    {
        // The try to send it may have found out that the connection is not to be used.
        NoticeFault(ref after);
        ThrowIfClosed();
        call.State = CallState.Queued;
        call.Previous = _lastQueued;
        if (_lastQueued is null)
            _firstQueued = call;
        else
            _lastQueued.Next = call;
        _lastQueued = call;
        _waiting++;
    }

    private void Dequeue(PendingCall<TRequest, TResponse> call)
    {
        if (call.Previous is null)
            _firstQueued = call.Next;
        else
            call.Previous.Next = call.Next;
        if (call.Next is null)
            _lastQueued = call.Previous;
        else
            call.Next.Previous = call.Previous;
        call.Previous = call.Next = null;
    }

    private void SendQueued(ref Afterwards after)
    {
        while (_claimer == 0 && _firstQueued is { } call && _session is { } session)
        {
            bool sent = call.IsInPlace ? session.TryClaim(call) : session.TrySend(call, in call.Request);
            if (!sent)
            {
                NoticeFault(ref after);
                return;
            }

            Dequeue(call);
            if (!call.IsInPlace)
            {
                call.State = CallState.Sent;
                continue;
            }

            call.State = CallState.Claimed;
            _claimer = call.ThreadId;
            _waiting--;
            Unblock(call);
            call.Wake();
            after.LookAgain |= call.IsReceiver;
        }
    }

    private void Receive(ref Afterwards after)
    {
        if (_session is not { } session)
            return;
        Receive(session, ref after);
        SendQueued(ref after);
    }

    // As many as can be owed, so that a hostile server does not keep this up for ever.
    private void Receive(CallSession<TRequest, TResponse> session, ref Afterwards after)
    {
        for (int most = session.Capacity; most > 0 && session.TryReceive(out PendingCall<TRequest, TResponse>? call); most--)
        {
            if (call is null)
                continue;
            _waiting--;
            Done(call, ref after);
        }

        NoticeFault(ref after);
    }

    private void NoticeFault(ref Afterwards after)
    {
        if (_session is { Fault: not null } session)
            after.Faulted = session.Link;
    }

    private void Done(PendingCall<TRequest, TResponse> call, ref Afterwards after)
    {
        call.State = CallState.Done;
        if (call.IsBlocking)
        {
            // A receiver that sleeps is interrupted by whatever has ended its call: a response it would have received itself.
            Unblock(call);
            if (!call.IsReceiver)
                call.Wake();
        }
        else
        {
            call.Next = after.Done;
            after.Done = call;
        }
    }

    private void Fail(PendingCall<TRequest, TResponse> call, Exception error, ref Afterwards after)
    {
        call.Error = error;
        _waiting--;
        Done(call, ref after);
    }

    private void FailQueue(Func<Exception> error, ref Afterwards after)
    {
        while (_firstQueued is { } call)
        {
            Dequeue(call);
            Fail(call, error(), ref after);
        }
    }

    // Nobody waits for it any more.
    private void Abandon(PendingCall<TRequest, TResponse> call, ref Afterwards after)
    {
        _waiting--;
        if (call.State == CallState.Queued)
        {
            Dequeue(call);
            return;
        }

        call.Session!.Abandon(call);
        after.Cancelled = call.Session.Link;
        after.CancelledNumber = call.Number;
    }

    private void EndClaim(PendingCall<TRequest, TResponse> call, ref Afterwards after)
    {
        call.Session!.Requests.AbortClaim(call.Position);
        _claimer = 0;
        SendQueued(ref after);
    }

    private void ThrowIfClosed()
    {
        end.ThrowIfDisposed();
        if (_gone is { } gone)
            throw gone();
    }

    public static void ThrowIfNotClaimed(PendingCall<TRequest, TResponse> call, int generation)
    {
        if (call.Generation != generation || call.State != CallState.Claimed)
            throw new InvalidOperationException("The claim is not open any more: it was called, or disposed. Claim again.");
    }

    [DoesNotReturn]
    private static void ThrowClaiming() => throw new InvalidOperationException("A claim of this thread is still open: call or dispose it first. Meanwhile no other call can be sent.");

    private static TimeoutException TimedOut(PendingCall<TRequest, TResponse> call) => new(call.State == CallState.Queued
        ? "The call could not be sent in time: as many calls are open as allowed (SharedCallOptions.Capacity), a claim is, or the server is not there."
        : "The call was not answered in time. The server was told that nobody waits for it any more; whether it carries the call out is not known.");

    // ---- What is to be done when the lock is free again.

    private void Finish(in Afterwards after)
    {
        after.Faulted?.Dispose();

        // Best effort: a server whose socket is full, or that is gone, is not told.
        _ = after.Cancelled?.Send(LinkMessage.Cancel, after.CancelledNumber);
        if (after.StartPump)
        {
            if (Interlocked.Exchange(ref _hasPump, true))
                _idle.Interrupt();
            else
                _ = Task.Run(Pump);
        }

        if (after.LookAgain)
            source.Interrupt();
        PendingCall<TRequest, TResponse>? call = after.Done;
        while (call is not null)
        {
            // Before it is completed: after that it may be used again.
            PendingCall<TRequest, TResponse>? next = call.Next;
            call.Complete();
            call = next;
        }
    }

    private struct Afterwards
    {
        /// <summary>Tasks whose calls are over, linked by their Next.</summary>
        public PendingCall<TRequest, TResponse>? Done;

        /// <summary>A connection whose server broke the protocol.</summary>
        public Link? Faulted;

        /// <summary>To whom to say that a call was given up, and which.</summary>
        public Link? Cancelled;

        public ulong CancelledNumber;
        public bool StartPump;

        /// <summary>Whether a receiver that sleeps has something to see.</summary>
        public bool LookAgain;
    }

    private readonly struct ResponseCondition(PendingCalls<TRequest, TResponse> calls, PendingCall<TRequest, TResponse> call) : ICondition
    {
        public Sight Look() => call.IsOver || calls.HasResponse ? Sight.Met : Sight.Pending;

        public bool Glance() => calls.HasResponse;
    }

    private readonly struct PumpCondition(PendingCalls<TRequest, TResponse> calls) : ICondition
    {
        public Sight Look() => Volatile.Read(ref calls._waiting) == 0 || calls.HasResponse ? Sight.Met : Sight.Pending;

        public bool Glance() => calls.HasResponse;
    }
}
