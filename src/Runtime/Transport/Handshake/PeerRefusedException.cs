namespace TypedShm;

/// <summary>The other side, or a policy of this side, refused the connection. The message says why and what to do.</summary>
public sealed class PeerRefusedException : SharedMemoryException
{
    internal PeerRefusedException(RefusalReason reason, string message)
        : base(message) => Reason = reason;

    /// <summary>Why.</summary>
    public RefusalReason Reason { get; }

    /// <summary>Whether the peer was told.</summary>
    internal bool IsSent { get; init; }
}
