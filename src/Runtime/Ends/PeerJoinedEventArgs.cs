namespace TypedShm;

/// <summary>A peer has joined.</summary>
public sealed class PeerJoinedEventArgs : EventArgs
{
    internal PeerJoinedEventArgs(SharedPeer peer) => Peer = peer;

    /// <summary>The peer.</summary>
    public SharedPeer Peer { get; }
}
