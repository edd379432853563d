namespace TypedShm.Ends;

/// <summary>
/// Runs the handlers of an end's events one after the other on the thread pool, in the order in which things happened, without the
/// execution context of whoever caused them, and never under a lock of this library. What a handler throws is unhandled there, and ends
/// the process.
/// </summary>
internal sealed class EventQueue
{
    private readonly Lock _gate = new();
    private readonly Queue<Action> _events = new();
    private bool _running;

    public void Enqueue(Action handler)
    {
        lock (_gate)
        {
            _events.Enqueue(handler);
            if (_running)
                return;
            _running = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static queue => queue.Run(), this, preferLocal: false);
    }

    private void Run()
    {
        while (true)
        {
            Action? next;
            lock (_gate)
            {
                if (!_events.TryDequeue(out next))
                {
                    _running = false;
                    return;
                }
            }

            next();
        }
    }
}
