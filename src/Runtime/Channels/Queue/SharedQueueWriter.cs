using TypedShm.Channels;
using TypedShm.Rings;
using TypedShm.Transport;

namespace TypedShm;

/// <summary>The writing end of a queue: one lane to its reader.</summary>
/// <typeparam name="T">The <c>[SharedLayout]</c> struct.</typeparam>
/// <remarks>
/// For one thread at a time, which is checked, see <see cref="OpenOptions.ExactThreadCheck"/>; <see cref="AddLane"/> gives another thread
/// a writer of its own. <see cref="Dispose"/> may come from any thread. What was written before the writer was disposed, or its
/// process was killed, is still read.
/// </remarks>
public sealed class SharedQueueWriter<T> : IDisposable
    where T : unmanaged, ISharedLayout<T>
{
    private readonly ReconnectingLane<T> _outbox;
    private readonly QueueWriterHost<T>? _host;
    private readonly QueueWriterClient<T>? _client;

    internal SharedQueueWriter(QueueWriterHost<T> host)
    {
        _host = host;
        _outbox = host.Outbox;
        host.Owner = this;
    }

    internal SharedQueueWriter(QueueWriterClient<T> client)
    {
        _client = client;
        _outbox = client.Outbox;
        client.Start(this);
    }

    /// <inheritdoc cref="SharedStructWriter{T}.PeerJoined"/>
    public event EventHandler<PeerJoinedEventArgs>? PeerJoined
    {
        add
        {
            if (_host is not null)
                _host.PeerJoined += value;
        }
        remove
        {
            if (_host is not null)
                _host.PeerJoined -= value;
        }
    }

    /// <inheritdoc cref="SharedStructWriter{T}.PeerLeft"/>
    public event EventHandler<PeerLeftEventArgs>? PeerLeft
    {
        add
        {
            if (_host is not null)
                _host.PeerLeft += value;
        }
        remove
        {
            if (_host is not null)
                _host.PeerLeft -= value;
        }
    }

    /// <inheritdoc cref="SharedStructWriter{T}.PeerRefused"/>
    public event EventHandler<PeerRefusedEventArgs>? PeerRefused
    {
        add
        {
            if (_host is not null)
                _host.PeerRefused += value;
        }
        remove
        {
            if (_host is not null)
                _host.PeerRefused -= value;
        }
    }

    /// <inheritdoc cref="SharedStructReader{T}.StateChanged"/>
    public event EventHandler<ConnectionStateChangedEventArgs>? StateChanged
    {
        add
        {
            if (_client is not null)
                _client.StateChanged += value;
        }
        remove
        {
            if (_client is not null)
                _client.StateChanged -= value;
        }
    }

    /// <summary>The reader, if it is connected.</summary>
    public IReadOnlyList<SharedPeer> Peers => _client?.Peers ?? _host!.Peers;

    /// <summary>Whether the creator is there. The creator itself is always connected, until it is disposed.</summary>
    public ConnectionState State => _client?.State ?? (_host!.IsDisposed ? ConnectionState.Disposed : ConnectionState.Connected);

    /// <summary>How many messages there is room for.</summary>
    public int Capacity => _outbox.Lane.Lane.Shape.Capacity;

    /// <summary>The most bytes of payload that a message can carry.</summary>
    public int PayloadCapacity => _outbox.Lane.PayloadCapacity;

    /// <summary>How many messages were written to readers that are gone and had not read them. Grows only with <see cref="OpenOptions.Reconnect"/>, or once.</summary>
    public long Lost => (long)_outbox.Lost;

    /// <summary>The region that holds the lane, for interoperation with native code.</summary>
    public SharedRegion Region => _outbox.Lane.Lane.Region;

    /// <summary>Writes a message if there is room.</summary>
    /// <returns>
    /// <see langword="false"/> if the queue is full, or this writer has completed it. Everything else for which nothing can be written any more is an
    /// error, and thrown.
    /// </returns>
    /// <exception cref="PeerGoneException">The reader is gone.</exception>
    /// <exception cref="ProtocolException">The reader broke the protocol, and was disconnected.</exception>
    /// <exception cref="InvalidOperationException">A claim is open, or another thread is using the writer.</exception>
    /// <exception cref="ObjectDisposedException">This writer was disposed.</exception>
    public bool TryWrite(in T message) => _outbox.Lane.TryWrite(in message);

    /// <summary>Writes a message with a payload if there is room.</summary>
    /// <inheritdoc cref="TryWrite(in T)"/>
    /// <exception cref="ArgumentException">The payload is longer than <see cref="PayloadCapacity"/>.</exception>
    /// <exception cref="SystemCallException">There is no memory for a sparse payload (<see cref="MessageOptions.SparsePayloads"/>).</exception>
    public bool TryWrite(in T message, ReadOnlySpan<byte> payload) => _outbox.Lane.TryWrite(in message, payload);

    /// <summary>Writes several messages, if there is room for all. The reader sees all of them or, should this process be killed meanwhile, none.</summary>
    /// <inheritdoc cref="TryWrite(in T)"/>
    /// <exception cref="ArgumentOutOfRangeException">They are more than <see cref="Capacity"/>.</exception>
    public bool TryWrite(ReadOnlySpan<T> messages) => _outbox.Lane.TryWrite(messages);

    /// <summary>Writes a message, waiting for room on this thread.</summary>
    /// <inheritdoc cref="TryWrite(in T)" path="/exception"/>
    /// <exception cref="System.Threading.Channels.ChannelClosedException">This writer has completed the queue; the inner exception is the error, if it gave one.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public void Write(in T message, CancellationToken cancellationToken = default)
    {
        if (!_outbox.Lane.TryWrite(in message))
            _outbox.WriteLater(in message, Deadline.Never, cancellationToken);
    }

    /// <summary>Writes a message, waiting for room on this thread, but not longer than a given time.</summary>
    /// <returns><see langword="false"/> if the time passed; the message was not written.</returns>
    /// <inheritdoc cref="Write(in T, CancellationToken)" path="/exception"/>
    public bool Write(in T message, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        _outbox.Lane.TryWrite(in message) || _outbox.WriteLater(in message, Deadline.After(timeout), cancellationToken);

    /// <summary>Writes a message with a payload, waiting for room on this thread.</summary>
    /// <inheritdoc cref="Write(in T, CancellationToken)" path="/exception"/>
    /// <exception cref="ArgumentException">The payload is longer than <see cref="PayloadCapacity"/>.</exception>
    /// <exception cref="SystemCallException">There is no memory for a sparse payload (<see cref="MessageOptions.SparsePayloads"/>).</exception>
    public void Write(in T message, ReadOnlySpan<byte> payload, CancellationToken cancellationToken = default)
    {
        while (!_outbox.Lane.TryWrite(in message, payload))
            _outbox.WaitForSpace(1, Deadline.Never, cancellationToken);
    }

    /// <summary>Writes several messages at once, waiting on this thread for room for all of them. See <see cref="TryWrite(ReadOnlySpan{T})"/>.</summary>
    /// <inheritdoc cref="Write(in T, CancellationToken)" path="/exception"/>
    /// <exception cref="ArgumentOutOfRangeException">They are more than <see cref="Capacity"/>.</exception>
    public void Write(ReadOnlySpan<T> messages, CancellationToken cancellationToken = default)
    {
        while (!_outbox.Lane.TryWrite(messages))
            _outbox.WaitForSpace(messages.Length, Deadline.Never, cancellationToken);
    }

    /// <summary>Writes a message, waiting for room without a thread.</summary>
    /// <inheritdoc cref="Write(in T, CancellationToken)" path="/exception"/>
    public ValueTask WriteAsync(T message, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled(cancellationToken)
            : _outbox.Lane.TryWrite(in message) ? ValueTask.CompletedTask
            : _outbox.WriteLaterAsync(message, cancellationToken);

    /// <summary>Waits on this thread until there is room for a message.</summary>
    /// <inheritdoc cref="WaitToWriteAsync"/>
    public bool WaitToWrite(CancellationToken cancellationToken = default) => WaitToWrite(Timeout.InfiniteTimeSpan, cancellationToken);

    /// <summary>Waits on this thread until there is room for a message, but not longer than a given time.</summary>
    /// <returns><see langword="false"/> if the time passed, or there will never be room again, because this writer has completed the queue.</returns>
    /// <inheritdoc cref="WaitToWriteAsync" path="/exception"/>
    public bool WaitToWrite(TimeSpan timeout, CancellationToken cancellationToken = default) => _outbox.WaitToWrite(Deadline.After(timeout), cancellationToken);

    /// <summary>Waits without a thread until there is room for a message.</summary>
    /// <returns><see langword="false"/> if there will never be room again, because this writer has completed the queue.</returns>
    /// <exception cref="Exception">This writer completed the queue with an error, which is thrown.</exception>
    /// <exception cref="PeerGoneException">The reader is gone.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">This writer was disposed.</exception>
    public ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default) => _outbox.WaitToWriteAsync(cancellationToken);

    /// <summary>Takes a slot to be filled in, in place, if there is room.</summary>
    /// <param name="claim">The slot; dispose it.</param>
    /// <inheritdoc cref="TryWrite(in T)" path="/returns"/>
    /// <inheritdoc cref="TryWrite(in T)" path="/exception"/>
    /// <example>
    /// <code>
    /// if (writer.TryClaim(out Claim&lt;Quote&gt; claim))
    /// {
    ///     using (claim)
    ///     {
    ///         claim.View.Price = 101.5;
    ///         claim.Commit();
    ///     }
    /// }
    /// </code>
    /// </example>
    public bool TryClaim(out Claim<T> claim)
    {
        LaneWriter<T> lane = _outbox.Lane;
        bool room = lane.TryBegin(1);
        claim = room ? new Claim<T>(lane, lane.BeginClaim()) : default;
        return room;
    }

    /// <summary>
    /// Takes a slot whose payload has at most a given length, if there is room. Where payloads are sparse (<see cref="MessageOptions.SparsePayloads"/>), only
    /// that much is allocated.
    /// </summary>
    /// <param name="payloadLength">How many bytes <see cref="Claim{T}.Payload"/> has.</param>
    /// <param name="claim">The slot; dispose it.</param>
    /// <inheritdoc cref="TryWrite(in T, ReadOnlySpan{byte})" path="/returns"/>
    /// <inheritdoc cref="TryWrite(in T, ReadOnlySpan{byte})" path="/exception"/>
    public bool TryClaim(int payloadLength, out Claim<T> claim)
    {
        LaneWriter<T> lane = _outbox.Lane;
        bool room = lane.TryBegin(1, payloadLength);
        claim = room ? new Claim<T>(lane, lane.BeginClaim(), payloadLength) : default;
        return room;
    }

    /// <summary>Takes a slot to be filled in, in place, waiting for room on this thread.</summary>
    /// <returns>The slot; dispose it.</returns>
    /// <inheritdoc cref="Write(in T, CancellationToken)" path="/exception"/>
    public Claim<T> Claim(CancellationToken cancellationToken = default)
    {
        Claim<T> claim;
        while (!TryClaim(out claim))
            _outbox.WaitForSpace(1, Deadline.Never, cancellationToken);
        return claim;
    }

    /// <summary>As <see cref="TryClaim(int, out Claim{T})"/>, waiting for room on this thread.</summary>
    /// <returns>The slot; dispose it.</returns>
    /// <inheritdoc cref="Write(in T, ReadOnlySpan{byte}, CancellationToken)" path="/exception"/>
    public Claim<T> Claim(int payloadLength, CancellationToken cancellationToken = default)
    {
        Claim<T> claim;
        while (!TryClaim(payloadLength, out claim))
            _outbox.WaitForSpace(1, Deadline.Never, cancellationToken);
        return claim;
    }

    /// <summary>Takes several slots to be filled in and published together, if there is room for all.</summary>
    /// <param name="count">How many.</param>
    /// <param name="claim">The slots; dispose it.</param>
    /// <inheritdoc cref="TryWrite(ReadOnlySpan{T})" path="/returns"/>
    /// <inheritdoc cref="TryWrite(ReadOnlySpan{T})" path="/exception"/>
    public bool TryClaimBatch(int count, out BatchClaim<T> claim)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        LaneWriter<T> lane = _outbox.Lane;
        bool room = lane.TryBegin(count);
        claim = room ? new BatchClaim<T>(lane, lane.BeginClaim(), count) : default;
        return room;
    }

    /// <summary>
    /// Opens another lane to the same reader, for another thread: a writer of its own, which counts as a peer of its own.
    /// The order of messages is kept within each.
    /// </summary>
    /// <param name="cancellationToken">Gives up connecting.</param>
    /// <returns>The writer; dispose it.</returns>
    /// <exception cref="InvalidOperationException">This writer created the queue; only a queue that its reader created can have several.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">This writer was disposed, before or while the other one connected.</exception>
    public SharedQueueWriter<T> AddLane(CancellationToken cancellationToken = default)
    {
        if (_client is null)
            throw new InvalidOperationException("A queue that was created by its writer has one lane. Let the reader create it (SharedQueue.CreateReader), then any number of writers can open it.");
        SharedQueueWriter<T> another = new(_client.OpenAnother(cancellationToken));
        if (_client.IsDisposed)
        {
            another.Dispose();
            _client.ThrowIfDisposed();
        }

        return another;
    }

    /// <summary>
    /// Says that this writer has written all. The reader reads to the end of it, and when no other writer is left, the queue is complete. Other than a
    /// mere <see cref="Dispose"/>, this ends also a queue that its reader created. It is the last that this writer has to say: should the reader be killed before
    /// it has read all, the writer does not connect to a successor, <see cref="OpenOptions.Reconnect"/> or not.
    /// </summary>
    /// <param name="error">Why there is no more; null if all is well. Its type's name and its message reach the reader, at most 1,024 bytes.</param>
    /// <exception cref="InvalidOperationException">A claim is open.</exception>
    /// <exception cref="System.Threading.Channels.ChannelClosedException">That was said before.</exception>
    public void Complete(Exception? error = null)
    {
        if (!TryComplete(error))
            _outbox.Lane.ThrowIfClosed();
    }

    /// <summary>
    /// This writer for code that knows only <c>System.Threading.Channels</c>. The end of the reader counts there as completion with a
    /// <see cref="PeerGoneException"/>. Still for one thread at a time, and still the caller's to dispose.
    /// </summary>
    public System.Threading.Channels.ChannelWriter<T> AsChannelWriter() => new QueueChannelWriter<T>(this);

    /// <summary>
    /// Closes this end: ends waits with <see cref="ObjectDisposedException"/>, frees the name if it was created here,
    /// tells the reader, who still reads what was written, and gives the memory back. Idempotent and thread-safe.
    /// </summary>
    public void Dispose() => _outbox.End.Dispose();

    /// <inheritdoc cref="LaneWriter{T}.TryComplete"/>
    internal bool TryComplete(Exception? error) => _client?.TryComplete(error) ?? _outbox.Lane.TryComplete(error);
}
