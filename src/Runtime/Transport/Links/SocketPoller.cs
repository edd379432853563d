using System.Runtime.InteropServices;
using TypedShm.Interop;

namespace TypedShm.Transport;

/// <summary>Who is told that a socket can be read, was hung up or failed.</summary>
internal interface ISocketWatcher
{
    /// <summary>Called on the poller's thread: nothing here may block or run code of the program.</summary>
    void OnReady();
}

/// <summary>
/// The one thread of this process that watches its listening sockets and links, so that letting peers in, their messages and their deaths
/// need no healthy thread pool. It starts with the first socket and ends after the last. Thread-safe.
/// </summary>
/// <remarks>
/// What it does for each socket is bounded and does not block: it accepts, takes short messages, wakes waiters, ends links. Handlers of
/// events run on the pool, handshakes on threads of their own, closes that may hang with <see cref="DescriptorReaper"/>.
/// </remarks>
internal sealed class SocketPoller
{
    private const int Batch = 64;
    private const ulong WakeId = 0;

    private static readonly Lock s_gate = new();
    private static SocketPoller? s_current;

    private readonly SafeDescriptor _epoll;
    private readonly SafeDescriptor _wake;
    private readonly Dictionary<ulong, SocketWatch> _watches = [];
    private readonly PriorityQueue<Action, long> _timers = new();
    private readonly Queue<Action> _posted = new();
    private ulong _lastId = WakeId;
    private int _holds;

    private SocketPoller()
    {
        _epoll = Native.CreateEpoll();
        try
        {
            _wake = Native.CreateEvent();
            Native.ControlEpoll(_epoll, Native.EpollOperation.Add, _wake, (uint)Native.PollIn, WakeId);
        }
        catch
        {
            _epoll.Dispose();
            _wake?.Dispose();
            throw;
        }
    }

    /// <summary>Begins to watch a socket, which is paused until <see cref="SocketWatch.Resume"/>.</summary>
    /// <exception cref="SystemCallException">The process has no descriptor, or the kernel no memory, for it.</exception>
    public static SocketWatch Watch(SafeHandle socket, ISocketWatcher watcher)
    {
        lock (s_gate)
        {
            SocketPoller poller = Hold();
            try
            {
                SocketWatch watch = new(poller, ++poller._lastId, socket, watcher);
                watch.Control(Native.EpollOperation.Add, isPaused: true);
                poller._watches.Add(watch.Id, watch);
                return watch;
            }
            catch
            {
                poller.Release();
                throw;
            }
        }
    }

    /// <summary>Keeps the thread running for <see cref="Post"/>, until the result is given to <see cref="Release"/>.</summary>
    /// <inheritdoc cref="Watch" path="/exception"/>
    public static SocketPoller Hold()
    {
        lock (s_gate)
        {
            s_current ??= Start();
            s_current._holds++;
            return s_current;
        }
    }

    public void Release()
    {
        lock (s_gate)
        {
            // Under the lock, since the thread closes the descriptor once it finds nobody who holds the poller.
            if (--_holds == 0)
                Native.SignalEvent(_wake);
        }
    }

    /// <summary>Runs something on the thread, after what was posted before.</summary>
    /// <returns>False if nobody holds the poller any more, and it has ended.</returns>
    public bool Post(Action action)
    {
        lock (s_gate)
        {
            if (s_current != this)
                return false;
            _posted.Enqueue(action);
            Native.SignalEvent(_wake);
            return true;
        }
    }

    /// <summary>Runs something on the thread after some time, if anybody holds the poller until then.</summary>
    public void PostAfter(TimeSpan time, Action action)
    {
        lock (s_gate)
        {
            if (s_current != this)
                return;
            _timers.Enqueue(action, Environment.TickCount64 + (long)time.TotalMilliseconds);
            Native.SignalEvent(_wake);
        }
    }

    /// <summary>Ends a watch; its socket can be closed after this.</summary>
    public void Remove(SocketWatch watch)
    {
        lock (s_gate)
        {
            if (!_watches.Remove(watch.Id))
                return;
            watch.Control(Native.EpollOperation.Remove, isPaused: true);
        }

        Release();
    }

    // Under the lock, which the thread takes before it looks who holds the poller.
    private static SocketPoller Start()
    {
        SocketPoller poller = new();
        try
        {
            WorkThread.Run("TypedShm sockets", poller.Run);
            return poller;
        }
        catch (Exception error) when (error is OutOfMemoryException or ThreadStartException)
        {
            poller._epoll.Dispose();
            poller._wake.Dispose();
            throw SystemCallException.Create("pthread_create", Errno.EAGAIN, "starting the thread that watches sockets");
        }
    }

    private void Run()
    {
        Span<ulong> ids = stackalloc ulong[Batch];
        while (!Ends())
        {
            int count = Native.WaitForEpoll(_epoll, ids, TimeToNextTimer());
            foreach (ulong id in ids[..count])
            {
                if (id == WakeId)
                    Native.DrainEvent(_wake);
                else
                    Find(id)?.Watcher.OnReady();
            }

            while (TakeNext() is { } action)
                action();
        }
    }

    // Nobody gets hold of this poller after it is current no more, so nothing can be posted that it does not see.
    private bool Ends()
    {
        lock (s_gate)
        {
            if (_holds > 0 || _posted.Count > 0)
                return false;
            s_current = null;
        }

        _epoll.Dispose();
        _wake.Dispose();
        return true;
    }

    private SocketWatch? Find(ulong id)
    {
        lock (s_gate)
            return _watches.GetValueOrDefault(id);
    }

    private int TimeToNextTimer()
    {
        lock (s_gate)
            return _timers.TryPeek(out _, out long due)
                ? (int)Math.Clamp(due - Environment.TickCount64, 0, int.MaxValue)
                : Timeout.Infinite;
    }

    private Action? TakeNext()
    {
        lock (s_gate)
        {
            if (_posted.TryDequeue(out Action? action))
                return action;
            return _timers.TryPeek(out _, out long due) && due <= Environment.TickCount64 ? _timers.Dequeue() : null;
        }
    }

    /// <summary>One socket that the poller watches.</summary>
    internal sealed class SocketWatch(SocketPoller poller, ulong id, SafeHandle socket, ISocketWatcher watcher) : IDisposable
    {
        public ulong Id => id;

        public ISocketWatcher Watcher => watcher;

        public SocketPoller Poller => poller;

        /// <summary>Tells the watcher from now on.</summary>
        public void Resume() => Change(isPaused: false);

        /// <summary>Tells the watcher nothing until <see cref="Resume"/>, but for at most one more time.</summary>
        public void Pause() => Change(isPaused: true);

        public void Dispose() => poller.Remove(this);

        // One-shot: a socket that was hung up would otherwise be reported again and again, since nothing turns that off.
        internal void Control(Native.EpollOperation operation, bool isPaused) =>
            Native.ControlEpoll(poller._epoll, operation, socket, isPaused
                ? Native.EpollOneShot
                : (uint)(Native.PollIn | Native.PollPeerHangUp), id);

        private void Change(bool isPaused)
        {
            lock (s_gate)
            {
                if (poller._watches.ContainsKey(id))
                    Control(Native.EpollOperation.Change, isPaused);
            }
        }
    }
}
