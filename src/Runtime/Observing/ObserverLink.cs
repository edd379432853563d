using TypedShm.Transport;

namespace TypedShm.Observing;

/// <summary>The connection of an observer: whether the creator is there, and what it has counted.</summary>
internal sealed class ObserverLink : ILinkHandler, IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly Link _link;
    private readonly Lock _asking = new();
    private readonly object _gate = new();
    private ulong _written;
    private ulong _read;
    private SharedCounts? _answer;

    public ObserverLink(Link link)
    {
        _link = link;
        link.Start(this);
    }

    public PeerIdentity Identity => _link.Identity;

    public bool HasEnded => _link.HasEnded;

    /// <summary>Asks for the counts.</summary>
    /// <returns>The answer; null if none came.</returns>
    public SharedCounts? Ask()
    {
        // One question at a time: the answer does not say to which it is.
        lock (_asking)
        {
            lock (_gate)
            {
                _answer = null;
                if (HasEnded || !_link.Send(LinkMessage.Count))
                    return null;
                Deadline deadline = Deadline.After(s_patience);
                while (_answer is null && !HasEnded && !deadline.IsOver)
                    Monitor.Wait(_gate, deadline.Remaining);
                return _answer;
            }
        }
    }

    // On the thread of the poller.
    public void Received(Link link, LinkMessage message, ulong argument)
    {
        lock (_gate)
        {
            switch (message)
            {
                case LinkMessage.Written:
                    _written = argument;
                    break;
                case LinkMessage.Read:
                    _read = argument;
                    break;
                case LinkMessage.Peers:
                    _answer = new SharedCounts(Signed(_written), Signed(_read), (int)Math.Min(argument, int.MaxValue));
                    Monitor.PulseAll(_gate);
                    break;
            }
        }
    }

    public void Ended(Link link)
    {
        lock (_gate)
            Monitor.PulseAll(_gate);
    }

    public void Dispose() => _link.Dispose();

    // What the creator says is whatever it likes.
    private static long Signed(ulong count) => (long)Math.Min(count, long.MaxValue);
}
