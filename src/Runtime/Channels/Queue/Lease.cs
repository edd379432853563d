using System.Diagnostics;
using TypedShm.Channels;
using TypedShm.Rings;

namespace TypedShm;

/// <summary>
/// A message of a queue, read in place. The writer does not reuse its slot before the lease is disposed. One lease of a
/// reader is open at a time; <see cref="Hold"/> makes it independent.
/// </summary>
/// <remarks>
/// What comes from a peer is not trusted: the writer's process can change the bytes under the lease if it wants to. Copy a value once,
/// then check it.
/// </remarks>
[DebuggerDisplay("{Value}")]
public readonly ref struct Lease<T> : IReadOnlySharedReference<T>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly LaneMerger<T> _inbox;
    private readonly LaneReader<T> _lane;
    private readonly ulong _position;
    private readonly ReadOnlySpan<byte> _payload;

    internal Lease(LaneMerger<T> inbox, LaneReader<T> lane)
    {
        _inbox = inbox;
        _lane = lane;
        _position = lane.Next;
        _payload = lane.PayloadOf(_position);
        lane.Deliver(1);
    }

    /// <summary>The message, in shared memory.</summary>
    /// <exception cref="InvalidOperationException">
    /// The lease was disposed; or there is only a copy, see <see cref="SharedMessageReader{T}.IsByReference"/>.
    /// </exception>
    public ref readonly T Value
    {
        get
        {
            ThrowIfOver();
            return ref _lane.ReferenceTo(_position);
        }
    }

    /// <summary>The payload, in shared memory; empty if it has none.</summary>
    /// <exception cref="InvalidOperationException">The lease was disposed.</exception>
    public ReadOnlySpan<byte> Payload
    {
        get
        {
            ThrowIfOver();
            return _payload;
        }
    }

    /// <summary>Who sent it.</summary>
    public SharedPeer Peer => _lane.Peer;

    /// <summary>
    /// Whether a reader before this one, which is gone, may have got the message too: it had read it, and not given it back. Only
    /// of a producer that has kept what it wrote (<see cref="OpenOptions.Producer"/>).
    /// </summary>
    public bool IsRedelivery => _lane.IsRedelivery(_position);

    /// <summary>When it was published, by <see cref="Stopwatch.GetTimestamp"/>, whose clock all processes share.</summary>
    /// <exception cref="InvalidOperationException">The queue was created without <see cref="MessageOptions.PublishTimes"/>.</exception>
    public long PublishedAt => _lane.Slots.TimeOf(_position);

    /// <summary>How long ago it was published.</summary>
    /// <inheritdoc cref="PublishedAt" path="/exception"/>
    public TimeSpan Age => Stopwatch.GetElapsedTime(PublishedAt);

    /// <summary>The payload as elements of a type; bytes that do not make up a whole one are left out.</summary>
    /// <exception cref="InvalidOperationException">The lease was disposed, or the payload is not aligned for the type.</exception>
    public ReadOnlySpan<TElement> PayloadAs<TElement>()
        where TElement : unmanaged => Channels.Payload.As<TElement>(Payload);

    /// <summary>
    /// Keeps the message beyond the lease, which ends: across awaits, on other threads, and while later ones are read.
    /// Messages that are held can be given back in any order; the writer waits for the oldest.
    /// </summary>
    /// <returns>The message; dispose it.</returns>
    public HeldMessage<T> Hold()
    {
        ThrowIfOver();
        return new HeldMessage<T>(_inbox.Hold(_lane, _payload.Length));
    }

    /// <summary>Gives the slot back.</summary>
    public void Dispose()
    {
        // A lease that was held, or disposed before, is no longer the reader's next message.
        if (_lane is null || _lane.Next != _position)
            return;
        _lane.Advance(1);
        _inbox.Exit();
    }

    private void ThrowIfOver()
    {
        if (_lane.Next != _position)
            throw new InvalidOperationException(
                "The lease is over: it was disposed, or held. Use the held message, or take the next lease.");
    }
}
