namespace TypedShm;

/// <summary>The process at the other end is gone: it ended, was killed, or closed its end.</summary>
public sealed class PeerGoneException : SharedMemoryException
{
    internal PeerGoneException(string message, bool wasClosed)
        : base(message) => WasClosed = wasClosed;

    /// <summary>True if the peer disposed its end; false if it ended without doing so.</summary>
    public bool WasClosed { get; }
}
