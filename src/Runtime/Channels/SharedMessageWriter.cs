using System.Runtime.CompilerServices;
using TypedShm.Channels;
using TypedShm.Ends;
using TypedShm.Transport;

namespace TypedShm;

/// <summary>A writing end of a channel of messages: what the writers of queues and of broadcasts have in common.</summary>
/// <typeparam name="T">The <c>[SharedLayout]</c> struct.</typeparam>
/// <remarks>
/// For one thread at a time, which is checked, see <see cref="ChannelOptions.ExactThreadCheck"/>; what <see cref="SharedEnd"/> has may
/// come from any thread. What was written before the writer was disposed, or its process was killed, can still be read. The members that
/// <see cref="System.Threading.Channels.ChannelWriter{T}"/> has too mean what they mean there.
/// </remarks>
public abstract class SharedMessageWriter<T> : SharedEnd
    where T : unmanaged, ISharedLayout<T>
{
    private readonly IOutbox<T> _outbox;

    private protected SharedMessageWriter(ChannelEnd end, IOutbox<T> outbox)
        : base(end) => _outbox = outbox;

    /// <summary>How many messages there is room for.</summary>
    public abstract int Capacity { get; }

    /// <summary>The most bytes of payload that a message can carry.</summary>
    public abstract int PayloadCapacity { get; }

    /// <summary>The region that holds the messages, for interoperation with native code.</summary>
    public abstract SharedRegion Region { get; }

    /// <summary>Writes a message if there is room.</summary>
    /// <returns>
    /// <see langword="false"/> if there is none, because readers that must not lose anything have not read enough yet, or this writer has
    /// completed the channel. Everything else for which nothing can be written any more is an error, and thrown.
    /// </returns>
    /// <exception cref="PeerGoneException">The one reader of a queue is gone.</exception>
    /// <exception cref="ProtocolException">The one reader of a queue broke the protocol, and was disconnected.</exception>
    /// <exception cref="InvalidOperationException">A claim is open, or another thread is using the writer.</exception>
    /// <exception cref="ObjectDisposedException">This writer was disposed.</exception>
    public abstract bool TryWrite(in T message);

    /// <summary>Writes a message, waiting for room on this thread, but not longer than a given time.</summary>
    /// <returns><see langword="false"/> if the time passed; the message was not written.</returns>
    /// <inheritdoc cref="Write(in T, CancellationToken)" path="/exception"/>
    public bool TryWrite(in T message, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        Deadline deadline = Deadline.After(timeout);
        while (!TryWrite(in message))
        {
            if (!_outbox.WaitForSpace(1, deadline, cancellationToken))
                return false;
        }

        return true;
    }

    /// <summary>Writes a message with a payload if there is room.</summary>
    /// <inheritdoc cref="TryWrite(in T)"/>
    /// <exception cref="ArgumentException">The payload is longer than <see cref="PayloadCapacity"/>.</exception>
    /// <exception cref="SystemCallException">
    /// There is no memory for a sparse payload (<see cref="MessageOptions.SparsePayloads"/>).
    /// </exception>
    public bool TryWrite(in T message, ReadOnlySpan<byte> payload) => _outbox.TryWrite(in message, payload);

    /// <summary>Writes a message with a payload, waiting for room on this thread, but not longer than a given time.</summary>
    /// <returns><see langword="false"/> if the time passed; the message was not written.</returns>
    /// <inheritdoc cref="Write(in T, ReadOnlySpan{byte}, CancellationToken)" path="/exception"/>
    public bool TryWrite(in T message, ReadOnlySpan<byte> payload, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        Deadline deadline = Deadline.After(timeout);
        while (!_outbox.TryWrite(in message, payload))
        {
            if (!_outbox.WaitForSpace(1, deadline, cancellationToken))
                return false;
        }

        return true;
    }

    /// <summary>Writes a message, waiting for room on this thread.</summary>
    /// <inheritdoc cref="TryWrite(in T)" path="/exception"/>
    /// <exception cref="System.Threading.Channels.ChannelClosedException">
    /// This writer has completed the channel; the inner exception is the error, if it gave one.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public abstract void Write(in T message, CancellationToken cancellationToken = default);

    /// <summary>Writes a message with a payload, waiting for room on this thread.</summary>
    /// <inheritdoc cref="Write(in T, CancellationToken)" path="/exception"/>
    /// <exception cref="ArgumentException">The payload is longer than <see cref="PayloadCapacity"/>.</exception>
    /// <exception cref="SystemCallException">
    /// There is no memory for a sparse payload (<see cref="MessageOptions.SparsePayloads"/>).
    /// </exception>
    public void Write(in T message, ReadOnlySpan<byte> payload, CancellationToken cancellationToken = default)
    {
        while (!_outbox.TryWrite(in message, payload))
            _outbox.WaitForSpace(1, Deadline.Never, cancellationToken);
    }

    /// <summary>As <see cref="Write(in T, CancellationToken)"/>, but occupies no thread.</summary>
    /// <inheritdoc cref="Write(in T, CancellationToken)" path="/exception"/>
    public ValueTask WriteAsync(T message, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled(cancellationToken)
            : TryWrite(in message) ? ValueTask.CompletedTask
            : WriteLater(message, cancellationToken);

    /// <summary>As <see cref="Write(in T, ReadOnlySpan{byte}, CancellationToken)"/>, but occupies no thread.</summary>
    /// <inheritdoc cref="Write(in T, ReadOnlySpan{byte}, CancellationToken)" path="/exception"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync(T message, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (!_outbox.TryWrite(in message, payload.Span))
            await _outbox.WaitForSpaceAsync(1, Deadline.Never, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>As <see cref="TryWrite(in T, TimeSpan, CancellationToken)"/>, but occupies no thread.</summary>
    /// <inheritdoc cref="TryWrite(in T, TimeSpan, CancellationToken)"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> TryWriteAsync(T message, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Deadline deadline = Deadline.After(timeout);
        while (!TryWrite(in message))
        {
            if (!await _outbox.WaitForSpaceAsync(1, deadline, cancellationToken).ConfigureAwait(false))
                return false;
        }

        return true;
    }

    /// <summary>As <see cref="TryWrite(in T, ReadOnlySpan{byte}, TimeSpan, CancellationToken)"/>, but occupies no thread.</summary>
    /// <inheritdoc cref="TryWrite(in T, ReadOnlySpan{byte}, TimeSpan, CancellationToken)"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> TryWriteAsync(
        T message, ReadOnlyMemory<byte> payload, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Deadline deadline = Deadline.After(timeout);
        while (!_outbox.TryWrite(in message, payload.Span))
        {
            if (!await _outbox.WaitForSpaceAsync(1, deadline, cancellationToken).ConfigureAwait(false))
                return false;
        }

        return true;
    }

    /// <summary>
    /// Writes several messages, if there is room for all. A reader sees all of them or, should this process be killed meanwhile, none.
    /// </summary>
    /// <inheritdoc cref="TryWrite(in T)"/>
    /// <exception cref="ArgumentOutOfRangeException">They are more than <see cref="Capacity"/>.</exception>
    public bool TryWriteBatch(ReadOnlySpan<T> messages) => _outbox.TryWriteBatch(messages);

    /// <summary>
    /// As <see cref="TryWriteBatch(ReadOnlySpan{T})"/>, waiting on this thread for room for all of them, but not longer than a given time.
    /// </summary>
    /// <returns><see langword="false"/> if the time passed; none of the messages was written.</returns>
    /// <inheritdoc cref="WriteBatch" path="/exception"/>
    public bool TryWriteBatch(ReadOnlySpan<T> messages, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        Deadline deadline = Deadline.After(timeout);
        while (!_outbox.TryWriteBatch(messages))
        {
            if (!_outbox.WaitForSpace(messages.Length, deadline, cancellationToken))
                return false;
        }

        return true;
    }

    /// <summary>As <see cref="TryWriteBatch(ReadOnlySpan{T})"/>, waiting on this thread for room for all of them.</summary>
    /// <inheritdoc cref="Write(in T, CancellationToken)" path="/exception"/>
    /// <exception cref="ArgumentOutOfRangeException">They are more than <see cref="Capacity"/>.</exception>
    public void WriteBatch(ReadOnlySpan<T> messages, CancellationToken cancellationToken = default)
    {
        while (!_outbox.TryWriteBatch(messages))
            _outbox.WaitForSpace(messages.Length, Deadline.Never, cancellationToken);
    }

    /// <summary>As <see cref="WriteBatch"/>, but occupies no thread.</summary>
    /// <inheritdoc cref="WriteBatch" path="/exception"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteBatchAsync(ReadOnlyMemory<T> messages, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (!_outbox.TryWriteBatch(messages.Span))
            await _outbox.WaitForSpaceAsync(messages.Length, Deadline.Never, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>As <see cref="TryWriteBatch(ReadOnlySpan{T}, TimeSpan, CancellationToken)"/>, but occupies no thread.</summary>
    /// <inheritdoc cref="TryWriteBatch(ReadOnlySpan{T}, TimeSpan, CancellationToken)"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> TryWriteBatchAsync(
        ReadOnlyMemory<T> messages, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Deadline deadline = Deadline.After(timeout);
        while (!_outbox.TryWriteBatch(messages.Span))
        {
            if (!await _outbox.WaitForSpaceAsync(messages.Length, deadline, cancellationToken).ConfigureAwait(false))
                return false;
        }

        return true;
    }

    /// <summary>Waits on this thread until there is room for a message.</summary>
    /// <returns><see langword="false"/> if there will never be room again, because this writer has completed the channel.</returns>
    /// <exception cref="Exception">This writer completed the channel with an error, which is thrown.</exception>
    /// <exception cref="PeerGoneException">The one reader of a queue is gone.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">This writer was disposed.</exception>
    public bool WaitToWrite(CancellationToken cancellationToken = default) => _outbox.WaitToWrite(Deadline.Never, cancellationToken);

    /// <summary>As <see cref="WaitToWrite"/>, but not longer than a given time.</summary>
    /// <returns><see langword="false"/> if the time passed, or this writer has completed the channel.</returns>
    /// <inheritdoc cref="WaitToWrite" path="/exception"/>
    public bool TryWaitToWrite(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        _outbox.WaitToWrite(Deadline.After(timeout), cancellationToken);

    /// <summary>As <see cref="WaitToWrite"/>, but occupies no thread.</summary>
    /// <inheritdoc cref="WaitToWrite"/>
    public ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default) =>
        _outbox.WaitToWriteAsync(Deadline.Never, cancellationToken);

    /// <summary>As <see cref="TryWaitToWrite"/>, but occupies no thread.</summary>
    /// <inheritdoc cref="TryWaitToWrite"/>
    public ValueTask<bool> TryWaitToWriteAsync(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        _outbox.WaitToWriteAsync(Deadline.After(timeout), cancellationToken);

    /// <summary>
    /// Says that this writer has written all. Readers read to the end of it, and then find the channel complete; a queue that its reader
    /// created, when no other writer is left. Other than a mere <see cref="SharedEnd.Dispose"/>, this ends also such a queue. It is the
    /// last that this writer has to say: should the reader be killed before it has read all, the writer does not connect to a successor,
    /// <see cref="OpenOptions.Reconnect"/> or not.
    /// </summary>
    /// <param name="error">
    /// Why there is no more; null if all is well. Its type's name and its message reach the readers, at most 1,024 bytes.
    /// </param>
    /// <returns><see langword="false"/> if the channel is closed already: completed, disposed, or its reader is gone.</returns>
    /// <exception cref="InvalidOperationException">A claim is open.</exception>
    public bool TryComplete(Exception? error = null) => _outbox.TryComplete(error);

    /// <summary>As <see cref="TryComplete"/>, but throws if the channel is closed already.</summary>
    /// <param name="error"><inheritdoc cref="TryComplete" path="/param[@name='error']"/></param>
    /// <inheritdoc cref="TryComplete" path="/exception"/>
    /// <exception cref="System.Threading.Channels.ChannelClosedException">That was said before.</exception>
    /// <exception cref="PeerGoneException">The one reader of a queue is gone.</exception>
    /// <exception cref="ObjectDisposedException">This writer was disposed.</exception>
    public void Complete(Exception? error = null)
    {
        if (!TryComplete(error))
            _outbox.ThrowIfClosed();
    }

    /// <summary>
    /// This writer for code that knows only <c>System.Threading.Channels</c>. The end of the reader counts there as completion with a
    /// <see cref="PeerGoneException"/>. Still for one thread at a time, and still the caller's to dispose.
    /// </summary>
    public System.Threading.Channels.ChannelWriter<T> AsChannelWriter() => new ChannelWriterAdapter<T>(this);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WriteLater(T message, CancellationToken cancellationToken)
    {
        do
            await _outbox.WaitForSpaceAsync(1, Deadline.Never, cancellationToken).ConfigureAwait(false);
        while (!TryWrite(in message));
    }
}
