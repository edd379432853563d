using TypedShm.Channels;
using TypedShm.Rings;
using TypedShm.Transport;

namespace TypedShm;

/// <summary>The writing end of a broadcast.</summary>
/// <typeparam name="T">The <c>[SharedLayout]</c> struct.</typeparam>
/// <remarks>
/// There is room at any time unless the broadcast is lossless (<see cref="SharedBroadcastOptions.Lossless"/>). For one thread at a time,
/// which is checked, see <see cref="ChannelOptions.ExactThreadCheck"/>.
/// </remarks>
public sealed class SharedBroadcastWriter<T> : SharedMessageWriter<T>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly BroadcastHost<T> _host;
    private readonly RingWriter<T> _ring;

    internal SharedBroadcastWriter(BroadcastHost<T> host)
        : base(host, host)
    {
        _host = host;
        _ring = host.Writer;
    }

    /// <summary>Whether the writer waits for its readers.</summary>
    public bool IsLossless => _ring.Ring.Shape.IsLossless;

    /// <inheritdoc/>
    public override int Capacity => _ring.Ring.Shape.Messages.Capacity;

    /// <inheritdoc/>
    public override int PayloadCapacity => _ring.PayloadCapacity;

    /// <summary>How many messages were written: the number of the next one.</summary>
    public long Position => (long)_ring.Written;

    /// <inheritdoc/>
    public override SharedRegion Region => _ring.Ring.Region;

    /// <inheritdoc/>
    public override bool TryWrite(in T message) => _ring.TryWrite(in message);

    /// <inheritdoc/>
    public override void Write(in T message, CancellationToken cancellationToken = default)
    {
        while (!_ring.TryWrite(in message))
            _host.WaitForSpace(1, Deadline.Never, cancellationToken);
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
    /// Takes a slot whose payload has at most a given length, if there is room. Where payloads are sparse
    /// (<see cref="MessageOptions.SparsePayloads"/>), only that much is allocated.
    /// </summary>
    /// <param name="payloadLength">How many bytes <see cref="BroadcastClaim{T}.Payload"/> has.</param>
    /// <param name="claim">The slot; dispose it.</param>
    /// <inheritdoc cref="SharedMessageWriter{T}.TryWrite(in T, ReadOnlySpan{byte})" path="/returns"/>
    /// <inheritdoc cref="SharedMessageWriter{T}.TryWrite(in T, ReadOnlySpan{byte})" path="/exception"/>
    public bool TryClaim(int payloadLength, out BroadcastClaim<T> claim)
    {
        bool room = _ring.TryBegin(payloadLength);
        claim = room ? new BroadcastClaim<T>(_ring, payloadLength) : default;
        return room;
    }

    /// <summary>Takes a slot to be filled in, in place, waiting for room on this thread, but not longer than a given time.</summary>
    /// <param name="claim">The slot; dispose it.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <returns><see langword="false"/> if the time passed.</returns>
    /// <inheritdoc cref="Write(in T, CancellationToken)" path="/exception"/>
    public bool TryClaim(out BroadcastClaim<T> claim, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        Deadline deadline = Deadline.After(timeout);
        while (!TryClaim(out claim))
        {
            if (!_host.WaitForSpace(1, deadline, cancellationToken))
                return false;
        }

        return true;
    }

    /// <summary>
    /// As <see cref="TryClaim(int, out BroadcastClaim{T})"/>, waiting for room on this thread, but not longer than a given time.
    /// </summary>
    /// <param name="payloadLength">How many bytes <see cref="BroadcastClaim{T}.Payload"/> has.</param>
    /// <param name="claim">The slot; dispose it.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <returns><see langword="false"/> if the time passed.</returns>
    /// <inheritdoc cref="SharedMessageWriter{T}.Write(in T, ReadOnlySpan{byte}, CancellationToken)" path="/exception"/>
    public bool TryClaim(int payloadLength, out BroadcastClaim<T> claim, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        Deadline deadline = Deadline.After(timeout);
        while (!TryClaim(payloadLength, out claim))
        {
            if (!_host.WaitForSpace(1, deadline, cancellationToken))
                return false;
        }

        return true;
    }

    /// <summary>Takes a slot to be filled in, in place, waiting for room on this thread.</summary>
    /// <returns>The slot; dispose it.</returns>
    /// <inheritdoc cref="Write(in T, CancellationToken)" path="/exception"/>
    public BroadcastClaim<T> Claim(CancellationToken cancellationToken = default)
    {
        BroadcastClaim<T> claim;
        while (!TryClaim(out claim))
            _host.WaitForSpace(1, Deadline.Never, cancellationToken);
        return claim;
    }

    /// <summary>As <see cref="TryClaim(int, out BroadcastClaim{T})"/>, waiting for room on this thread.</summary>
    /// <returns>The slot; dispose it.</returns>
    /// <inheritdoc cref="SharedMessageWriter{T}.Write(in T, ReadOnlySpan{byte}, CancellationToken)" path="/exception"/>
    public BroadcastClaim<T> Claim(int payloadLength, CancellationToken cancellationToken = default)
    {
        BroadcastClaim<T> claim;
        while (!TryClaim(payloadLength, out claim))
            _host.WaitForSpace(1, Deadline.Never, cancellationToken);
        return claim;
    }

    /// <summary>Another end in this process, see <see cref="SharedBroadcast.CreatePair{T}"/>.</summary>
    internal SharedBroadcastReader<T> OpenReader(PeerRole role = PeerRole.Reader, WaitMode mode = WaitMode.SpinThenPark,
        WaitFence fence = WaitFence.Auto, bool exactThreadCheck = false) =>
        new(BroadcastClient<T>.Pair(
            _host, role, new OpenOptions { Wait = mode, Fence = fence, AllowSparsePayloads = true, ExactThreadCheck = exactThreadCheck }));
}
