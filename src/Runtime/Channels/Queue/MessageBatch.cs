using System.Diagnostics;
using TypedShm.Channels;
using TypedShm.Rings;

namespace TypedShm;

/// <summary>
/// Messages of a queue that follow each other, read in place. They are no span, since a sequence stands before each
/// of them. Disposing the batch gives all their slots back. Not to be trusted more than a <see cref="Lease{T}"/>.
/// </summary>
[DebuggerDisplay("{Count} messages")]
public readonly ref struct MessageBatch<T>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly LaneMerger<T> _inbox;
    private readonly LaneReader<T> _lane;
    private readonly ulong _position;

    internal MessageBatch(LaneMerger<T> inbox, LaneReader<T> lane, int count)
    {
        _inbox = inbox;
        _lane = lane;
        _position = lane.Next;
        Count = count;
        lane.Deliver(count);
    }

    /// <summary>How many messages there are.</summary>
    public int Count { get; }

    /// <summary>Who sent them.</summary>
    public SharedPeer Peer => _lane.Peer;

    /// <summary>One of the messages, in shared memory.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such message.</exception>
    /// <exception cref="InvalidOperationException">
    /// The batch was disposed; or there are only copies, see <see cref="SharedMessageReader{T}.IsByReference"/>: use <see cref="CopyTo"/>.
    /// </exception>
    public ref readonly T this[int index] => ref _lane.ReferenceTo(At(index));

    /// <summary>The payload of one of the messages, in shared memory; empty if it has none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such message.</exception>
    /// <exception cref="InvalidOperationException">The batch was disposed.</exception>
    public ReadOnlySpan<byte> Payload(int index) => _lane.PayloadOf(At(index));

    /// <summary>As <see cref="Lease{T}.IsRedelivery"/>, of one of the messages.</summary>
    /// <inheritdoc cref="Payload" path="/exception"/>
    public bool IsRedelivery(int index) => _lane.IsRedelivery(At(index));

    /// <summary>When one of the messages was published, by <see cref="Stopwatch.GetTimestamp"/>.</summary>
    /// <inheritdoc cref="Payload" path="/exception"/>
    public long PublishedAt(int index) => _lane.Slots.TimeOf(At(index));

    /// <summary>Copies the messages out.</summary>
    /// <exception cref="ArgumentException">There is not enough room.</exception>
    public void CopyTo(Span<T> destination)
    {
        if (destination.Length < Count)
            throw new ArgumentException(
                $"The batch has {Count} messages, but there is room for {destination.Length}.", nameof(destination));
        ThrowIfDisposed();
        _lane.CopyTo(_position, destination[..Count]);
    }

    /// <summary>Goes through the messages.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>Gives the slots back.</summary>
    public void Dispose()
    {
        if (_lane is null || _lane.Next != _position)
            return;
        _lane.Advance(Count);
        _inbox.Exit();
    }

    private ulong At(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        ThrowIfDisposed();
        return _position + (ulong)index;
    }

    private void ThrowIfDisposed()
    {
        if (_lane.Next != _position)
            throw new InvalidOperationException("The batch was disposed.");
    }

    /// <summary>Goes through a <see cref="MessageBatch{T}"/>.</summary>
    public ref struct Enumerator
    {
        private readonly MessageBatch<T> _batch;
        private int _index;

        internal Enumerator(MessageBatch<T> batch)
        {
            _batch = batch;
            _index = -1;
        }

        /// <summary>The message, in shared memory.</summary>
        public readonly ref readonly T Current => ref _batch[_index];

        /// <summary>Goes to the next message.</summary>
        public bool MoveNext() => ++_index < _batch.Count;
    }
}
