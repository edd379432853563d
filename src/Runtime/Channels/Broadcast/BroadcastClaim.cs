using System.Diagnostics;
using TypedShm.Rings;

namespace TypedShm;

/// <summary>
/// A slot of a broadcast that is the caller's to fill in, in place. <see cref="Commit()"/> publishes it; disposing it without that
/// gives it up, and nobody ever sees it. One claim is open at a time.
/// </summary>
/// <remarks>
/// The slot holds what an earlier message left there: set every field that matters. Where messages may be lost, that earlier message is
/// lost, from the moment of the claim on, to readers that have not read it.
/// </remarks>
/// <example>
/// <code>
/// using BroadcastClaim&lt;Quote&gt; claim = writer.Claim();
/// claim.View.Price = 101.5;
/// claim.Commit();
/// </code>
/// </example>
[DebuggerDisplay("{Value}")]
public readonly ref struct BroadcastClaim<T> : ISharedReference<T>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly RingWriter<T> _writer;
    private readonly ulong _claim;
    private readonly int _room;

    internal BroadcastClaim(RingWriter<T> writer, int room = int.MaxValue)
    {
        _writer = writer;
        _claim = writer.ClaimNumber;
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
    /// <exception cref="ObjectDisposedException">The writer was disposed.</exception>
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
