using System.Diagnostics.CodeAnalysis;
using TypedShm.Interop;
using TypedShm.Transport;

namespace TypedShm.Channels;

/// <content>What changes when, all of it under the lock; and what is left to be done without it.</content>
internal sealed partial class PendingCalls<TRequest, TResponse>
{
    private PendingCall<TRequest, TResponse> Rent(bool isBlocking, Deadline deadline, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        if (_claimer != 0 && _claimer == Environment.CurrentManagedThreadId)
            ThrowClaiming();
        PendingCall<TRequest, TResponse> call;
        if (_spare is { } spare)
        {
            call = spare;
            _spare = call.Next;
            _spares--;
            call.Next = null;
        }
        else
        {
            call = new PendingCall<TRequest, TResponse>(this);
        }

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
        if (call.Payloads is not null)
            call.Payloads = null;
        call.Connection = null;

        // What a burst has needed beyond that is garbage after it.
        if (_spares == MaxSpares)
            return;
        _spares++;
        call.Next = _spare;
        _spare = call;
    }

    private void EnterReceiverRole(PendingCall<TRequest, TResponse> call)
    {
        if (call.IsOver)
            return;
        bool preempts = call.IsBlocking && _receiver == Receiver.Pump;
        if (_receiver == Receiver.Nobody || preempts)
        {
            // The pump, if it sleeps, sleeps on: it finds that it is not the receiver, or is it again, when the next response wakes it.
            _wasPreempted |= preempts;
            _receiver = Receiver.Caller;
            call.IsReceiver = true;
        }
        else if (call.IsBlocking)
        {
            call.BlockedIndex = _blocked.Count;
            _blocked.Add(call);
        }
    }

    private void LeaveReceiverRole(PendingCall<TRequest, TResponse> call, ref DeferredActions after)
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

    private void Enqueue(PendingCall<TRequest, TResponse> call, ref DeferredActions after)
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

    private void SendQueued(ref DeferredActions after)
    {
        while (_claimer == 0 && _firstQueued is { } call && _connection is { } connection)
        {
            if (!connection.HasRoomFor(call.Payloads))
            {
                Dequeue(call);
                Fail(call, Payload.TooLong(call.Payloads!.Value.Request.Length, connection.Requests.PayloadCapacity), ref after);
                continue;
            }

            bool sent = call.IsInPlace ? connection.TryClaim(call) : connection.TrySend(call, in call.Request);
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

    private void Receive(ref DeferredActions after)
    {
        if (_connection is not { } connection)
            return;
        Receive(connection, ref after);
        SendQueued(ref after);
    }

    // As many as can be owed, so that a hostile server does not keep this up for ever.
    private void Receive(OpenCalls<TRequest, TResponse> connection, ref DeferredActions after)
    {
        for (int most = connection.Capacity; most > 0 && connection.TryReceive(out PendingCall<TRequest, TResponse>? call); most--)
        {
            if (call is null)
                continue;
            _waiting--;
            Done(call, ref after);
        }

        NoticeFault(ref after);
    }

    private void NoticeFault(ref DeferredActions after)
    {
        if (_connection is { Fault: not null } connection)
            after.Faulted = connection.Link;
    }

    private void Done(PendingCall<TRequest, TResponse> call, ref DeferredActions after)
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

    private void Fail(PendingCall<TRequest, TResponse> call, Exception error, ref DeferredActions after)
    {
        call.Error = error;
        _waiting--;
        Done(call, ref after);
    }

    private void FailQueue(Func<Exception> error, ref DeferredActions after)
    {
        while (_firstQueued is { } call)
        {
            Dequeue(call);
            Fail(call, error(), ref after);
        }
    }

    // Nobody waits for it any more.
    private void Abandon(PendingCall<TRequest, TResponse> call, ref DeferredActions after)
    {
        _waiting--;
        if (call.State == CallState.Queued)
        {
            Dequeue(call);
            return;
        }

        call.Connection!.Abandon(call);
        after.Cancelled = call.Connection.Link;
        after.CancelledNumber = call.Number;
    }

    private void EndClaim(PendingCall<TRequest, TResponse> call, ref DeferredActions after)
    {
        call.Connection!.Requests.AbortClaim(call.Position);
        _claimer = 0;
        SendQueued(ref after);
    }

    private void ThrowIfClosed()
    {
        end.ThrowIfDisposed();
        if (_gone is { } gone)
            throw gone();
    }

    [DoesNotReturn]
    private static void ThrowClaiming() =>
        throw new InvalidOperationException(
        "A claim of this thread is still open: call or dispose it first. Meanwhile no other call can be sent.");

    // What is to be done when the lock is free again.
    private void Finish(in DeferredActions after)
    {
        after.Faulted?.Dispose();

        // Best effort: a server whose socket is full, or that is gone, is not told.
        _ = after.Cancelled?.Send(LinkMessage.Cancel, after.CancelledNumber);
        CrashPoint.Reach(CrashStep.CancelSent);
        if (after.StartPump)
        {
            if (Interlocked.Exchange(ref _hasPump, true))
                _idle.Interrupt();
            else
                ThreadPool.UnsafeQueueUserWorkItem(static calls => _ = calls.Pump(), this, preferLocal: false);
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

    private struct DeferredActions
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
}
