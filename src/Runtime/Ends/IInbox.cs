using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Ends;

/// <summary>
/// What the public reader of a channel of messages asks its <see cref="Inbox{T, TCondition}"/> for, after a try of its own.
/// </summary>
internal interface IInbox<T>
    where T : unmanaged, ISharedLayout<T>
{
    WaitSource Source { get; }

    WaitMode Mode { get; }

    Task Completion { get; }

    /// <summary>How many messages are there.</summary>
    /// <exception cref="ObjectDisposedException">The end was disposed.</exception>
    int Count { get; }

    /// <summary>Whether no writer of messages that are or may be there has a struct that is shorter.</summary>
    bool IsByReference { get; }

    /// <summary>Whether all those writers have a field.</summary>
    /// <exception cref="ArgumentException"><typeparamref name="T"/> has no such field.</exception>
    bool Has(string field);

    /// <summary>The next message, which stays the next.</summary>
    bool TryPeek(out T message);

    /// <summary>Reads the next message with its payload.</summary>
    /// <exception cref="ArgumentException">There is not enough room for it; the message is still the next.</exception>
    bool TryRead(out T message, Span<byte> payload, out int length);

    /// <summary>
    /// Reads a message that came while the caller waited, or returns false if it takes longer than that or the channel is complete.
    /// </summary>
    /// <exception cref="SharedMemoryException">The channel ended with an error.</exception>
    bool TryReadLater(out T message, Deadline deadline, CancellationToken cancellationToken);

    /// <summary>Reads a message that comes while the caller waits, without a thread.</summary>
    /// <exception cref="System.Threading.Channels.ChannelClosedException">The channel is complete.</exception>
    ValueTask<T> ReadLaterAsync(CancellationToken cancellationToken);

    /// <summary>Waits for a message on this thread.</summary>
    /// <returns>False if the time passed, or the channel is complete.</returns>
    /// <exception cref="SharedMemoryException">The channel ended with an error.</exception>
    bool WaitForMessage(Deadline deadline, CancellationToken cancellationToken);

    /// <inheritdoc cref="WaitForMessage"/>
    ValueTask<bool> WaitForMessageAsync(Deadline deadline, CancellationToken cancellationToken);

    /// <summary>Waits on this thread until there is something to read.</summary>
    /// <exception cref="System.Threading.Channels.ChannelClosedException">The channel is complete.</exception>
    void WaitOrThrow(CancellationToken cancellationToken);

    /// <inheritdoc cref="WaitOrThrow"/>
    ValueTask WaitOrThrowAsync(CancellationToken cancellationToken);

    /// <summary>Whether a read would find a message, or the end.</summary>
    PollResult Poll();
}
