using System.Diagnostics;
using TypedShm.Rings;

namespace TypedShm;

/// <summary>
/// A slot of a queue that is the caller's to fill in, in place. <see cref="Commit()"/> publishes it; disposing it without
/// that gives it up, and nobody ever sees it. One claim of a writer is open at a time.
/// </summary>
/// <remarks>
/// The slot holds what an earlier message left there: set every field that matters. The reader can, if it wants, look at a slot before it
/// is committed.
/// </remarks>
/// <example>
/// <code>
/// using Claim&lt;Quote&gt; claim = writer.Claim();
/// claim.View.Price = 101.5;
/// claim.Commit();
/// </code>
/// </example>
[DebuggerDisplay("{Value}")]
public readonly ref struct Claim<T> : ISharedReference<T>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly LaneWriter<T> _writer;
    private readonly ulong _claim;
    private readonly int _room;

    internal Claim(LaneWriter<T> writer, ulong claim, int room = int.MaxValue)
    {
        _writer = writer;
        _claim = claim;
        _room = room;
    }

    /// <summary>The message, in shared memory.</summary>
    /// <exception cref="InvalidOperationException">The claim was committed or disposed.</exception>
    public ref T Value => ref _writer.ClaimedValue(_claim);

    /// <summary>
    /// The room for the message's payload, in shared memory: as many bytes as were claimed, else
    /// <see cref="MessageOptions.PayloadCapacity"/>. Where payloads are sparse (<see cref="MessageOptions.SparsePayloads"/>), a claim of
    /// no stated length allocates all of it when this is first asked for.
    /// </summary>
    /// <exception cref="InvalidOperationException">The claim was committed or disposed.</exception>
    /// <exception cref="SystemCallException">There is no memory for a sparse payload.</exception>
    public Span<byte> Payload => _writer.ClaimedPayload(_claim, _room);

    /// <summary>The room for the payload as elements of a type.</summary>
    /// <exception cref="InvalidOperationException">
    /// The claim was committed or disposed, or the payload is not aligned for the type.
    /// </exception>
    /// <inheritdoc cref="Payload" path="/exception[@cref='T:TypedShm.SystemCallException']"/>
    public Span<TElement> PayloadAs<TElement>()
        where TElement : unmanaged => Channels.Payload.As<TElement>(Payload);

    /// <summary>Publishes the message, without payload.</summary>
    /// <exception cref="InvalidOperationException">The claim was committed or disposed.</exception>
    /// <exception cref="PeerGoneException">The reader is gone.</exception>
    public void Commit() => _writer.CommitClaim(_claim, 0);

    /// <summary>Publishes the message with the first <paramref name="payloadLength"/> bytes of its payload.</summary>
    /// <inheritdoc cref="Commit()" path="/exception"/>
    /// <exception cref="ArgumentException">That is more than there is room for.</exception>
    public void Commit(int payloadLength)
    {
        if (payloadLength > _room)
            Channels.Payload.ThrowLongerThanClaimed(payloadLength, _room);
        _writer.CommitClaim(_claim, payloadLength);
    }

    /// <summary>Gives the claim up, unless it was committed.</summary>
    public void Dispose() => _writer?.AbortClaim(_claim);
}

/// <summary>
/// Several slots of a queue that are published together: the reader sees all of them or, if this process ends before the
/// commit is done, none. See <see cref="Claim{T}"/>.
/// </summary>
[DebuggerDisplay("{Count} claimed")]
public readonly ref struct BatchClaim<T>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly LaneWriter<T> _writer;
    private readonly ulong _claim;

    internal BatchClaim(LaneWriter<T> writer, ulong claim, int count)
    {
        _writer = writer;
        _claim = claim;
        Count = count;
    }

    /// <summary>How many messages were claimed.</summary>
    public int Count { get; }

    /// <summary>One of the messages, in shared memory.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such message.</exception>
    /// <exception cref="InvalidOperationException">The claim was committed or disposed.</exception>
    public ref T this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            return ref _writer.ClaimedValue(_claim, index);
        }
    }

    /// <summary>Publishes all the messages.</summary>
    /// <inheritdoc cref="Claim{T}.Commit()" path="/exception"/>
    public void Commit() => _writer.CommitClaims(_claim, Count);

    /// <summary>Gives the claim up, unless it was committed.</summary>
    public void Dispose() => _writer?.AbortClaim(_claim);
}
