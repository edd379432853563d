using System.Runtime.CompilerServices;
using TypedShm.Channels;
using TypedShm.Rings;
using TypedShm.Transport;

namespace TypedShm;

/// <summary>The writing end of a broadcast.</summary>
/// <typeparam name="T">The <c>[SharedLayout]</c> struct.</typeparam>
/// <remarks>
/// For one thread at a time, which is checked, see <see cref="ChannelOptions.ExactThreadCheck"/>. <see cref="Dispose"/> may come from any thread. What was
/// written before the writer was disposed, or its process was killed, can still be read by those who have joined. There is room
/// at any time unless the broadcast is lossless.
/// </remarks>
public sealed class SharedBroadcastWriter<T> : IDisposable
    where T : unmanaged, ISharedLayout<T>
{
    private readonly BroadcastHost<T> _host;
    private readonly RingWriter<T> _ring;

    internal SharedBroadcastWriter(BroadcastHost<T> host)
    {
        _host = host;
        _ring = host.Writer;
        host.Owner = this;
    }

    /// <inheritdoc cref="SharedStructWriter{T}.PeerJoined"/>
    public event EventHandler<PeerJoinedEventArgs>? PeerJoined
    {
        add => _host.PeerJoined += value;
        remove => _host.PeerJoined -= value;
    }

    /// <inheritdoc cref="SharedStructWriter{T}.PeerLeft"/>
    public event EventHandler<PeerLeftEventArgs>? PeerLeft
    {
        add => _host.PeerLeft += value;
        remove => _host.PeerLeft -= value;
    }

    /// <inheritdoc cref="SharedStructWriter{T}.PeerRefused"/>
    public event EventHandler<PeerRefusedEventArgs>? PeerRefused
    {
        add => _host.PeerRefused += value;
        remove => _host.PeerRefused -= value;
    }

    /// <summary>The readers.</summary>
    public IReadOnlyList<SharedPeer> Peers => _host.Peers;

    /// <summary>How many messages there is room for.</summary>
    public int Capacity => _ring.Ring.Shape.Messages.Capacity;

    /// <summary>The most bytes of payload that a message can carry.</summary>
    public int PayloadCapacity => _ring.PayloadCapacity;

    /// <summary>How many messages were written: the number of the next one.</summary>
    public long Written => (long)_ring.Written;

    /// <summary>The region that holds the messages, for interoperation with native code.</summary>
    public SharedRegion Region => _ring.Ring.Region;

    /// <summary>Writes a message if there is room.</summary>
    /// <returns><see langword="false"/> if the broadcast is lossless and a reader has not read enough yet, or it was completed.</returns>
    /// <exception cref="InvalidOperationException">A claim is open, or another thread is using the writer.</exception>
    /// <exception cref="ObjectDisposedException">This writer was disposed.</exception>
    public bool TryWrite(in T message) => _ring.TryWrite(in message);

    /// <summary>Writes a message with a payload if there is room.</summary>
    /// <inheritdoc cref="TryWrite(in T)"/>
    /// <exception cref="ArgumentException">The payload is longer than <see cref="PayloadCapacity"/>.</exception>
    /// <exception cref="SystemCallException">There is no memory for a sparse payload (<see cref="MessageOptions.SparsePayloads"/>).</exception>
    public bool TryWrite(in T message, ReadOnlySpan<byte> payload) => _ring.TryWrite(in message, payload);

    /// <summary>Writes a message, waiting for room on this thread.</summary>
    /// <inheritdoc cref="TryWrite(in T)" path="/exception"/>
    /// <exception cref="System.Threading.Channels.ChannelClosedException">The broadcast was completed; the inner exception is the error, if it was with one.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public void Write(in T message, CancellationToken cancellationToken = default)
    {
        while (!_ring.TryWrite(in message))
            _host.WaitForRoom(Deadline.Never, cancellationToken);
    }

    /// <summary>Writes a message, waiting for room on this thread, but not longer than a given time.</summary>
    /// <returns><see langword="false"/> if the time passed; the message was not written.</returns>
    /// <inheritdoc cref="Write(in T, CancellationToken)" path="/exception"/>
    public bool Write(in T message, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        Deadline deadline = Deadline.After(timeout);
        while (!_ring.TryWrite(in message))
        {
            if (!_host.WaitForRoom(deadline, cancellationToken))
                return false;
        }

        return true;
    }

    /// <summary>Writes a message with a payload, waiting for room on this thread.</summary>
    /// <inheritdoc cref="Write(in T, CancellationToken)" path="/exception"/>
    /// <exception cref="ArgumentException">The payload is longer than <see cref="PayloadCapacity"/>.</exception>
    /// <exception cref="SystemCallException">There is no memory for a sparse payload (<see cref="MessageOptions.SparsePayloads"/>).</exception>
    public void Write(in T message, ReadOnlySpan<byte> payload, CancellationToken cancellationToken = default)
    {
        while (!_ring.TryWrite(in message, payload))
            _host.WaitForRoom(Deadline.Never, cancellationToken);
    }

    /// <summary>Writes a message, waiting for room without a thread.</summary>
    /// <inheritdoc cref="Write(in T, CancellationToken)" path="/exception"/>
    public ValueTask WriteAsync(T message, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled(cancellationToken)
            : _ring.TryWrite(in message) ? ValueTask.CompletedTask
            : WriteSlowly(message, cancellationToken);

    /// <summary>Waits on this thread until there is room for a message.</summary>
    /// <inheritdoc cref="WaitToWriteAsync"/>
    public bool WaitToWrite(CancellationToken cancellationToken = default) => WaitToWrite(Timeout.InfiniteTimeSpan, cancellationToken);

    /// <summary>Waits on this thread until there is room for a message, but not longer than a given time.</summary>
    /// <returns><see langword="false"/> if the time passed, or there will never be room again, because the broadcast was completed.</returns>
    /// <inheritdoc cref="WaitToWriteAsync" path="/exception"/>
    public bool WaitToWrite(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Deadline deadline = Deadline.After(timeout);
        while (true)
        {
            // As in WaitToWriteAsync.
            if (_ring.IsClosed)
                return _ring.FalseIfCompleted();
            if (_ring.TryMakeSpace())
                return true;
            if (!_host.WaitForRoom(deadline, cancellationToken))
                return false;
        }
    }

    /// <summary>Waits without a thread until there is room for a message.</summary>
    /// <returns><see langword="false"/> if there will never be room again, because the broadcast was completed.</returns>
    /// <exception cref="Exception">The broadcast was completed with an error, which is thrown.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">This writer was disposed.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (true)
        {
            // Where it is time to cut a reader off, that is done here: else there would be no room.
            if (_ring.IsClosed)
                return _ring.FalseIfCompleted();
            if (_ring.TryMakeSpace())
                return true;
            await _host.WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes a slot to be filled in, in place, if there is room.</summary>
    /// <param name="claim">The slot; dispose it.</param>
    /// <inheritdoc cref="TryWrite(in T)" path="/returns"/>
    /// <inheritdoc cref="TryWrite(in T)" path="/exception"/>
    /// <example>
    /// <code>
    /// if (writer.TryClaim(out BroadcastClaim&lt;Quote&gt; claim))
    /// {
    ///     using (claim)
    ///     {
    ///         claim.View.Price = 101.5;
    ///         claim.Commit();
    ///     }
    /// }
    /// </code>
    /// </example>
    public bool TryClaim(out BroadcastClaim<T> claim)
    {
        bool room = _ring.TryBegin();
        claim = room ? new BroadcastClaim<T>(_ring) : default;
        return room;
    }

    /// <summary>
    /// Takes a slot whose payload has at most a given length, if there is room. Where payloads are sparse (<see cref="MessageOptions.SparsePayloads"/>), only
    /// that much is allocated.
    /// </summary>
    /// <param name="payloadLength">How many bytes <see cref="BroadcastClaim{T}.Payload"/> has.</param>
    /// <param name="claim">The slot; dispose it.</param>
    /// <inheritdoc cref="TryWrite(in T, ReadOnlySpan{byte})" path="/returns"/>
    /// <inheritdoc cref="TryWrite(in T, ReadOnlySpan{byte})" path="/exception"/>
    public bool TryClaim(int payloadLength, out BroadcastClaim<T> claim)
    {
        bool room = _ring.TryBegin(payloadLength);
        claim = room ? new BroadcastClaim<T>(_ring, payloadLength) : default;
        return room;
    }

    /// <summary>Takes a slot to be filled in, in place, waiting for room on this thread.</summary>
    /// <returns>The slot; dispose it.</returns>
    /// <inheritdoc cref="Write(in T, CancellationToken)" path="/exception"/>
    public BroadcastClaim<T> Claim(CancellationToken cancellationToken = default)
    {
        BroadcastClaim<T> claim;
        while (!TryClaim(out claim))
            _host.WaitForRoom(Deadline.Never, cancellationToken);
        return claim;
    }

    /// <summary>As <see cref="TryClaim(int, out BroadcastClaim{T})"/>, waiting for room on this thread.</summary>
    /// <returns>The slot; dispose it.</returns>
    /// <inheritdoc cref="Write(in T, ReadOnlySpan{byte}, CancellationToken)" path="/exception"/>
    public BroadcastClaim<T> Claim(int payloadLength, CancellationToken cancellationToken = default)
    {
        BroadcastClaim<T> claim;
        while (!TryClaim(payloadLength, out claim))
            _host.WaitForRoom(Deadline.Never, cancellationToken);
        return claim;
    }

    /// <summary>Says that this was all. Readers read to the end of it, and then find the broadcast complete.</summary>
    /// <param name="error">Why there is no more; null if all is well. Its type's name and its message reach the readers, at most 1,024 bytes.</param>
    /// <exception cref="InvalidOperationException">A claim is open.</exception>
    /// <exception cref="System.Threading.Channels.ChannelClosedException">That was said before.</exception>
    public void Complete(Exception? error = null) => _ring.Complete(error);

    /// <summary>
    /// Closes this end: ends waits with <see cref="ObjectDisposedException"/>, frees the name, tells the readers, who still read what was written, and gives
    /// the memory back. Idempotent and thread-safe.
    /// </summary>
    public void Dispose() => _host.Dispose();

    /// <summary>Another end in this process, see <see cref="SharedBroadcast.CreatePair{T}"/>.</summary>
    internal SharedBroadcastReader<T> OpenReader(PeerRole role = PeerRole.Reader, WaitMode mode = WaitMode.SpinThenPark, WaitFence fence = WaitFence.Auto, bool exactThreadCheck = false) =>
        new(BroadcastClient<T>.Pair(_host, role, new OpenOptions { Wait = mode, Fence = fence, AllowSparsePayloads = true, ExactThreadCheck = exactThreadCheck }));

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WriteSlowly(T message, CancellationToken cancellationToken)
    {
        do
        {
            _ring.ThrowIfClosed();
            await _host.WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
        }
        while (!_ring.TryWrite(in message));
    }
}
