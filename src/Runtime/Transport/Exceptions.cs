namespace TypedShm;

/// <summary>The other side, or a policy of this side, refused the connection. The message says why and what to do.</summary>
public sealed class PeerRefusedException : SharedMemoryException
{
    internal PeerRefusedException(RefusalReason reason, string message)
        : base(message) => Reason = reason;

    /// <summary>Why.</summary>
    public RefusalReason Reason { get; }
}

/// <summary>The process at the other end is gone: it ended, was killed, or closed its end.</summary>
public sealed class PeerGoneException : SharedMemoryException
{
    internal PeerGoneException(string message, bool wasClosed)
        : base(message) => WasClosed = wasClosed;

    /// <summary>True if the peer disposed its end; false if it ended without doing so.</summary>
    public bool WasClosed { get; }
}

/// <summary>Another process holds the name. The message says which.</summary>
public sealed class EndpointInUseException : SharedMemoryException
{
    internal EndpointInUseException(string message)
        : base(message)
    {
    }
}

/// <summary>The peer said something that the protocol does not allow. The connection was closed.</summary>
public sealed class ProtocolException : SharedMemoryException
{
    internal ProtocolException(string message)
        : base(message)
    {
    }
}

/// <summary>Why a connection was refused. The numbers are part of the protocol.</summary>
public enum RefusalReason
{
    /// <summary>No reason was given.</summary>
    None = 0,

    /// <summary>The layouts of the shared struct differ.</summary>
    LayoutMismatch = 1,

    /// <summary>The endpoint offers another kind of channel.</summary>
    KindMismatch = 2,

    /// <summary>The policy does not allow the peer.</summary>
    NotAllowed = 3,

    /// <summary>The peers speak different versions of the protocol.</summary>
    VersionMismatch = 4,

    /// <summary>As many peers as allowed are connected.</summary>
    Full = 5,

    /// <summary>The creator does not allow others to write.</summary>
    WriteNotAllowed = 6,

    /// <summary>The channel has no such role.</summary>
    RoleNotAvailable = 7,

    /// <summary>The peer's message or region was malformed.</summary>
    Malformed = 8,
}
