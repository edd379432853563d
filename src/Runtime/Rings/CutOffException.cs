namespace TypedShm;

/// <summary>
/// The reader of a lossless broadcast held the writer up for longer than the broadcast's creator allows
/// (<see cref="SharedBroadcastOptions.CutOffAfter"/>), so the writer went on without it and hung up.
/// </summary>
public sealed class CutOffException : SharedMemoryException
{
    internal CutOffException(string message)
        : base(message)
    {
    }

    internal override SharedMemoryException CloneForRethrow() => new CutOffException(Message);
}
