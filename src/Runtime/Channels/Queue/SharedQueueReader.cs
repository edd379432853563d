using System.Diagnostics.CodeAnalysis;
using TypedShm.Channels;
using TypedShm.Ends;
using TypedShm.Rings;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm;

/// <summary>
/// The reading end of a queue: reads what all its writers wrote, one message from each in turn, in each one's own order.
/// </summary>
/// <typeparam name="T">The <c>[SharedLayout]</c> struct.</typeparam>
/// <remarks>
/// <para>
/// For one thread at a time, which is checked, see <see cref="OpenOptions.ExactThreadCheck"/>. <see cref="Dispose"/> may come from any thread.
/// The members that <c>System.Threading.Channels.ChannelReader</c> has too mean what they mean there.
/// </para>
/// <para>
/// A queue that its reader created is complete when a writer, or as many as <see cref="SharedQueueOptions.Writers"/> says, have completed it and no other
/// is connected: a writer that just goes, or is killed, may have a successor. A queue that its writer created ends with that writer.
/// </para>
/// </remarks>
public sealed class SharedQueueReader<T> : ISharedWaitable, IDisposable
    where T : unmanaged, ISharedLayout<T>
{
    private readonly LaneMerger<T> _inbox;
    private readonly ChannelEnd _end;
    private readonly QueueReaderHost<T>? _host;
    private readonly QueueReaderClient<T>? _client;

    /// <summary>What the tests look at.</summary>
    internal QueueReaderHost<T>? Host => _host;

    internal SharedQueueReader(QueueReaderHost<T> host)
    {
        _host = host;
        _end = host;
        _inbox = host.Inbox;
        host.Owner = this;
    }

    internal SharedQueueReader(QueueReaderClient<T> client)
    {
        _client = client;
        _end = client;
        _inbox = client.Inbox;
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

    /// <summary>The writers that are connected.</summary>
    public IReadOnlyList<SharedPeer> Peers => _client?.Peers ?? _host!.Peers;

    /// <summary>Whether the creator is there. The creator itself is always connected, until it is disposed.</summary>
    public ConnectionState State => _client?.State ?? (_host!.IsDisposed ? ConnectionState.Disposed : ConnectionState.Connected);

    /// <summary>
    /// Completes once a read or a wait has found that the queue is complete and everything was read; fails if it ended with an error, or
    /// with the death of the writer that created it.
    /// </summary>
    public Task Completion => _inbox.Completion;

    WaitSource ISharedWaitable.WaitSource => _inbox.Source;

    WaitMode ISharedWaitable.WaitMode => _inbox.Mode;

    /// <summary>Reads the next message, if one is there. The copy is the caller's own.</summary>
    /// <returns><see langword="false"/> if there is none: not yet, or never again.</returns>
    /// <exception cref="InvalidOperationException">A lease is open, or another thread is using the reader.</exception>
    /// <exception cref="ObjectDisposedException">This reader was disposed.</exception>
    public bool TryRead(out T message) => _inbox.TryRead(out message);

    /// <summary>As <see cref="TryRead(out T)"/>, and says who sent the message.</summary>
    /// <inheritdoc cref="TryRead(out T)"/>
    public bool TryRead(out T message, [NotNullWhen(true)] out SharedPeer? peer) => _inbox.TryRead(out message, out peer);

    /// <summary>Reads the next message, waiting for it on this thread, but not longer than a given time.</summary>
    /// <returns><see langword="false"/> if the time passed, or the queue is complete.</returns>
    /// <exception cref="SharedMemoryException">The queue ended with an error, see <see cref="WaitToRead(CancellationToken)"/>.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="InvalidOperationException">A lease is open, or another thread is using the reader.</exception>
    /// <exception cref="ObjectDisposedException">This reader was disposed.</exception>
    public bool TryRead(out T message, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        _inbox.TryRead(out message) || _inbox.TryReadLater(out message, Deadline.After(timeout), cancellationToken);

    /// <summary>Reads the next message, waiting for it on this thread.</summary>
    /// <exception cref="System.Threading.Channels.ChannelClosedException">The queue is complete; the inner exception is its error, if it has one.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="InvalidOperationException">A lease is open, or another thread is using the reader.</exception>
    /// <exception cref="ObjectDisposedException">This reader was disposed.</exception>
    public T Read(CancellationToken cancellationToken = default) => _inbox.TryRead(out T message) ? message : _inbox.ReadLater(cancellationToken);

    /// <summary>Waits on this thread until a message is there.</summary>
    /// <returns><see langword="false"/> if there will never be one: the queue is complete.</returns>
    /// <exception cref="SharedMemoryException">The queue ended with an error: a <see cref="PeerGoneException"/> if its writer, which created it, is gone.</exception>
    /// <inheritdoc cref="Read" path="/exception[@cref='OperationCanceledException']"/>
    /// <inheritdoc cref="Read" path="/exception[@cref='ObjectDisposedException']"/>
    public bool WaitToRead(CancellationToken cancellationToken = default) => _inbox.WaitForMessage(Deadline.Never, cancellationToken);

    /// <summary>Waits on this thread until a message is there, but not longer than a given time.</summary>
    /// <returns><see langword="false"/> if the time passed, or the queue is complete.</returns>
    /// <inheritdoc cref="WaitToRead(CancellationToken)" path="/exception"/>
    public bool WaitToRead(TimeSpan timeout, CancellationToken cancellationToken = default) => _inbox.WaitForMessage(Deadline.After(timeout), cancellationToken);

    /// <summary>As <see cref="WaitToRead(CancellationToken)"/>, but occupies no thread.</summary>
    /// <inheritdoc cref="WaitToRead(CancellationToken)"/>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => _inbox.WaitToReadAsync(cancellationToken);

    /// <summary>As <see cref="Read"/>, but occupies no thread.</summary>
    /// <inheritdoc cref="Read" path="/exception"/>
    public ValueTask<T> ReadAsync(CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<T>(cancellationToken)
            : _inbox.TryRead(out T message) ? new ValueTask<T>(message)
            : _inbox.ReadLaterAsync(cancellationToken);

    /// <summary>All messages, as they come, until the queue is complete.</summary>
    /// <inheritdoc cref="WaitToRead(CancellationToken)" path="/exception"/>
    public IAsyncEnumerable<T> ReadAllAsync(CancellationToken cancellationToken = default) => _inbox.ReadAllAsync(cancellationToken);

    /// <summary>
    /// This reader for code that knows only <c>System.Threading.Channels</c>. Still for one thread at a time, and still the caller's to dispose.
    /// <c>Count</c> looks at every message that is there.
    /// </summary>
    public System.Threading.Channels.ChannelReader<T> AsChannelReader() => new QueueChannelReader<T>(this, _inbox);

    /// <summary>Reads the next message in place, if one is there.</summary>
    /// <param name="lease">The message; dispose it.</param>
    /// <inheritdoc cref="TryRead(out T)" path="/returns"/>
    /// <inheritdoc cref="TryRead(out T)" path="/exception"/>
    /// <example>
    /// <code>
    /// while (reader.WaitToRead())
    /// {
    ///     while (reader.TryLease(out Lease&lt;Frame&gt; lease))
    ///     {
    ///         using (lease)
    ///             Show(lease.View.Width, lease.Payload);
    ///     }
    /// }
    /// </code>
    /// </example>
    public bool TryLease(out Lease<T> lease)
    {
        while (_inbox.TryBegin() is { } lane)
        {
            try
            {
                lease = new Lease<T>(_inbox, lane);
                return true;
            }
            catch (ProtocolException)
            {
                // The lane has kept it, and goes with it; the others go on.
                _inbox.Exit();
                _inbox.RemoveCompletedLanes();
            }
        }

        lease = default;
        return false;
    }

    /// <summary>Reads the next message in place, waiting for it on this thread, but not longer than a given time.</summary>
    /// <inheritdoc cref="TryRead(out T, TimeSpan, CancellationToken)" path="/returns"/>
    /// <inheritdoc cref="TryRead(out T, TimeSpan, CancellationToken)" path="/exception"/>
    public bool TryLease(out Lease<T> lease, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        Deadline deadline = Deadline.After(timeout);
        while (!TryLease(out lease))
        {
            if (!_inbox.WaitForMessage(deadline, cancellationToken))
                return false;
        }

        return true;
    }

    /// <summary>Reads the next message in place, waiting for it on this thread.</summary>
    /// <returns>The message; dispose it.</returns>
    /// <inheritdoc cref="Read" path="/exception"/>
    public Lease<T> Lease(CancellationToken cancellationToken = default)
    {
        Lease<T> lease;
        while (!TryLease(out lease))
            _inbox.WaitOrThrow(cancellationToken);
        return lease;
    }

    /// <summary>Reads several messages of one writer in place, as many as are there.</summary>
    /// <param name="most">The most messages to read.</param>
    /// <param name="batch">The messages, at least one; dispose it.</param>
    /// <inheritdoc cref="TryRead(out T)" path="/returns"/>
    /// <inheritdoc cref="TryRead(out T)" path="/exception"/>
    public bool TryReadBatch(int most, out MessageBatch<T> batch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        LaneReader<T>? lane = _inbox.TryBegin();
        batch = lane is null ? default : new MessageBatch<T>(_inbox, lane, lane.Available(most));
        return lane is not null;
    }

    /// <summary>
    /// Closes this end: ends waits with <see cref="ObjectDisposedException"/>, frees the name if it was created here,
    /// tells the writers, and gives the memory up. Idempotent and thread-safe.
    /// </summary>
    public void Dispose() => _end.Dispose();

    PollResult ISharedWaitable.Poll() => _inbox.Poll();
}
