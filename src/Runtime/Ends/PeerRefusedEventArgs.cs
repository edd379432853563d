namespace TypedShm;

/// <summary>
/// A client was turned away; or the endpoint's name was lost because its socket or directory was removed, and cannot be taken again: then
/// <see cref="Identity"/> is whoever has it now, this process if nobody has, and <see cref="Reason"/> says why.
/// </summary>
public sealed class PeerRefusedEventArgs : EventArgs
{
    internal PeerRefusedEventArgs(PeerIdentity identity, SharedMemoryException reason)
    {
        Identity = identity;
        Reason = reason;
    }

    /// <summary>Who it was.</summary>
    public PeerIdentity Identity { get; }

    /// <summary>
    /// Why: a <see cref="LayoutMismatchException"/>, a <see cref="PeerRefusedException"/>, a <see cref="RegionInvalidException"/>, …
    /// </summary>
    public SharedMemoryException Reason { get; }
}
