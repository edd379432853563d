namespace TypedShm;

/// <summary>
/// The base of every exception that is particular to TypedShm. Its message says what was found, what was expected and
/// what to do.
/// </summary>
public class SharedMemoryException : Exception
{
    /// <summary>Makes an exception with a general message.</summary>
    public SharedMemoryException()
        : base("A shared-memory operation failed.")
    {
    }

    /// <summary>Makes an exception with a message.</summary>
    public SharedMemoryException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and its cause.</summary>
    public SharedMemoryException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The same exception, to be thrown once more: an object that was thrown before would go on collecting stack traces.</summary>
    internal virtual SharedMemoryException CloneForRethrow() => new(Message, InnerException);
}
