using TypedShm.Transport;

namespace TypedShm.Channels;

/// <summary>What the public writer of a channel of messages asks its host or client for.</summary>
internal interface IOutbox<T>
    where T : unmanaged, ISharedLayout<T>
{
    bool TryWrite(in T message, ReadOnlySpan<byte> payload);

    bool TryWriteBatch(ReadOnlySpan<T> messages);

    /// <summary>Waits on this thread until a try may succeed.</summary>
    /// <param name="count">For how many messages there is to be room.</param>
    /// <param name="deadline">Until when.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <returns>False if the deadline has passed; otherwise try again.</returns>
    /// <exception cref="Exception">What the channel was closed for.</exception>
    bool WaitForSpace(int count, Deadline deadline, CancellationToken cancellationToken);

    /// <inheritdoc cref="WaitForSpace"/>
    ValueTask<bool> WaitForSpaceAsync(int count, Deadline deadline, CancellationToken cancellationToken);

    /// <summary>Waits on this thread until there is room for a message.</summary>
    /// <returns>
    /// False if the deadline has passed, or the channel was completed without an error; for everything else there is an exception.
    /// </returns>
    bool WaitToWrite(Deadline deadline, CancellationToken cancellationToken);

    /// <inheritdoc cref="WaitToWrite"/>
    ValueTask<bool> WaitToWriteAsync(Deadline deadline, CancellationToken cancellationToken);

    /// <summary>Says that this was all.</summary>
    /// <returns>False if the channel is closed already, for whatever reason.</returns>
    bool TryComplete(Exception? error);

    /// <exception cref="Exception">What the channel was closed for, if it was.</exception>
    void ThrowIfClosed();
}
