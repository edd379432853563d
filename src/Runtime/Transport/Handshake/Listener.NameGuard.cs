using TypedShm.Interop;

namespace TypedShm.Transport;

/// <content>What becomes of a name whose socket, lock file or directory somebody removes.</content>
internal sealed partial class Listener
{
    /// <summary>
    /// Notices that the name was lost, and takes it again if nobody else has; otherwise tells the host, as of a peer that was refused:
    /// clients reach that process from now on, and it knows of nothing.
    /// </summary>
    /// <remarks>
    /// Nothing keeps a file from being removed, and a lock on one without a name keeps nobody out. So the two files are compared with
    /// what their names stand for, once a second, on the pool: a look may block where a directory is on another machine, and nothing
    /// waits for it. (inotify would need one of 128 instances that a user has, and is silent about what other machines remove.)
    /// Between two looks a second creator may take the name. It does so by the lock, as at any other time, so there are never two
    /// who both believe to have it for longer than that. What is connected stays connected; who is in the backlog of the socket that
    /// was lost is hung up, and a client then connects again.
    /// </remarks>
    private sealed class NameGuard(Listener listener) : IDisposable
    {
        private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

        private readonly Lock _gate = new();
        private string? _told;
        private bool _isDisposed;

        /// <summary>Looks after an interval, again and again.</summary>
        public void Start() => listener._watch.Poller.PostAfter(s_interval, LookOnPool);

        /// <summary>No look is under way after this, and none comes.</summary>
        public void Dispose()
        {
            lock (_gate)
                _isDisposed = true;
        }

        private void LookOnPool() => ThreadPool.UnsafeQueueUserWorkItem(static guard => guard.Look(), this, preferLocal: false);

        private void Look()
        {
            lock (_gate)
            {
                if (_isDisposed)
                    return;
                try
                {
                    if (!listener._socket.IsInPlace)
                        listener.TakeNameAgain();
                    _told = null;
                }
                catch (SharedMemoryException error)
                {
                    // Once for each reason, however long it lasts.
                    if (_told != error.Message)
                        listener._host.Refused(NameLock.FindHolder(listener._endpoint) ?? PeerIdentity.OfThisProcess(), error);
                    _told = error.Message;
                }

                Start();
            }
        }
    }

    private void TakeNameAgain()
    {
        EndpointSocket lost = _socket;
        EndpointSocket socket = lost.BindAgain(_endpoint, _policy);
        SocketPoller.SocketWatch watch;
        try
        {
            watch = SocketPoller.Watch(socket.Socket.SafeHandle, this);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        SocketPoller.SocketWatch before = _watch;
        _socket = socket;
        _watch = watch;
        before.Dispose();
        lost.Dispose();
        watch.Resume();
    }
}
