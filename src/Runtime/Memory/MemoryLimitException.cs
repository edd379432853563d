namespace TypedShm;

/// <summary>
/// There is not enough memory, on this machine or in a control group, and none was allocated: the kernel would have ended processes
/// instead of refusing. Nothing was changed. The message has the arithmetic and the remedy.
/// </summary>
public sealed class MemoryLimitException : SharedMemoryException
{
    internal MemoryLimitException(string message, long needed, long available)
        : base(message)
    {
        Needed = needed;
        Available = available;
    }

    /// <summary>How many bytes were asked for.</summary>
    public long Needed { get; }

    /// <summary>How many bytes there were.</summary>
    public long Available { get; }
}
