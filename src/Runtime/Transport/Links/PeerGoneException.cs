namespace TypedShm;

/// <summary>The process at the other end is gone: it ended, was killed, or closed its end.</summary>
public sealed class PeerGoneException : SharedMemoryException
{
    internal PeerGoneException(string message, bool wasClosed, long? messagesRead = null)
        : base(message)
    {
        WasClosed = wasClosed;
        MessagesRead = messagesRead;
    }

    /// <summary>True if the peer disposed its end; false if it ended without doing so.</summary>
    public bool WasClosed { get; }

    /// <summary>
    /// For the writer of a queue whose reader is gone: how many of the messages that this writer wrote the reader had read and given back,
    /// the oldest ones first. What was written after those may not have been read. Null where nobody reads in order.
    /// </summary>
    public long? MessagesRead { get; }

    internal override SharedMemoryException CloneForRethrow() => new PeerGoneException(Message, WasClosed, MessagesRead);
}
