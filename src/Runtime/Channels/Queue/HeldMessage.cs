using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using TypedShm.Rings;

namespace TypedShm;

/// <summary>
/// A message that was kept beyond its lease, see <see cref="Lease{T}.Hold"/>. Copies of this value are the same
/// message; disposing any of them gives it back, once.
/// </summary>
public readonly struct HeldMessage<T> : IDisposable
    where T : unmanaged, ISharedLayout<T>
{
    private readonly HeldSlot<T> _slot;
    private readonly int _generation;

    internal HeldMessage(HeldSlot<T> slot, int generation)
    {
        _slot = slot;
        _generation = generation;
    }

    /// <summary>The message, in shared memory.</summary>
    /// <exception cref="ObjectDisposedException">It was given back.</exception>
    public ref readonly T Value => ref _slot.Value(_generation);

    /// <summary>The payload, in shared memory. Not to be used after the message was given back: then the writer uses it.</summary>
    /// <exception cref="ObjectDisposedException">It was given back.</exception>
    public ReadOnlyMemory<byte> Payload => _slot.Payload(_generation);

    /// <summary>Who sent it.</summary>
    /// <exception cref="ObjectDisposedException">It was given back.</exception>
    public SharedPeer Peer => _slot.Lane(_generation).Peer;

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

/// <summary>What a <see cref="HeldMessage{T}"/> stands for; used again and again, so that holding allocates nothing.</summary>
internal sealed unsafe class HeldSlot<T> : MemoryManager<byte>
    where T : unmanaged, ISharedLayout<T>
{
    private const int MaxSpares = 64;

    private static readonly ConcurrentQueue<HeldSlot<T>> s_spares = new();

    private LaneReader<T> _lane = null!;
    private ulong _position;
    private int _length;

    // Even while it is free. A copy of the value that outlives the message has another number.
    private int _generation;

    /// <summary>Holds the lane's next message.</summary>
    public static HeldMessage<T> Rent(LaneReader<T> lane, int payloadLength)
    {
        if (!s_spares.TryDequeue(out HeldSlot<T>? slot))
            slot = new HeldSlot<T>();
        slot._lane = lane;
        slot._length = payloadLength;
        slot._position = lane.Hold();
        Volatile.Write(ref slot._generation, slot._generation + 1);
        return new HeldMessage<T>(slot, slot._generation);
    }

    public LaneReader<T> Lane(int generation)
    {
        ObjectDisposedException.ThrowIf(generation != Volatile.Read(ref _generation), typeof(HeldMessage<T>));
        return _lane;
    }

    public ref readonly T Value(int generation) => ref *(T*)Lane(generation).ValueOf(_position);

    public ReadOnlyMemory<byte> Payload(int generation)
    {
        Lane(generation);
        return CreateMemory(_length);
    }

    public long PublishedAt(int generation) => Lane(generation).TimeOf(_position);

    public void Return(int generation)
    {
        // Exactly one of those who give it back at once.
        if (Interlocked.CompareExchange(ref _generation, generation + 1, generation) != generation)
            return;
        _lane.Release(_position);
        if (s_spares.Count < MaxSpares)
            s_spares.Enqueue(this);
    }

    public override Span<byte> GetSpan() => new(_lane.SlotOf(_position) + _lane.Lane.Layout.PayloadOffset, _length);

    // Shared memory does not move.
    public override MemoryHandle Pin(int elementIndex = 0) => new(_lane.SlotOf(_position) + _lane.Lane.Layout.PayloadOffset + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
