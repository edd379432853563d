using TypedShm.Channels;
using TypedShm.Transport;

namespace TypedShm;

/// <summary>
/// A reading end of a broadcast: sees every message that was written since it joined, in order, or learns how many it lost.
/// </summary>
/// <typeparam name="T">The <c>[SharedLayout]</c> struct.</typeparam>
/// <remarks>
/// A broadcast ends when its writer has completed it, or is gone; in the latter case, with <see cref="OpenOptions.Reconnect"/>, the
/// messages of the next process that creates it follow. Each thread opens a reader of its own. <see cref="Position"/> is always
/// <see cref="Start"/> plus what was received plus what was <see cref="Lost"/>, as far as one writer's messages go.
/// </remarks>
public sealed class SharedBroadcastReader<T> : SharedMessageReader<T>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly BroadcastInbox<T> _inbox;

    internal SharedBroadcastReader(BroadcastClient<T> client)
        : base(client, client.Inbox)
    {
        _inbox = client.Inbox;
        client.Start();
    }

    internal Link Link => _inbox.Ring.Link;

    /// <summary>Whether the writer waits for this reader.</summary>
    public bool IsLossless => _inbox.Ring.Ring.Shape.IsLossless;

    /// <inheritdoc/>
    public override int Capacity => _inbox.Ring.Ring.Shape.Messages.Capacity;

    /// <inheritdoc/>
    public override int PayloadCapacity => _inbox.Ring.Ring.Layout.PayloadCapacity;

    /// <summary>The number of the first message that this reader was to get, counted from the writer's first, which is 0.</summary>
    public long Start => (long)_inbox.Ring.Start;

    /// <summary>The number of the message that is read next.</summary>
    public long Position => (long)_inbox.Ring.Next;

    /// <summary>
    /// How many messages were overwritten before this reader came to them, in all. Exact, once a read has found no more messages.
    /// </summary>
    public long Lost => _inbox.Lost;

    /// <summary>The region that holds the messages, for interoperation with native code.</summary>
    public SharedRegion Region => _inbox.Ring.Ring.Region;

    /// <inheritdoc/>
    public override bool TryRead(out T message) => _inbox.TryRead(out message);

    /// <summary>
    /// As <see cref="TryRead(out T)"/>, and says how many messages this call found to have been lost: those right before this one.
    /// </summary>
    /// <inheritdoc cref="TryRead(out T)"/>
    public bool TryRead(out T message, out long lost) => _inbox.TryRead(out message, out lost);

    /// <inheritdoc/>
    public override T Read(CancellationToken cancellationToken = default) =>
        _inbox.TryRead(out T message) ? message : _inbox.ReadLater(cancellationToken);

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
    /// <inheritdoc cref="SharedMessageReader{T}.TryRead(out T, TimeSpan, CancellationToken)" path="/returns"/>
    /// <inheritdoc cref="SharedMessageReader{T}.TryRead(out T, TimeSpan, CancellationToken)" path="/exception"/>
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
    /// <inheritdoc cref="Read(CancellationToken)" path="/exception"/>
    public BroadcastLease<T> Lease(CancellationToken cancellationToken = default)
    {
        BroadcastLease<T> lease;
        while (!TryLease(out lease))
            _inbox.WaitOrThrow(cancellationToken);
        return lease;
    }
}
