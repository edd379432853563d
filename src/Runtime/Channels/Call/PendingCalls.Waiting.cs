using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Channels;

/// <content>How callers, and the pump, wait.</content>
internal sealed partial class PendingCalls<TRequest, TResponse>
{
    private static readonly TimeSpan s_pauseAfterPreemption = TimeSpan.FromMilliseconds(1);

    private bool HasResponse => Volatile.Read(ref _connection) is { } connection && connection.Responses.HasMessage;

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
            catch
            {
                // Cancelled, or whatever else: a call that nobody waits for must not be given the receiver's place.
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
        return Wait.For(ref condition, source.Alone, mode, call.Deadline, call.CancellationToken) == WaitOutcome.Ready;
    }

    private bool TryEndWait(PendingCall<TRequest, TResponse> call, bool isInTime, out TResponse response, out Exception? error)
    {
        DeferredActions after = default;
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
                // For those who try, who say false; nobody else has a deadline.
                error = new TimeoutException();
                Abandon(call, ref after);
            }

            if (ends)
            {
                LeaveReceiverRole(call, ref after);
                if (!call.IsInPlace || error is not null)
                    Recycle(call);
            }
        }

        Finish(after);
        return ends;
    }

    // Its caller does not wait any more, whatever has become of it.
    private void GiveUp(PendingCall<TRequest, TResponse> call)
    {
        DeferredActions after = default;
        lock (_gate)
        {
            if (!call.IsOver)
                Abandon(call, ref after);
            else if (call.State == CallState.Claimed)
                EndClaim(call, ref after);
            else if (call.IsInPlace && call.Error is null)
                call.Connection!.Responses.Release(call.Position);
            LeaveReceiverRole(call, ref after);
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
            source.AdaptiveSpin.Poll(ref condition);
        }

        DeferredActions after = default;
        lock (_gate)
        {
            Receive(ref after);
            LeaveReceiverRole(call, ref after);
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
                // Threads that call come and go, and each receives for all as long as it waits. Not in step with them: to park again in
                // every gap would cost them a wake-up each. What comes in the last gap waits that long.
                if (_wasPreempted)
                {
                    _wasPreempted = false;
                    await Task.Delay(s_pauseAfterPreemption).ConfigureAwait(false);
                    continue;
                }

                await Wait.ForAsync(new PumpCondition(this), source.Alone, mode, Deadline.Never, CancellationToken.None)
                    .ConfigureAwait(false);
                DeferredActions after = default;
                lock (_gate)
                {
                    // Not after a thread has taken the role: it may have looked for the end of its call before, and look for a response
                    // after this took it. Nothing would wake it then, since a receiver is woken by responses alone.
                    if (_receiver == Receiver.Pump)
                    {
                        Receive(ref after);
                        if (_waiting == 0)
                            _receiver = Receiver.Nobody;
                    }
                }

                Finish(after);
            }
        }
    }

    private readonly struct ResponseCondition(PendingCalls<TRequest, TResponse> calls, PendingCall<TRequest, TResponse> call) : ICondition
    {
        public PollResult Poll() => call.IsOver || calls.HasResponse ? PollResult.Ready : PollResult.Pending;

        public bool MayBeReady() => calls.HasResponse;
    }

    private readonly struct PumpCondition(PendingCalls<TRequest, TResponse> calls) : ICondition
    {
        public PollResult Poll() => Volatile.Read(ref calls._waiting) == 0 || calls.HasResponse || calls._receiver != Receiver.Pump
            ? PollResult.Ready
            : PollResult.Pending;

        public bool MayBeReady() => calls.HasResponse;
    }
}
