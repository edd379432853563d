namespace TypedShm;

/// <summary>A peer has left.</summary>
public sealed class PeerLeftEventArgs : EventArgs
{
    internal PeerLeftEventArgs(SharedPeer peer, bool wasClosed)
    {
        Peer = peer;
        WasClosed = wasClosed;
    }

    /// <summary>The peer.</summary>
    public SharedPeer Peer { get; }

    /// <summary>True if it disposed its end; false if it ended without doing so, for instance because it was killed.</summary>
    public bool WasClosed { get; }
}
