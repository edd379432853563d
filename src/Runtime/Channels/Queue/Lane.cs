using System.Text;
using TypedShm.Interop;
using TypedShm.Memory;
using TypedShm.Waiting;

namespace TypedShm.Channels;

/// <summary>How the writer of a lane has ended it. The numbers are part of the format.</summary>
internal enum LaneEnd : ulong
{
    None = 0,
    Completed = 1,
    CompletedWithError = 2,
}

/// <summary>
/// The memory of one lane, as its writer or its reader maps it: slots, and how many messages there are in all once the
/// writer has said so.
/// </summary>
internal sealed unsafe class Lane : IDisposable
{
    private const int FinalCountOffset = 0 * ControlWords.Spacing;
    private const int EndOffset = 1 * ControlWords.Spacing;
    private const int ErrorLengthOffset = 2 * ControlWords.Spacing;
    private const int ErrorOffset = ErrorLengthOffset + sizeof(uint);
    private const int MaxError = 1024;
    private const int ControlLength = ErrorOffset + MaxError;

    private readonly byte* _control;

    private Lane(SharedRegion region, MessageShape shape)
    {
        Region = region;
        Shape = shape;
        Layout = region.Header.Slot;
        Stride = (nint)region.Header.Stride;
        Slots = (byte*)region.Address + region.Header.DataOffset;
        _control = (byte*)region.Address + region.Header.ControlOffset;
    }

    public SharedRegion Region { get; }

    public MessageShape Shape { get; }

    public SlotLayout Layout { get; }

    public nint Stride { get; }

    public byte* Slots { get; }

    public ulong Capacity => (ulong)Shape.Capacity;

    /// <summary>How many messages were written in all. Valid once <see cref="End"/> is not None.</summary>
    public ref ulong FinalCount => ref *(ulong*)(_control + FinalCountOffset);

    /// <summary>A <see cref="LaneEnd"/>.</summary>
    public ref ulong End => ref *(ulong*)(_control + EndOffset);

    public static Lane Create<T>(string name, MessageShape shape)
        where T : unmanaged, ISharedLayout<T>
    {
        (SlotLayout layout, long stride) = shape.Slots<T>();
        return new Lane(SharedRegion.Create($"typedshm:{name}:lane", RegionKind.QueueLane, T.LayoutJson, CheckedLayout.Of<T>(), ControlLength, stride, shape.Capacity, layout), shape);
    }

    public static Lane Attach<T>(SafeDescriptor file, long size, MessageShape shape)
        where T : unmanaged, ISharedLayout<T> => From(
            SharedRegion.Attach(file, "the lane", RegionKind.QueueLane, size, CheckedLayout.Of<T>(), ControlLength, shape.Capacity, shape.Slots<T>()), shape);

    /// <summary>Takes over a region that was attached, or created, before.</summary>
    public static Lane From(SharedRegion region, MessageShape shape) => new(region, shape);

    /// <summary>The writer's last word.</summary>
    public void Complete(ulong count, Exception? error, Publisher publisher)
    {
        if (error is not null)
        {
            byte[] text = Encoding.UTF8.GetBytes($"{error.GetType().Name}: {error.Message}");
            int length = Math.Min(text.Length, MaxError);
            text.AsSpan(0, length).CopyTo(new Span<byte>(_control + ErrorOffset, length));
            *(uint*)(_control + ErrorLengthOffset) = (uint)length;
        }

        // Published after count and error, so whoever sees the end sees them too.
        FinalCount = count;
        publisher.Publish(ref End, (ulong)(error is null ? LaneEnd.Completed : LaneEnd.CompletedWithError));
    }

    /// <summary>The error that the writer ended the lane with, as text that is safe to show.</summary>
    public string ErrorText()
    {
        int length = (int)Math.Min(*(uint*)(_control + ErrorLengthOffset), MaxError);
        byte[] copy = new ReadOnlySpan<byte>(_control + ErrorOffset, length).ToArray();
        return string.Concat(Encoding.UTF8.GetString(copy).Select(c => char.IsControl(c) && c != '\n' ? '?' : c));
    }

    public void Dispose() => Region.Dispose();
}
