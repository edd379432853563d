using TypedShm.Interop;
using TypedShm.Memory;
using TypedShm.Rings;

namespace TypedShm.Observing;

/// <summary>
/// A queue or a channel of calls. Its messages cannot be looked at: a slot is written again as soon as its reader has given it back,
/// without a mark that says so, and a copy that nobody protects could be of two messages. Only how many there are is asked of the
/// creator.
/// </summary>
internal sealed class ObservedLanes : ObservedMemory
{
    public ObservedLanes(ObservedShape shape)
        : base(shape)
    {
    }

    public ObservedLanes(ObservedRegion region, ChannelKind kind, LayoutDescriptor layout)
        : base(
            new ObservedShape(kind, layout)
            {
                Count = (int)region.Header.Count,
                PayloadCapacity = region.Slot.PayloadCapacity,
                HasPublishTimes = (region.Slot.Fields & SlotFields.Time) != 0,
            },
            region)
    {
    }

    public static ObservedLanes Attach(SafeDescriptor file, long size, LayoutDescriptor layout, MessageShape shape) => new(
        new ObservedRegion(Lane.Attach(file, size, shape, layout).Region),
        ChannelKind.Queue,
        layout);
}
