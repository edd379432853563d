using TypedShm.Memory;
using TypedShm.Transport;

namespace TypedShm.Observing;

/// <summary>A live struct: what is there at that moment, perhaps half written.</summary>
internal sealed unsafe class ObservedStruct : ObservedMemory
{
    private readonly ObservedRegion _description;
    private readonly ObservedRegion _data;

    /// <param name="description">The region with header and control words.</param>
    /// <param name="data">That with the struct: the same, unless peers may write it.</param>
    /// <param name="layout">The layout.</param>
    public ObservedStruct(ObservedRegion description, ObservedRegion data, LayoutDescriptor layout)
        : base(
            new ObservedShape(ChannelKind.Struct, layout) { IsLive = true, PeersMayWrite = description != data },
            description == data ? [description] : [description, data])
    {
        _description = description;
        _data = data;
    }

    // Acquire: what was stored before a signal is seen with it.
    public override ulong Published => Volatile.Read(ref *(ulong*)_description.Control);

    public static ObservedStruct Attach(ReceivedRegions received, RegionInfo[] stated, LayoutDescriptor layout)
    {
        if (stated[0].Kind == RegionKind.Struct)
        {
            received.Match(stated, RegionKind.Struct, RegionKind.Control);
            ObservedRegion whole = new(SharedRegion.Attach(
                received.Take(0), "the struct", RegionKind.Struct, stated[0].Size, layout, ControlWords.Spacing, 1));
            return new ObservedStruct(whole, whole, layout);
        }

        received.Match(stated, RegionKind.StructDescription, RegionKind.None, RegionKind.Control);
        ObservedRegion description = new(SharedRegion.Attach(
            received.Take(0), "the description of the struct", RegionKind.StructDescription, stated[0].Size, layout,
                ControlWords.Spacing, 0));
        try
        {
            ObservedRegion data = new(SharedRegion.AttachForSeveralWriters(
                received.Take(1), "the struct", stated[1].Size, layout.Size, layout, writable: false));
            return new ObservedStruct(description, data, layout);
        }
        catch
        {
            description.Dispose();
            throw;
        }
    }

    public override SharedSnapshot Read(int element) => Snapshot(_data.Data, Published, publishedAt: null);
}
