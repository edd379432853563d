using TypedShm.Interop;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Ends;

/// <content>How a client connects again, and how one that was opened lazily connects for the first time.</content>
internal abstract partial class ChannelClient<TMemory>
{
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(250);

    // Where no thread can be started, for want of memory or of a descriptor (the runtime takes one for each), that passes.
    private void StartConnecting()
    {
        try
        {
            WorkThread.Run("TypedShm reconnect", ConnectAgain);
        }
        catch (Exception error) when (error is OutOfMemoryException or ThreadStartException)
        {
            _poller!.PostAfter(s_retry, () =>
            {
                if (!_stop.IsCancellationRequested)
                    StartConnecting();
            });
        }
    }

    // On a thread of its own: it asks functions of the program, and needs no healthy pool.
    private void ConnectAgain()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                ConnectResult result = Connector.Connect<BlockingWaiter>(_endpoint, _request, NextTry(), _stop.Token).AsTask()
                    .GetAwaiter().GetResult();
                Replace(result);
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

    // As long as the user waits for the endpoint, but not so short that one try follows the other without a pause.
    private Deadline NextTry()
    {
        TimeSpan timeout = _request.Options.Timeout;
        return Deadline.After(timeout == Timeout.InfiniteTimeSpan || timeout > s_retry ? timeout : s_retry);
    }

    private void Replace(ConnectResult result)
    {
        Session<TMemory> next = new(result);
        Session<TMemory>? last = null;
        lock (_gate)
        {
            if (!IsDisposed && !_hasFinished)
            {
                SwitchTo(next);
                last = _session;
                Volatile.Write(ref _session, next);
                SetState(ConnectionState.Connected, null);
                Joined.Tell(new PeerJoinedEventArgs(next.Peer));
            }
        }

        if (last is null)
        {
            result.Dispose();
            return;
        }

        CrashPoint.Reach(CrashStep.SessionReplaced);
        // That of a connection was removed when it ended; a placeholder has no end of its own.
        Source.Change(removed: last.IsPlaceholder ? last.Parking : null, added: next.Parking);
        if (last.IsPlaceholder)
            last.Link.Dispose();
        Release(last);
        AfterSwitch();

        // If it has ended by now, this comes to Ended before it returns.
        next.Link.Start(this);
    }
}
