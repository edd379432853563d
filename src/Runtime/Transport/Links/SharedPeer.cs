using TypedShm.Transport;

namespace TypedShm;

/// <summary>A process that is connected to a channel.</summary>
public sealed class SharedPeer
{
    internal SharedPeer(Link link)
    {
        Identity = link.Identity;
        CanWrite = link.Role == PeerRole.Writer;
    }

    /// <summary>Who it is.</summary>
    public PeerIdentity Identity { get; }

    /// <summary>Whether it may write the shared struct.</summary>
    public bool CanWrite { get; }

    /// <inheritdoc/>
    public override string ToString() => Identity.ToString();
}

/// <summary>A peer has joined.</summary>
public sealed class PeerJoinedEventArgs : EventArgs
{
    internal PeerJoinedEventArgs(SharedPeer peer) => Peer = peer;

    /// <summary>The peer.</summary>
    public SharedPeer Peer { get; }
}

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

/// <summary>A client was turned away.</summary>
public sealed class PeerRefusedEventArgs : EventArgs
{
    internal PeerRefusedEventArgs(PeerIdentity identity, SharedMemoryException reason)
    {
        Identity = identity;
        Reason = reason;
    }

    /// <summary>Who it was.</summary>
    public PeerIdentity Identity { get; }

    /// <summary>Why: a <see cref="LayoutMismatchException"/>, a <see cref="PeerRefusedException"/>, a <see cref="RegionInvalidException"/>, …</summary>
    public SharedMemoryException Reason { get; }
}
