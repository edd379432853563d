namespace TypedShm.Ends;

/// <summary>An event of an end: its handlers, and what happened before there was one. Thread-safe.</summary>
/// <remarks>
/// An end is visible to its peers before its user can write <c>+=</c>, so things happen before there is a handler; options with handlers
/// would be a second way to subscribe, which whoever writes <c>+=</c> would not know of. So what happens while an event has never had a
/// handler is kept (the newest <see cref="MaxKept"/>) and told to the first one. Whoever adds a handler and whoever raises the event
/// settle it by the lock: each event is in what was kept or goes to the new handler, never both.
/// </remarks>
internal sealed class ChannelEvent<TArguments>(ChannelEnd end)
    where TArguments : EventArgs
{
    private const int MaxKept = 64;

    private readonly Lock _gate = new();
    private EventHandler<TArguments>? _handlers;

    // Null as soon as there has been a handler.
    private Queue<TArguments>? _kept = new();

    /// <summary>Adds a handler.</summary>
    /// <param name="handler">It is told what was kept, and then <paramref name="present"/>.</param>
    /// <param name="present">What every new handler is told.</param>
    public void Add(EventHandler<TArguments>? handler, IEnumerable<TArguments> present)
    {
        if (handler is null)
            return;
        lock (_gate)
        {
            Queue<TArguments> kept = _kept ?? new();
            _kept = null;
            foreach (TArguments arguments in kept.Concat(present))
                Enqueue(handler, arguments);
            _handlers += handler;
        }
    }

    public void Add(EventHandler<TArguments>? handler) => Add(handler, []);

    public void Remove(EventHandler<TArguments>? handler)
    {
        lock (_gate)
            _handlers -= handler;
    }

    /// <summary>Tells the handlers, or keeps it for the first.</summary>
    public void Raise(TArguments arguments)
    {
        lock (_gate)
        {
            if (_handlers is { } handlers)
                Enqueue(handlers, arguments);
            else
                KeepLocked(arguments);
        }
    }

    /// <summary>Tells the handlers, if there are any; it is told to later ones as present.</summary>
    public void Tell(TArguments arguments)
    {
        lock (_gate)
        {
            if (_handlers is { } handlers)
                Enqueue(handlers, arguments);
        }
    }

    /// <summary>Keeps something for the first handler, if there has been none.</summary>
    public void Keep(TArguments arguments)
    {
        lock (_gate)
            KeepLocked(arguments);
    }

    private void KeepLocked(TArguments arguments)
    {
        if (_kept is not { } kept)
            return;
        if (kept.Count == MaxKept)
            kept.Dequeue();
        kept.Enqueue(arguments);
    }

    private void Enqueue(EventHandler<TArguments> handlers, TArguments arguments)
    {
        object sender = end.Owner ?? end;
        end.Events.Enqueue(() => handlers(sender, arguments));
    }
}
