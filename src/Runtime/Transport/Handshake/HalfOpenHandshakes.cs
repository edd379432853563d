using System.Net.Sockets;
using TypedShm.Interop;

namespace TypedShm.Transport;

/// <summary>One client between its connect and Ready.</summary>
internal sealed class HalfOpenHandshake(Socket socket, DescriptorSender sender)
{
    private const int Waiting = 0;
    private const int Attached = 1;
    private const int Ended = 2;
    private const int Evicted = 3;

    private int _state = Waiting;

    public Socket Socket => socket;

    public DescriptorSender Sender => sender;

    /// <summary>Whether it was ended to make room for others.</summary>
    public bool WasEvicted => Volatile.Read(ref _state) == Evicted;

    /// <summary>Whether the server waits for it: nothing that it sent is unread.</summary>
    public bool IsSilent
    {
        get
        {
            try
            {
                return Volatile.Read(ref _state) == Waiting && Native.Poll(socket.SafeHandle, Native.PollIn, 0) == 0;
            }
            catch (ObjectDisposedException)
            {
                return false;
            }
        }
    }

    /// <summary>
    /// The client has sent all that it has to send: the server has the next word, and nobody else ends the connection any more. It is
    /// about to become the host's, which closes it with a word; a hang-up without one would be taken for the death of this process.
    /// </summary>
    /// <returns>False if it was ended before.</returns>
    public bool TryAttach() => Interlocked.CompareExchange(ref _state, Attached, Waiting) == Waiting;

    /// <summary>Hangs up, so that the thread of the handshake finds the end of the connection, unless the client has attached.</summary>
    public void End(bool evict)
    {
        // Against TryAttach: one of the two finds it waiting, and the other does nothing.
        if (Interlocked.CompareExchange(ref _state, evict ? Evicted : Ended, Waiting) != Waiting)
            return;
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The client, or the handshake, was quicker.
        }
    }
}

/// <summary>
/// The clients that are in the middle of a handshake, and how many there may be: of one process, of one user, at all. Where there are too
/// many, the one that has been silent for longest makes room, so that connections on which nothing is said keep nobody out. Thread-safe.
/// </summary>
internal sealed class HalfOpenHandshakes
{
    public const int Max = 64;
    public const int MaxPerUser = 48;
    public const int MaxPerProcess = 16;

    private readonly Lock _gate = new();

    // In the order in which they came.
    private readonly List<HalfOpenHandshake> _all = [];
    private bool _isClosed;

    /// <summary>Adds a client, and ends those that are too many.</summary>
    /// <returns>Whether another one can be taken now; if not, when one of these has left.</returns>
    public bool Add(HalfOpenHandshake handshake)
    {
        lock (_gate)
        {
            if (_isClosed)
                handshake.End(evict: false);
            _all.Add(handshake);
            Evict(MaxPerProcess, one => one.Sender == handshake.Sender);
            Evict(MaxPerUser, one => one.Sender.UserId == handshake.Sender.UserId);
            Evict(Max, _ => true);
            return _all.Count <= Max;
        }
    }

    /// <returns>Whether another one can be taken now.</returns>
    public bool Remove(HalfOpenHandshake handshake)
    {
        lock (_gate)
        {
            _all.Remove(handshake);
            return _all.Count <= Max;
        }
    }

    /// <summary>
    /// Ends all that still wait for their clients, and all that come after this. Those that do not wait any more find the host disposed
    /// when they join it, or have joined it, and it closes them.
    /// </summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            foreach (HalfOpenHandshake handshake in _all)
                handshake.End(evict: false);
        }
    }

    // The newest, which is the last, is never the one to go: it has had no time to speak. No LINQ: this runs when the process may have
    // no descriptor left to load an assembly with.
    private void Evict(int most, Func<HalfOpenHandshake, bool> counts)
    {
        int tooMany = -most;
        foreach (HalfOpenHandshake one in _all)
            tooMany += counts(one) ? 1 : 0;
        for (int i = 0; i < _all.Count - 1 && tooMany > 0; i++)
        {
            HalfOpenHandshake one = _all[i];
            if (!counts(one) || !one.IsSilent)
                continue;
            _all.RemoveAt(i--);
            one.End(evict: true);
            tooMany--;
        }
    }
}
