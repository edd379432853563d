namespace TypedShm;

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
