using TypedShm.Interop;
using TypedShm.Layout;
using TypedShm.Memory;
using TypedShm.Waiting;

namespace TypedShm.Rings;

/// <summary>
/// The memory of one lane, as its writer or its reader maps it: slots, and how many messages there are in all once the
/// writer has said so.
/// </summary>
internal sealed unsafe class Lane : IDisposable
{
    private readonly CompletionRecord _completion;

    private Lane(SharedRegion region, MessageShape shape)
    {
        Region = region;
        Shape = shape;
        _completion = new CompletionRecord((byte*)region.Address + region.Header.ControlOffset);
    }

    public SharedRegion Region { get; }

    public MessageShape Shape { get; }

    public ulong Capacity => (ulong)Shape.Capacity;

    /// <summary>How many messages were written in all. Valid once <see cref="End"/> is not None.</summary>
    public ref ulong TotalCount => ref _completion.TotalCount;

    /// <summary>A <see cref="CompletionState"/>.</summary>
    public ref ulong End => ref _completion.State;

    public static Lane Create<T>(string name, MessageShape shape, MemoryOptions? memory = null)
        where T : unmanaged, ISharedLayout<T>
    {
        (SlotLayout layout, long stride) = shape.Slots<T>();
        return new Lane(SharedRegion.Create($"typedshm:{name}:lane", shape.Kind, T.LayoutJson, CheckedLayout.Of<T>(),
            CompletionRecord.Length, stride, shape.Capacity, layout, shape.IsSparse, memory), shape);
    }

    /// <summary>Maps the lane of a writer with this layout.</summary>
    public static Lane Attach(SafeDescriptor file, long size, MessageShape shape, LayoutDescriptor layout) =>
        From(shape.Attach(file, "the lane", shape.Kind, size, layout, CompletionRecord.Length), shape);

    /// <summary>Takes over a region that was attached, or created, before.</summary>
    public static Lane From(SharedRegion region, MessageShape shape) => new(region, shape);

    /// <summary>The writer's last word.</summary>
    public void Complete(ulong count, Exception? error, Publisher publisher) => _completion.Complete(count, error, publisher);

    /// <summary>The error that the writer ended the lane with, as text that is safe to show.</summary>
    public string ErrorText() => _completion.ErrorText();

    public void Dispose() => Region.Dispose();
}
