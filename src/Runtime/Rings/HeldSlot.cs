using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace TypedShm.Rings;

/// <summary>
/// What a message stands for that is held. Used again for later messages of the same lane, so that holding allocates nothing: bytes that
/// somebody keeps beyond the message are at worst those of another message of the same writer.
/// </summary>
internal sealed unsafe class HeldSlot<T>(LaneReader<T> lane) : MemoryManager<byte>
    where T : unmanaged, ISharedLayout<T>
{
    private ulong _position;
    private int _length;

    // Odd while a message is held. A copy of the value that outlives the message has another number.
    private int _generation;

    public int Generation => Volatile.Read(ref _generation);

    /// <summary>From now on it stands for a message that is held.</summary>
    public void Begin(ulong position, int payloadLength)
    {
        _position = position;
        _length = payloadLength;
        Volatile.Write(ref _generation, _generation + 1);
    }

    public SharedPeer Peer(int generation)
    {
        Check(generation);
        return lane.Peer;
    }

    public ref readonly T Value(int generation)
    {
        Check(generation);
        return ref lane.ReferenceTo(_position);
    }

    public ReadOnlyMemory<byte> Payload(int generation)
    {
        Check(generation);
        return CreateMemory(_length);
    }

    public bool IsRedelivery(int generation)
    {
        Check(generation);
        return lane.IsRedelivery(_position);
    }

    public long PublishedAt(int generation)
    {
        Check(generation);
        return lane.Slots.TimeOf(_position);
    }

    /// <summary>Gives the message back. Any thread, any number of times.</summary>
    public void Return(int generation)
    {
        // Exactly one of those who give it back at once.
        if ((generation & 1) == 0 || Interlocked.CompareExchange(ref _generation, generation + 1, generation) != generation)
            return;
        lane.Release(this, _position);
    }

    public override Span<byte> GetSpan()
    {
        CheckHeld();
        return new Span<byte>(lane.Slots.PayloadOf(_position), _length);
    }

    // Shared memory does not move.
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        CheckHeld();
        return new MemoryHandle(lane.Slots.PayloadOf(_position) + elementIndex);
    }

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }

    private void Check(int generation)
    {
        if (generation != Generation)
            ThrowReleased();
    }

    // Memory does not know the generation that it was made for, but it is never of a message of another lane.
    private void CheckHeld()
    {
        if ((Generation & 1) == 0)
            ThrowReleased();
    }

    [DoesNotReturn]
    private static void ThrowReleased() => throw new ObjectDisposedException("HeldMessage",
        "The held message was given back: it was disposed. Its slot is the writer's again.");
}
