using System.Runtime.CompilerServices;
using TypedShm.Channels;
using TypedShm.Rings;
using TypedShm.Transport;

namespace TypedShm;

/// <summary>The writing end of a queue: one lane to its reader.</summary>
/// <typeparam name="T">The <c>[SharedLayout]</c> struct.</typeparam>
/// <remarks>
/// For one thread at a time, which is checked, see <see cref="OpenOptions.ExactThreadCheck"/>; <see cref="AddLane(CancellationToken)"/>
/// gives another thread a writer of its own.
/// </remarks>
public sealed class SharedQueueWriter<T> : SharedMessageWriter<T>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly ReconnectingLane<T> _outbox;
    private readonly QueueWriterClient<T>? _client;

    internal SharedQueueWriter(QueueWriterHost<T> host)
        : base(host, host.Outbox) => _outbox = host.Outbox;

    internal SharedQueueWriter(QueueWriterClient<T> client)
        : base(client, client.Outbox)
    {
        _client = client;
        _outbox = client.Outbox;
        client.Start();
    }

    /// <inheritdoc/>
    public override int Capacity => _outbox.Lane.Lane.Shape.Capacity;

    /// <inheritdoc/>
    public override int PayloadCapacity => _outbox.Lane.PayloadCapacity;

    /// <summary>
    /// How many messages were written, to all readers that there were. Of a producer (<see cref="OpenOptions.Producer"/>) those of former
    /// processes of its name count too, as far as the reader has got them: it is the number of the message that is written next.
    /// </summary>
    public long Position => (long)_outbox.Position;

    /// <summary>
    /// How many messages the reader has not read yet; of a reader that is gone, none, unless they are kept for the next one
    /// (<see cref="OpenOptions.Producer"/>).
    /// </summary>
    public int Count => _outbox.Lane.Unread;

    /// <summary>
    /// How many messages were written to readers that are gone and had not read them. Grows only with
    /// <see cref="OpenOptions.Reconnect"/>, or once; with <see cref="OpenOptions.Producer"/> too, they are kept for the next reader.
    /// </summary>
    public long Lost => (long)_outbox.Lost;

    /// <inheritdoc/>
    public override SharedRegion Region => _outbox.Lane.Lane.Region;

    /// <summary>What the tests look at.</summary>
    internal QueueWriterClient<T>? Client => _client;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public override bool TryWrite(in T message) => _outbox.Lane.TryWrite(in message);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public override void Write(in T message, CancellationToken cancellationToken = default)
    {
        if (!_outbox.Lane.TryWrite(in message))
            _outbox.WriteLater(in message, cancellationToken);
    }

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
        claim = room ? new Claim<T>(lane, lane.ClaimNumber) : default;
        return room;
    }

    /// <summary>
    /// Takes a slot whose payload has at most a given length, if there is room. Where payloads are sparse
    /// (<see cref="MessageOptions.SparsePayloads"/>), only that much is allocated.
    /// </summary>
    /// <param name="payloadLength">How many bytes <see cref="Claim{T}.Payload"/> has.</param>
    /// <param name="claim">The slot; dispose it.</param>
    /// <inheritdoc cref="SharedMessageWriter{T}.TryWrite(in T, ReadOnlySpan{byte})" path="/returns"/>
    /// <inheritdoc cref="SharedMessageWriter{T}.TryWrite(in T, ReadOnlySpan{byte})" path="/exception"/>
    public bool TryClaim(int payloadLength, out Claim<T> claim)
    {
        LaneWriter<T> lane = _outbox.Lane;
        bool room = lane.TryBegin(1, payloadLength);
        claim = room ? new Claim<T>(lane, lane.ClaimNumber, payloadLength) : default;
        return room;
    }

    /// <summary>Takes a slot to be filled in, in place, waiting for room on this thread, but not longer than a given time.</summary>
    /// <param name="claim">The slot; dispose it.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <returns><see langword="false"/> if the time passed.</returns>
    /// <inheritdoc cref="Write(in T, CancellationToken)" path="/exception"/>
    public bool TryClaim(out Claim<T> claim, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        Deadline deadline = Deadline.After(timeout);
        while (!TryClaim(out claim))
        {
            if (!_outbox.WaitForSpace(1, deadline, cancellationToken))
                return false;
        }

        return true;
    }

    /// <summary>As <see cref="TryClaim(int, out Claim{T})"/>, waiting for room on this thread, but not longer than a given time.</summary>
    /// <param name="payloadLength">How many bytes <see cref="Claim{T}.Payload"/> has.</param>
    /// <param name="claim">The slot; dispose it.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <returns><see langword="false"/> if the time passed.</returns>
    /// <inheritdoc cref="SharedMessageWriter{T}.Write(in T, ReadOnlySpan{byte}, CancellationToken)" path="/exception"/>
    public bool TryClaim(int payloadLength, out Claim<T> claim, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        Deadline deadline = Deadline.After(timeout);
        while (!TryClaim(payloadLength, out claim))
        {
            if (!_outbox.WaitForSpace(1, deadline, cancellationToken))
                return false;
        }

        return true;
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
    /// <inheritdoc cref="SharedMessageWriter{T}.Write(in T, ReadOnlySpan{byte}, CancellationToken)" path="/exception"/>
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
    /// <inheritdoc cref="SharedMessageWriter{T}.TryWriteBatch(ReadOnlySpan{T})" path="/returns"/>
    /// <inheritdoc cref="SharedMessageWriter{T}.TryWriteBatch(ReadOnlySpan{T})" path="/exception"/>
    public bool TryClaimBatch(int count, out BatchClaim<T> claim)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        LaneWriter<T> lane = _outbox.Lane;
        bool room = lane.TryBegin(count);
        claim = room ? new BatchClaim<T>(lane, lane.ClaimNumber, count) : default;
        return room;
    }

    /// <summary>
    /// Takes several slots to be filled in and published together, waiting on this thread for room for all, but not longer than a given
    /// time.
    /// </summary>
    /// <param name="count">How many.</param>
    /// <param name="claim">The slots; dispose it.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <returns><see langword="false"/> if the time passed.</returns>
    /// <inheritdoc cref="SharedMessageWriter{T}.WriteBatch" path="/exception"/>
    public bool TryClaimBatch(int count, out BatchClaim<T> claim, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        Deadline deadline = Deadline.After(timeout);
        while (!TryClaimBatch(count, out claim))
        {
            if (!_outbox.WaitForSpace(count, deadline, cancellationToken))
                return false;
        }

        return true;
    }

    /// <summary>Takes several slots to be filled in and published together, waiting on this thread for room for all.</summary>
    /// <param name="count">How many.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <returns>The slots; dispose it.</returns>
    /// <inheritdoc cref="SharedMessageWriter{T}.WriteBatch" path="/exception"/>
    public BatchClaim<T> ClaimBatch(int count, CancellationToken cancellationToken = default)
    {
        BatchClaim<T> claim;
        while (!TryClaimBatch(count, out claim))
            _outbox.WaitForSpace(count, Deadline.Never, cancellationToken);
        return claim;
    }

    /// <summary>
    /// Opens another lane to the same reader, for another thread: a writer of its own, which counts as a peer of its own.
    /// The order of messages is kept within each.
    /// </summary>
    /// <param name="cancellationToken">Gives up connecting.</param>
    /// <returns>The writer; dispose it.</returns>
    /// <exception cref="InvalidOperationException">
    /// This writer created the queue; only a queue that its reader created can have several. Or it is a producer, which has one lane.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">This writer was disposed, before or while the other one connected.</exception>
    public SharedQueueWriter<T> AddLane(CancellationToken cancellationToken = default) =>
        AddLane(onThisThread: true, cancellationToken).AsTask().GetAwaiter().GetResult();

    /// <summary>As <see cref="AddLane(CancellationToken)"/>, but occupies no thread.</summary>
    /// <inheritdoc cref="AddLane(CancellationToken)"/>
    public ValueTask<SharedQueueWriter<T>> AddLaneAsync(CancellationToken cancellationToken = default) =>
        AddLane(onThisThread: false, cancellationToken);

    private async ValueTask<SharedQueueWriter<T>> AddLane(bool onThisThread, CancellationToken cancellationToken)
    {
        if (_client is null)
            throw new InvalidOperationException("A queue that was created by its writer has one lane. Let the reader create it "
                + "(SharedQueue.CreateReader), then any number of writers can open it.");
        SharedQueueWriter<T> another = new(await _client.OpenAnother(onThisThread, cancellationToken).ConfigureAwait(false));
        if (_client.IsDisposed)
        {
            another.Dispose();
            _client.ThrowIfDisposed();
        }

        return another;
    }
}
