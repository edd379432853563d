using System.Runtime.CompilerServices;
using TypedShm.Channels;
using TypedShm.Ends;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm;

/// <summary>A reading end of a channel of messages: what the readers of queues and of broadcasts have in common.</summary>
/// <typeparam name="T">The <c>[SharedLayout]</c> struct.</typeparam>
/// <remarks>
/// For one thread at a time, which is checked, see <see cref="OpenOptions.ExactThreadCheck"/>; what <see cref="SharedEnd"/> has may come
/// from any thread. The members that <see cref="System.Threading.Channels.ChannelReader{T}"/> has too mean what they mean there.
/// </remarks>
public abstract class SharedMessageReader<T> : SharedEnd, ISharedWaitable
    where T : unmanaged, ISharedLayout<T>
{
    private readonly IInbox<T> _inbox;

    private protected SharedMessageReader(ChannelEnd end, IInbox<T> inbox)
        : base(end) => _inbox = inbox;

    /// <summary>How many messages there is room for: how far this reader can be behind a writer.</summary>
    public abstract int Capacity { get; }

    /// <summary>The most bytes of payload that a message can carry.</summary>
    public abstract int PayloadCapacity { get; }

    /// <summary>How many messages are there to be read now.</summary>
    /// <exception cref="ObjectDisposedException">This reader was disposed.</exception>
    public int Count => _inbox.Count;

    /// <summary>
    /// Whether messages can be read in place, in shared memory. False only if a writer was compiled with an older layout of
    /// <typeparamref name="T"/> that ends before the fields that were appended since: then what copies its messages works, and the absent
    /// fields are zero, see <see cref="Has"/>; a lease of one has a payload, but no value. A writer that comes or goes may change it.
    /// </summary>
    public bool IsByReference => _inbox.IsByReference;

    /// <summary>
    /// Completes once a read or a wait has found that the channel is complete and everything was read; fails if it ended with an error.
    /// </summary>
    public Task Completion => _inbox.Completion;

    WaitSource ISharedWaitable.WaitSource => _inbox.Source;

    WaitMode ISharedWaitable.WaitMode => _inbox.Mode;

    /// <summary>
    /// Whether the writer has a field, or was compiled before it was appended; of several, whether all of them that are connected have it.
    /// Of a nested struct: all of its fields. A writer that comes or goes may change it.
    /// </summary>
    /// <inheritdoc cref="SharedStructReader{T}.Has" path="/param"/>
    /// <inheritdoc cref="SharedStructReader{T}.Has" path="/exception"/>
    public bool Has(string field)
    {
        ArgumentNullException.ThrowIfNull(field);
        ThrowIfDisposed();
        return _inbox.Has(field);
    }

    /// <summary>
    /// Reads the next message, if one is there. The copy is the caller's own, and whole. Fields that its writer does not have, see
    /// <see cref="Has"/>, are zero.
    /// </summary>
    /// <returns><see langword="false"/> if there is none: not yet, or never again.</returns>
    /// <exception cref="InvalidOperationException">A lease is open, or another thread is using the reader.</exception>
    /// <exception cref="ObjectDisposedException">This reader was disposed.</exception>
    public abstract bool TryRead(out T message);

    /// <summary>Reads the next message, waiting for it on this thread, but not longer than a given time.</summary>
    /// <returns><see langword="false"/> if the time passed, or the channel is complete.</returns>
    /// <exception cref="SharedMemoryException">The channel ended with an error, see <see cref="WaitToRead"/>.</exception>
    /// <inheritdoc cref="TryRead(out T)" path="/exception"/>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public bool TryRead(out T message, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        TryRead(out message) || _inbox.TryReadLater(out message, Deadline.After(timeout), cancellationToken);

    /// <summary>As <see cref="TryRead(out T)"/>, and copies the message's payload too.</summary>
    /// <param name="message">The message.</param>
    /// <param name="payload">Where the payload is copied to; <see cref="PayloadCapacity"/> bytes are always enough.</param>
    /// <param name="payloadLength">How many bytes it has.</param>
    /// <inheritdoc cref="TryRead(out T)"/>
    /// <exception cref="ArgumentException">The payload is longer; the message is still the next.</exception>
    public bool TryRead(out T message, Span<byte> payload, out int payloadLength) =>
        _inbox.TryRead(out message, payload, out payloadLength);

    /// <summary>
    /// As <see cref="TryRead(out T, Span{byte}, out int)"/>, waiting for a message on this thread, but not longer than a given time.
    /// </summary>
    /// <inheritdoc cref="TryRead(out T, TimeSpan, CancellationToken)" path="/returns"/>
    /// <inheritdoc cref="TryRead(out T, TimeSpan, CancellationToken)" path="/exception"/>
    /// <exception cref="ArgumentException">The payload is longer; the message is still the next.</exception>
    public bool TryRead(
        out T message, Span<byte> payload, out int payloadLength, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        Deadline deadline = Deadline.After(timeout);
        while (!_inbox.TryRead(out message, payload, out payloadLength))
        {
            if (!_inbox.WaitForMessage(deadline, cancellationToken))
                return false;
        }

        return true;
    }

    /// <summary>Reads the next message, waiting for it on this thread.</summary>
    /// <exception cref="System.Threading.Channels.ChannelClosedException">
    /// The channel is complete; the inner exception is its error, if it has one.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="InvalidOperationException">A lease is open, or another thread is using the reader.</exception>
    /// <exception cref="ObjectDisposedException">This reader was disposed.</exception>
    public abstract T Read(CancellationToken cancellationToken = default);

    /// <summary>As <see cref="Read(CancellationToken)"/>, and copies the message's payload too.</summary>
    /// <inheritdoc cref="TryRead(out T, Span{byte}, out int)" path="/param"/>
    /// <inheritdoc cref="Read(CancellationToken)" path="/exception"/>
    /// <exception cref="ArgumentException">The payload is longer; the message is still the next.</exception>
    public T Read(Span<byte> payload, out int payloadLength, CancellationToken cancellationToken = default)
    {
        T message;
        while (!_inbox.TryRead(out message, payload, out payloadLength))
            _inbox.WaitOrThrow(cancellationToken);
        return message;
    }

    /// <summary>As <see cref="Read(CancellationToken)"/>, but occupies no thread.</summary>
    /// <inheritdoc cref="Read(CancellationToken)" path="/exception"/>
    public ValueTask<T> ReadAsync(CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<T>(cancellationToken)
            : TryRead(out T message) ? new ValueTask<T>(message)
            : _inbox.ReadLaterAsync(cancellationToken);

    /// <summary>As <see cref="Read(Span{byte}, out int, CancellationToken)"/>, but occupies no thread.</summary>
    /// <param name="payload">Where the payload is copied to; <see cref="PayloadCapacity"/> bytes are always enough.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <returns>The message, and how many bytes its payload has.</returns>
    /// <inheritdoc cref="Read(Span{byte}, out int, CancellationToken)" path="/exception"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<(T Message, int PayloadLength)> ReadAsync(Memory<byte> payload, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        T message;
        int length;
        while (!_inbox.TryRead(out message, payload.Span, out length))
            await _inbox.WaitOrThrowAsync(cancellationToken).ConfigureAwait(false);
        return (message, length);
    }

    /// <summary>As <see cref="TryRead(out T, TimeSpan, CancellationToken)"/>, but occupies no thread.</summary>
    /// <returns>The message; <see langword="null"/> if the time passed, or the channel is complete.</returns>
    /// <inheritdoc cref="TryRead(out T, TimeSpan, CancellationToken)" path="/exception"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<T?> TryReadAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Deadline deadline = Deadline.After(timeout);
        T message;
        while (!TryRead(out message))
        {
            if (!await _inbox.WaitForMessageAsync(deadline, cancellationToken).ConfigureAwait(false))
                return null;
        }

        return message;
    }

    /// <summary>As <see cref="TryRead(out T, Span{byte}, out int, TimeSpan, CancellationToken)"/>, but occupies no thread.</summary>
    /// <param name="payload">Where the payload is copied to; <see cref="PayloadCapacity"/> bytes are always enough.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <returns>
    /// The message, and how many bytes its payload has; <see langword="null"/> if the time passed, or the channel is complete.
    /// </returns>
    /// <inheritdoc cref="TryRead(out T, Span{byte}, out int, TimeSpan, CancellationToken)" path="/exception"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<(T Message, int PayloadLength)?> TryReadAsync(
        Memory<byte> payload, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Deadline deadline = Deadline.After(timeout);
        T message;
        int length;
        while (!_inbox.TryRead(out message, payload.Span, out length))
        {
            if (!await _inbox.WaitForMessageAsync(deadline, cancellationToken).ConfigureAwait(false))
                return null;
        }

        return (message, length);
    }

    /// <summary>Reads as many messages as are there, at most as many as there is room for.</summary>
    /// <param name="messages">Where they are copied to.</param>
    /// <param name="count">How many were read.</param>
    /// <returns><see langword="false"/> if there is none: not yet, or never again.</returns>
    /// <inheritdoc cref="TryRead(out T)" path="/exception"/>
    /// <exception cref="ArgumentException">There is room for none.</exception>
    public bool TryReadBatch(Span<T> messages, out int count)
    {
        ThrowIfDisposed();
        if (messages.IsEmpty)
            throw new ArgumentException("There is no room for a message. Pass a span of at least one.", nameof(messages));
        count = 0;
        while (count < messages.Length && TryRead(out messages[count]))
            count++;
        return count > 0;
    }

    /// <summary>
    /// As <see cref="TryReadBatch(Span{T}, out int)"/>, waiting for the first message on this thread, but not longer than a given time.
    /// </summary>
    /// <inheritdoc cref="TryRead(out T, TimeSpan, CancellationToken)" path="/returns"/>
    /// <inheritdoc cref="TryRead(out T, TimeSpan, CancellationToken)" path="/exception"/>
    /// <exception cref="ArgumentException">There is room for none.</exception>
    public bool TryReadBatch(Span<T> messages, out int count, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Deadline deadline = Deadline.After(timeout);
        while (!TryReadBatch(messages, out count))
        {
            if (!_inbox.WaitForMessage(deadline, cancellationToken))
                return false;
        }

        return true;
    }

    /// <summary>As <see cref="TryReadBatch(Span{T}, out int)"/>, waiting for the first message on this thread.</summary>
    /// <returns>How many were read, at least one.</returns>
    /// <inheritdoc cref="Read(CancellationToken)" path="/exception"/>
    /// <exception cref="ArgumentException">There is room for none.</exception>
    public int ReadBatch(Span<T> messages, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        int count;
        while (!TryReadBatch(messages, out count))
            _inbox.WaitOrThrow(cancellationToken);
        return count;
    }

    /// <summary>As <see cref="ReadBatch"/>, but occupies no thread.</summary>
    /// <returns>How many were read, at least one.</returns>
    /// <inheritdoc cref="ReadBatch" path="/exception"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReadBatchAsync(Memory<T> messages, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        int count;
        while (!TryReadBatch(messages.Span, out count))
            await _inbox.WaitOrThrowAsync(cancellationToken).ConfigureAwait(false);
        return count;
    }

    /// <summary>As <see cref="TryReadBatch(Span{T}, out int, TimeSpan, CancellationToken)"/>, but occupies no thread.</summary>
    /// <returns>How many were read; 0 if the time passed, or the channel is complete.</returns>
    /// <inheritdoc cref="TryReadBatch(Span{T}, out int, TimeSpan, CancellationToken)" path="/exception"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> TryReadBatchAsync(Memory<T> messages, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Deadline deadline = Deadline.After(timeout);
        int count;
        while (!TryReadBatch(messages.Span, out count))
        {
            if (!await _inbox.WaitForMessageAsync(deadline, cancellationToken).ConfigureAwait(false))
                return 0;
        }

        return count;
    }

    /// <summary>A copy of the message that is read next, if one is there: it stays the next.</summary>
    /// <inheritdoc cref="TryRead(out T)" path="/returns"/>
    /// <inheritdoc cref="TryRead(out T)" path="/exception"/>
    public bool TryPeek(out T message) => _inbox.TryPeek(out message);

    /// <summary>Waits on this thread until a message is there.</summary>
    /// <returns><see langword="false"/> if there will never be one: the channel is complete.</returns>
    /// <exception cref="SharedMemoryException">
    /// The channel ended with an error: its writer's own; a <see cref="PeerGoneException"/> if the writer that created it is gone; a
    /// <see cref="CutOffException"/> if this reader was too slow for a broadcast; a <see cref="ProtocolException"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">This reader was disposed.</exception>
    public bool WaitToRead(CancellationToken cancellationToken = default) => _inbox.WaitForMessage(Deadline.Never, cancellationToken);

    /// <summary>As <see cref="WaitToRead"/>, but not longer than a given time.</summary>
    /// <returns><see langword="false"/> if the time passed, or the channel is complete.</returns>
    /// <inheritdoc cref="WaitToRead" path="/exception"/>
    public bool TryWaitToRead(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        _inbox.WaitForMessage(Deadline.After(timeout), cancellationToken);

    /// <summary>As <see cref="WaitToRead"/>, but occupies no thread.</summary>
    /// <inheritdoc cref="WaitToRead"/>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) =>
        _inbox.WaitForMessageAsync(Deadline.Never, cancellationToken);

    /// <summary>As <see cref="TryWaitToRead"/>, but occupies no thread.</summary>
    /// <inheritdoc cref="TryWaitToRead"/>
    public ValueTask<bool> TryWaitToReadAsync(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        _inbox.WaitForMessageAsync(Deadline.After(timeout), cancellationToken);

    /// <summary>All messages, as they come, until the channel is complete.</summary>
    /// <inheritdoc cref="WaitToRead" path="/exception"/>
    public async IAsyncEnumerable<T> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (await WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            while (TryRead(out T message))
                yield return message;
        }
    }

    /// <summary>
    /// This reader for code that knows only <c>System.Threading.Channels</c>. Still for one thread at a time, and still the caller's to
    /// dispose. A broadcast that may lose messages is there what a bounded channel that drops the oldest is.
    /// </summary>
    public System.Threading.Channels.ChannelReader<T> AsChannelReader() => new ChannelReaderAdapter<T>(this);

    PollResult ISharedWaitable.Poll() => _inbox.Poll();
}
