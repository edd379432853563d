namespace TypedShm;

/// <summary>Another process holds the name. The message says which.</summary>
public sealed class EndpointInUseException : SharedMemoryException
{
    internal EndpointInUseException(string message)
        : base(message)
    {
    }
}
