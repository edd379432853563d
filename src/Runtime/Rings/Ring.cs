using TypedShm.Interop;
using TypedShm.Layout;
using TypedShm.Memory;

namespace TypedShm.Rings;

/// <summary>What both ends of a broadcast must know: travels in the Welcome.</summary>
internal readonly record struct RingShape(MessageShape Messages, bool IsLossless)
{
    private const int LosslessIndex = 4;

    /// <summary>As parameters of a Welcome.</summary>
    public long[] ToParameters() => [.. Messages.ToParameters(), IsLossless ? 1 : 0];

    /// <summary>From parameters of a Welcome, which are not trusted.</summary>
    /// <exception cref="ProtocolException">They are impossible.</exception>
    public static RingShape FromParameters(long[] parameters)
    {
        if (parameters is not [_, _, _, _, 0 or 1, ..])
            throw new ProtocolException($"The peer sent the parameters [{string.Join(", ", parameters)}], which describe no broadcast.");
        return new RingShape(MessageShape.FromParameters(parameters), parameters[LosslessIndex] == 1);
    }
}

/// <summary>
/// The memory of a broadcast: a ring of slots that all readers share, the number of messages written so far, and the end. Message
/// n stands in slot n % capacity, under the sequence 2n + 2; while the writer fills it in, the sequence is 2n + 1.
/// </summary>
internal sealed unsafe class Ring : IDisposable
{
    /// <summary>
    /// More messages than will ever be written: 60 years of one in a nanosecond. Beyond it the arithmetic of sequences could overflow.
    /// </summary>
    public const ulong MaxCount = 1UL << 61;

    private const int CompletionOffset = ControlWords.Spacing;
    public const int ControlLength = CompletionOffset + CompletionRecord.Length;

    private readonly ulong* _tail;

    private Ring(SharedRegion region, RingShape shape)
    {
        Region = region;
        Shape = shape;
        Layout = region.Header.Slot;
        byte* control = (byte*)region.Address + region.Header.ControlOffset;
        Completion = new CompletionRecord(control + CompletionOffset);
        _tail = (ulong*)control;
    }

    public SharedRegion Region { get; }

    public RingShape Shape { get; }

    public SlotLayout Layout { get; }

    public ulong Capacity => (ulong)Shape.Messages.Capacity;

    /// <summary>How many messages were written so far: where a reader starts, and where it goes on when it was lapped.</summary>
    public ref ulong Tail => ref *_tail;

    public CompletionRecord Completion { get; }

    public static Ring Create<T>(string name, RingShape shape, MemoryOptions? memory = null)
        where T : unmanaged, ISharedLayout<T>
    {
        (SlotLayout layout, long stride) = shape.Messages.Slots<T>();
        return new Ring(SharedRegion.Create($"typedshm:{name}", RegionKind.Broadcast, T.LayoutJson, CheckedLayout.Of<T>(), ControlLength,
            stride, shape.Messages.Capacity, layout, shape.Messages.IsSparse, memory), shape);
    }

    /// <summary>Maps the ring of a writer with this layout.</summary>
    public static SharedRegion Attach(SafeDescriptor file, long size, RingShape shape, LayoutDescriptor layout) =>
        shape.Messages.Attach(file, "the broadcast", RegionKind.Broadcast, size, layout, ControlLength);

    /// <summary>Takes over a region that was attached before.</summary>
    public static Ring From(SharedRegion region, RingShape shape) => new(region, shape);

    /// <summary>The sequence of a message that is being filled in.</summary>
    public static ulong InProgress(ulong message) => (2 * message) + 1;

    /// <summary>The sequence of a message that is whole.</summary>
    public static ulong Committed(ulong message) => (2 * message) + 2;

    public void Dispose() => Region.Dispose();
}
