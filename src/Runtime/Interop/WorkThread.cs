using System.Runtime.CompilerServices;

namespace TypedShm.Interop;

/// <summary>
/// Threads for what waits, or must not depend on a healthy thread pool. One that has done its work stays for a moment, for whatever comes
/// next: to start one takes .NET some 30 system calls, and two switches for which whoever starts it waits. Thread-safe.
/// </summary>
/// <remarks>One that is idle holds nothing: no descriptor, no object of what it did last, and nothing of its context.</remarks>
internal static class WorkThread
{
    /// <summary>How an idle one is called.</summary>
    public const string IdleName = "TypedShm idle";

    /// <summary>How many of them stay at most.</summary>
    public const int MostIdle = 4;

    private static readonly TimeSpan s_stay = TimeSpan.FromSeconds(1);

    private static readonly Lock s_gate = new();

    // Those that wait, the one that began last at the end: its stack is the warmest.
    private static readonly List<Worker> s_idle = [];

    /// <summary>Runs something on a background thread that nobody else uses meanwhile, in no caller's context.</summary>
    /// <param name="name">How the thread is called for so long.</param>
    /// <param name="work">What it does.</param>
    /// <exception cref="OutOfMemoryException">No thread can be started, for want of memory, of a descriptor or by a limit.</exception>
    /// <exception cref="ThreadStartException">The same.</exception>
    public static void Run(string name, Action work)
    {
        if (TakeIdle() is { } idle)
            idle.Wake(name, work);
        else
            Worker.Start(name, work);
    }

    private static Worker? TakeIdle()
    {
        lock (s_gate)
        {
            if (s_idle.Count == 0)
                return null;
            Worker last = s_idle[^1];
            s_idle.RemoveAt(s_idle.Count - 1);
            return last;
        }
    }

    private static bool TryStay(Worker worker)
    {
        lock (s_gate)
        {
            if (s_idle.Count >= MostIdle)
                return false;
            s_idle.Add(worker);
            return true;
        }
    }

    /// <returns>False if somebody has taken it, and is about to wake it.</returns>
    private static bool TryLeave(Worker worker)
    {
        lock (s_gate)
            return s_idle.Remove(worker);
    }

    private sealed class Worker
    {
        private readonly object _gate = new();
        private readonly Thread _thread;

        // Of the thread itself while it works. Whoever starts it writes it before that, and whoever wakes it under the gate.
        private Action? _work;

        private Worker(string name, Action work)
        {
            _work = work;
            _thread = new Thread(Live) { IsBackground = true, Name = name };
        }

        public static void Start(string name, Action work) => new Worker(name, work)._thread.UnsafeStart();

        public void Wake(string name, Action work)
        {
            lock (_gate)
            {
                _work = work;

                // Here: whoever counts threads after this finds it under its name, however late it runs.
                _thread.Name = name;
                Monitor.Pulse(_gate);
            }
        }

        private void Live()
        {
            // Started without one, so that it is nobody's.
            ExecutionContext nobodys = ExecutionContext.Capture()!;
            do
                Work(nobodys);
            while (TryStay(this) && WaitForWork());
        }

        // Apart, so that no frame that stays keeps anything of it alive.
        [MethodImpl(MethodImplOptions.NoInlining)]
        private void Work(ExecutionContext nobodys)
        {
            Action work = _work!;
            _work = null;
            ExecutionContext.Run(nobodys, static work => ((Action)work!)(), work);

            // What functions of the program may have made of the thread, besides the context.
            if (!_thread.IsBackground)
                _thread.IsBackground = true;
            if (_thread.Priority != ThreadPriority.Normal)
                _thread.Priority = ThreadPriority.Normal;
        }

        /// <returns>False if nothing came in time.</returns>
        private bool WaitForWork()
        {
            lock (_gate)
            {
                if (_work is null)
                    _thread.Name = IdleName;
                while (_work is null)
                {
                    // Who has taken it before it could leave does not fail any more, so this is no wait for nothing.
                    if (!Monitor.Wait(_gate, s_stay) && _work is null && TryLeave(this))
                        return false;
                }

                return true;
            }
        }
    }
}
