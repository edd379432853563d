using System.Diagnostics;
using TypedShm.Rings;

namespace TypedShm;

/// <summary>
/// A message that was kept beyond its lease, see <see cref="Lease{T}.Hold"/>. Copies of this value are the same
/// message; disposing any of them gives it back, once. It stays what it is until then, also if its reader is disposed before.
/// </summary>
[DebuggerDisplay("{Value}")]
public readonly struct HeldMessage<T> : IReadOnlySharedReference<T>, IDisposable
    where T : unmanaged, ISharedLayout<T>
{
    private readonly HeldSlot<T> _slot;
    private readonly int _generation;

    internal HeldMessage(HeldSlot<T> slot)
    {
        _slot = slot;
        _generation = slot.Generation;
    }

    /// <summary>The message, in shared memory.</summary>
    /// <exception cref="ObjectDisposedException">It was given back.</exception>
    /// <exception cref="InvalidOperationException">
    /// There is only a copy, see <see cref="SharedMessageReader{T}.IsByReference"/>.
    /// </exception>
    public ref readonly T Value => ref _slot.Value(_generation);

    /// <summary>
    /// The payload, in shared memory. Not to be used after the message was given back: then the writer uses it. What is kept all the same
    /// throws, or shows a later message of the same writer; never one of another queue.
    /// </summary>
    /// <exception cref="ObjectDisposedException">It was given back.</exception>
    public ReadOnlyMemory<byte> Payload => _slot.Payload(_generation);

    /// <summary>Who sent it.</summary>
    /// <exception cref="ObjectDisposedException">It was given back.</exception>
    public SharedPeer Peer => _slot.Peer(_generation);

    /// <inheritdoc cref="Lease{T}.IsRedelivery" path="/summary"/>
    /// <exception cref="ObjectDisposedException">It was given back.</exception>
    public bool IsRedelivery => _slot.IsRedelivery(_generation);

    /// <summary>When it was published, by <see cref="Stopwatch.GetTimestamp"/>, whose clock all processes share.</summary>
    /// <exception cref="ObjectDisposedException">It was given back.</exception>
    /// <exception cref="InvalidOperationException">The queue was created without <see cref="MessageOptions.PublishTimes"/>.</exception>
    public long PublishedAt => _slot.PublishedAt(_generation);

    /// <summary>How long ago it was published.</summary>
    /// <inheritdoc cref="PublishedAt" path="/exception"/>
    public TimeSpan Age => Stopwatch.GetElapsedTime(PublishedAt);

    /// <summary>Gives the message back. Any thread, in any order, any number of times.</summary>
    public void Dispose() => _slot?.Return(_generation);
}
