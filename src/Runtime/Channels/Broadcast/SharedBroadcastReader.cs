using TypedShm.Channels;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm;

/// <summary>A reading end of a broadcast: sees every message that was written since it joined, in order, or learns how many it lost.</summary>
/// <typeparam name="T">The <c>[SharedLayout]</c> struct.</typeparam>
/// <remarks>
/// <para>
/// For one thread at a time, which is checked, see <see cref="OpenOptions.ExactThreadCheck"/>; another thread opens a reader of its own.
/// <see cref="Dispose"/> may come from any thread. The members that <c>System.Threading.Channels.ChannelReader</c> has too mean what they mean there.
/// </para>
/// <para>
/// A broadcast ends when its writer has completed it, or is gone; in the latter case, with <see cref="OpenOptions.Reconnect"/>, the
/// messages of the next process that creates it follow. <see cref="Position"/> is always <see cref="Start"/> plus what was received plus what was <see cref="Lost"/>,
/// as far as one writer's messages go.
/// </para>
/// </remarks>
public sealed class SharedBroadcastReader<T> : ISharedWaitable, IDisposable
    where T : unmanaged, ISharedLayout<T>
{
    private readonly BroadcastClient<T> _client;
    private readonly BroadcastInbox<T> _inbox;

    internal SharedBroadcastReader(BroadcastClient<T> client)
    {
        _client = client;
        _inbox = client.Inbox;
        client.Start(this);
    }

    /// <inheritdoc cref="SharedStructReader{T}.StateChanged"/>
    public event EventHandler<ConnectionStateChangedEventArgs>? StateChanged
    {
        add => _client.StateChanged += value;
        remove => _client.StateChanged -= value;
    }

    /// <summary>The writer; none while it is not connected.</summary>
    public IReadOnlyList<SharedPeer> Peers => _client.Peers;

    /// <summary>Whether the writer is there. If it is gone, what it wrote can still be read.</summary>
    public ConnectionState State => _client.State;

    /// <summary>Whether the writer waits for this reader.</summary>
    public bool IsLossless => _inbox.Ring.Ring.Shape.IsLossless;

    /// <summary>How many messages the writer has room for: how far this reader can be behind.</summary>
    public int Capacity => _inbox.Ring.Ring.Shape.Messages.Capacity;

    /// <summary>The most bytes of payload that a message can carry.</summary>
    public int PayloadCapacity => _inbox.Ring.Ring.Layout.PayloadCapacity;

    /// <summary>The number of the first message that this reader was to get, counted from the writer's first, which is 0.</summary>
    public long Start => (long)_inbox.Ring.Start;

    /// <summary>The number of the message that is read next.</summary>
    public long Position => (long)_inbox.Ring.Next;

    /// <summary>How many messages were overwritten before this reader came to them, in all. Exact, once a read has found no more messages.</summary>
    public long Lost => _inbox.Lost;

    /// <summary>The region that holds the messages, for interoperation with native code.</summary>
    public SharedRegion Region => _inbox.Ring.Ring.Region;

    /// <summary>
    /// Completes once a read or a wait has found that the broadcast is over and everything was read; fails if it ended with an error, with
    /// the death of its writer, or because this reader was cut off.
    /// </summary>
    public Task Completion => _inbox.Completion;

    WaitSource ISharedWaitable.WaitSource => _inbox.Source;

    WaitMode ISharedWaitable.WaitMode => _inbox.Mode;

    /// <summary>Reads the next message, if one is there. The copy is the caller's own, and whole.</summary>
    /// <returns><see langword="false"/> if there is none: not yet, or never again.</returns>
    /// <exception cref="InvalidOperationException">A lease is open, or another thread is using the reader.</exception>
    /// <exception cref="ObjectDisposedException">This reader was disposed.</exception>
    public bool TryRead(out T message) => _inbox.TryRead(out message);

    /// <summary>As <see cref="TryRead(out T)"/>, and says how many messages this call found to have been lost: those right before this one.</summary>
    /// <inheritdoc cref="TryRead(out T)"/>
    public bool TryRead(out T message, out long lost) => _inbox.TryRead(out message, out lost);

    /// <summary>As <see cref="TryRead(out T)"/>, and copies the message's payload too.</summary>
    /// <param name="message">The message.</param>
    /// <param name="payload">Where the payload is copied to; <see cref="PayloadCapacity"/> bytes are always enough.</param>
    /// <param name="payloadLength">How many bytes it has.</param>
    /// <inheritdoc cref="TryRead(out T)"/>
    /// <exception cref="ArgumentException">The payload is longer; the message is still the next.</exception>
    public bool TryRead(out T message, Span<byte> payload, out int payloadLength) => _inbox.TryRead(out message, payload, out payloadLength);

    /// <summary>Reads the next message, waiting for it on this thread, but not longer than a given time.</summary>
    /// <returns><see langword="false"/> if the time passed, or the broadcast is over.</returns>
    /// <exception cref="SharedMemoryException">The broadcast ended with an error, see <see cref="WaitToRead(CancellationToken)"/>.</exception>
    /// <inheritdoc cref="Read" path="/exception"/>
    public bool TryRead(out T message, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        _inbox.TryRead(out message) || _inbox.TryReadLater(out message, Deadline.After(timeout), cancellationToken);

    /// <summary>Reads the next message, waiting for it on this thread.</summary>
    /// <exception cref="System.Threading.Channels.ChannelClosedException">The broadcast is over; the inner exception is its error, if it has one.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="InvalidOperationException">A lease is open, or another thread is using the reader.</exception>
    /// <exception cref="ObjectDisposedException">This reader was disposed.</exception>
    public T Read(CancellationToken cancellationToken = default) => _inbox.TryRead(out T message) ? message : _inbox.ReadLater(cancellationToken);

    /// <summary>Waits on this thread until a message is there.</summary>
    /// <returns><see langword="false"/> if there will never be one: the broadcast is over.</returns>
    /// <exception cref="SharedMemoryException">
    /// The broadcast ended with an error: its writer's own; a <see cref="PeerGoneException"/> if the writer is gone; a <see cref="CutOffException"/> if this reader was too slow for it;
    /// a <see cref="ProtocolException"/>.
    /// </exception>
    /// <inheritdoc cref="Read" path="/exception[@cref='OperationCanceledException']"/>
    /// <inheritdoc cref="Read" path="/exception[@cref='ObjectDisposedException']"/>
    public bool WaitToRead(CancellationToken cancellationToken = default) => _inbox.WaitForMessage(Deadline.Never, cancellationToken);

    /// <summary>Waits on this thread until a message is there, but not longer than a given time.</summary>
    /// <returns><see langword="false"/> if the time passed, or the broadcast is over.</returns>
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

    /// <summary>All messages, as they come, until the broadcast is over.</summary>
    /// <inheritdoc cref="WaitToRead(CancellationToken)" path="/exception"/>
    public IAsyncEnumerable<T> ReadAllAsync(CancellationToken cancellationToken = default) => _inbox.ReadAllAsync(cancellationToken);

    /// <summary>
    /// This reader for code that knows only <c>System.Threading.Channels</c>, where a broadcast that may lose messages is what a bounded channel
    /// that drops the oldest is; <see cref="Lost"/> says how many. Still for one thread at a time, and still the caller's to dispose.
    /// </summary>
    public System.Threading.Channels.ChannelReader<T> AsChannelReader() => new BroadcastChannelReader<T>(this);

    /// <summary>Reads the next message in place, if one is there.</summary>
    /// <param name="lease">The message; dispose it, and ask <see cref="BroadcastLease{T}.IsIntact"/> before that.</param>
    /// <inheritdoc cref="TryRead(out T)" path="/returns"/>
    /// <inheritdoc cref="TryRead(out T)" path="/exception"/>
    public bool TryLease(out BroadcastLease<T> lease)
    {
        while (_inbox.TryBegin() is { } ring)
        {
            if (ring.TryGetPayload(ring.Next, out ReadOnlySpan<byte> payload))
            {
                lease = new BroadcastLease<T>(_inbox, ring, payload);
                return true;
            }

            // Overwritten meanwhile, which counts as lost, or a fault, with which the broadcast ends.
            _inbox.Exit();
        }

        lease = default;
        return false;
    }

    /// <summary>Reads the next message in place, waiting for it on this thread, but not longer than a given time.</summary>
    /// <inheritdoc cref="TryRead(out T, TimeSpan, CancellationToken)" path="/returns"/>
    /// <inheritdoc cref="TryRead(out T, TimeSpan, CancellationToken)" path="/exception"/>
    public bool TryLease(out BroadcastLease<T> lease, TimeSpan timeout, CancellationToken cancellationToken = default)
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
    /// <returns>The message; dispose it, and ask <see cref="BroadcastLease{T}.IsIntact"/> before that.</returns>
    /// <inheritdoc cref="Read" path="/exception"/>
    public BroadcastLease<T> Lease(CancellationToken cancellationToken = default)
    {
        BroadcastLease<T> lease;
        while (!TryLease(out lease))
            _inbox.WaitOrThrow(cancellationToken);
        return lease;
    }

    /// <summary>
    /// Closes this end: ends waits with <see cref="ObjectDisposedException"/>, tells the writer, and gives the mapping up. Idempotent and thread-safe.
    /// </summary>
    public void Dispose() => _client.Dispose();

    PollResult ISharedWaitable.Poll() => _inbox.Poll();
}
