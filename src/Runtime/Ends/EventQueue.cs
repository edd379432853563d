
namespace TypedShm.Ends;

/// <summary>
/// Runs the handlers of a channel's events one after the other on the thread pool, in the order in which things
/// happened and never under a lock of ours. What a handler throws is unhandled, as on any thread.
/// </summary>
internal sealed class EventQueue
{
    private readonly Lock _gate = new();
    private readonly Queue<Action> _events = new();
    private bool _running;

    public void Raise<TArguments>(EventHandler<TArguments>? handler, object sender, TArguments arguments)
    {
        if (handler is null)
            return;

        lock (_gate)
        {
            _events.Enqueue(() => handler(sender, arguments));
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
