using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using TypedShm.Channels;
using TypedShm.Rings;
using TypedShm.Transport;

namespace TypedShm;

/// <summary>
/// The reading end of a queue: reads what all its writers wrote, one message from each in turn, in each one's own order.
/// </summary>
/// <typeparam name="T">The <c>[SharedLayout]</c> struct.</typeparam>
/// <remarks>
/// A queue that its reader created is complete when a writer, or as many as <see cref="SharedQueueOptions.Writers"/> says, have completed
/// it and no other is connected: a writer that just goes, or is killed, may have a successor. A queue that its writer created ends with
/// that writer.
/// </remarks>
public sealed class SharedQueueReader<T> : SharedMessageReader<T>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly LaneMerger<T> _inbox;
    private readonly Func<MessageShape> _shape;

    internal SharedQueueReader(QueueReaderHost<T> host)
        : base(host, host.Inbox)
    {
        _inbox = host.Inbox;
        _shape = () => host.Shape;
        Host = host;
    }

    internal SharedQueueReader(QueueReaderClient<T> client)
        : base(client, client.Inbox)
    {
        _inbox = client.Inbox;
        _shape = () => client.Current.Memory.Shape;
        client.Start();
    }

    /// <summary>How many messages there is room for in the lane of each writer.</summary>
    public override int Capacity => _shape().Capacity;

    /// <summary>How many messages were read, of all writers that there were.</summary>
    public long Position => (long)_inbox.CountMessages().Read;

    /// <inheritdoc/>
    public override int PayloadCapacity => _shape().PayloadCapacity;

    /// <summary>What the tests look at.</summary>
    internal QueueReaderHost<T>? Host { get; }

    /// <summary>As <see cref="SharedMessageReader{T}.Has"/>, of one writer, also of one that is gone by now.</summary>
    /// <param name="field"><inheritdoc cref="SharedStructReader{T}.Has" path="/param"/></param>
    /// <param name="peer">The writer, from <see cref="TryRead(out T, out SharedPeer)"/> or <see cref="Lease{T}.Peer"/>.</param>
    /// <exception cref="ArgumentException">
    /// <typeparamref name="T"/> has no such field; or the peer is no writer of a queue, but one of <see cref="SharedEnd.Peers"/>.
    /// </exception>
    /// <exception cref="ObjectDisposedException">This reader was disposed.</exception>
    public bool Has(string field, SharedPeer peer)
    {
        ThrowIfDisposed();
        ArgumentNullException.ThrowIfNull(field);
        ArgumentNullException.ThrowIfNull(peer);
        return peer.Writes is { } writes ? writes.Has(field) : throw new ArgumentException($"{peer} did not come with a message: take "
            + "the peer from TryRead(out message, out peer), or from a lease.", nameof(peer));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public override bool TryRead(out T message) => _inbox.TryRead(out message);

    /// <summary>As <see cref="TryRead(out T)"/>, and says who sent the message.</summary>
    /// <inheritdoc cref="TryRead(out T)"/>
    public bool TryRead(out T message, [NotNullWhen(true)] out SharedPeer? peer) => _inbox.TryRead(out message, out peer);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public override unsafe T Read(CancellationToken cancellationToken = default)
    {
        LaneMerger<T> inbox = _inbox;
        T message;
        if (inbox.TryBeginPlain(out LaneReader<T> lane, out byte* slot, out ulong next))
        {
            message = LaneReader<T>.PlainValueIn(slot);
            inbox.EndPlain(lane, next);
        }
        else
        {
            message = inbox.ReadBegun(cancellationToken);
        }

        return message;
    }

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
    /// <inheritdoc cref="SharedMessageReader{T}.TryRead(out T, TimeSpan, CancellationToken)" path="/returns"/>
    /// <inheritdoc cref="SharedMessageReader{T}.TryRead(out T, TimeSpan, CancellationToken)" path="/exception"/>
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
    /// <inheritdoc cref="Read(CancellationToken)" path="/exception"/>
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
    public bool TryLeaseBatch(int most, out MessageBatch<T> batch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        LaneReader<T>? lane = _inbox.TryBegin();
        batch = lane is null ? default : new MessageBatch<T>(_inbox, lane, lane.Available(most));
        return lane is not null;
    }

    /// <summary>
    /// Reads several messages of one writer in place, as many as are there, waiting for the first one on this thread, but not longer than
    /// a given time.
    /// </summary>
    /// <inheritdoc cref="TryLeaseBatch(int, out MessageBatch{T})" path="/param"/>
    /// <inheritdoc cref="SharedMessageReader{T}.TryRead(out T, TimeSpan, CancellationToken)" path="/returns"/>
    /// <inheritdoc cref="SharedMessageReader{T}.TryRead(out T, TimeSpan, CancellationToken)" path="/exception"/>
    public bool TryLeaseBatch(int most, out MessageBatch<T> batch, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        Deadline deadline = Deadline.After(timeout);
        while (!TryLeaseBatch(most, out batch))
        {
            if (!_inbox.WaitForMessage(deadline, cancellationToken))
                return false;
        }

        return true;
    }

    /// <summary>Reads several messages of one writer in place, as many as are there, waiting for the first one on this thread.</summary>
    /// <param name="most">The most messages to read.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <returns>The messages, at least one; dispose it.</returns>
    /// <inheritdoc cref="Read(CancellationToken)" path="/exception"/>
    public MessageBatch<T> LeaseBatch(int most, CancellationToken cancellationToken = default)
    {
        MessageBatch<T> batch;
        while (!TryLeaseBatch(most, out batch))
            _inbox.WaitOrThrow(cancellationToken);
        return batch;
    }
}
