namespace TypedShm;

/// <summary>The peer said something that the protocol does not allow. The connection was closed.</summary>
public sealed class ProtocolException : SharedMemoryException
{
    internal ProtocolException(string message)
        : base(message)
    {
    }

    internal override SharedMemoryException CloneForRethrow() => new ProtocolException(Message);
}
