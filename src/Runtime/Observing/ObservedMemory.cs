using TypedShm.Memory;
using TypedShm.Rings;
using TypedShm.Transport;

namespace TypedShm.Observing;

/// <summary>What a channel is, as an observer learns it from the Welcome or from a region.</summary>
/// <param name="Kind">The kind of channel.</param>
/// <param name="Layout">The layout of its struct, message or request.</param>
internal sealed record ObservedShape(ChannelKind Kind, LayoutDescriptor Layout)
{
    /// <summary>The layout of the responses of a channel of calls.</summary>
    public LayoutDescriptor? Response { get; init; }

    /// <summary>Elements of a table, slots of a queue or broadcast or of a lane of calls; 1 otherwise.</summary>
    public int Count { get; init; } = 1;

    public int PayloadCapacity { get; init; }

    public bool HasPublishTimes { get; init; }

    /// <summary>Of a broadcast.</summary>
    public bool IsLossless { get; init; }

    /// <summary>Of a table or struct: whether a value may be seen half written.</summary>
    public bool IsLive { get; init; }

    /// <summary>Whether peers may write the struct.</summary>
    public bool PeersMayWrite { get; init; }
}

/// <summary>
/// The memory of a channel as an observer has it: read-only, copied out by the same rules as any reader's, without a type. One thread at a
/// time.
/// </summary>
internal abstract unsafe class ObservedMemory(ObservedShape shape, params ObservedRegion[] regions) : IDisposable
{
    // A table has two of each in an element.
    private const int MaxStruct = 1 << 29;

    public ObservedShape Shape => shape;

    public LayoutDescriptor Layout => shape.Layout;

    /// <summary>Bytes of what is mapped.</summary>
    public long Size => regions.Sum(region => region.Size);

    /// <summary>The number of the last publication: signals, versions, changes, messages.</summary>
    public virtual ulong Published => 0;

    /// <summary>Copies the value of an element.</summary>
    /// <returns>Null if the writer overwrote it during each try.</returns>
    public virtual SharedSnapshot? Read(int element) => throw NoValues();

    /// <summary>Copies the message at a position, or the first one after it that is still there.</summary>
    /// <returns>Null if it is not there yet.</returns>
    public virtual SharedSnapshot? ReadMessage(ref ulong position) => throw NoMessages();

    public void Dispose()
    {
        foreach (ObservedRegion region in regions)
            region.Dispose();
    }

    /// <summary>Maps what an observer was sent, see <see cref="ConnectRequest.Attach"/>.</summary>
    /// <exception cref="ProtocolException">It is no channel that this version knows.</exception>
    public static ObservedMemory Attach(ReceivedRegions received, WelcomeMessage welcome, OpenOptions options)
    {
        if (welcome.Layouts is not [var first, ..])
            throw new ProtocolException("The peer stated no layout.");
        LayoutDescriptor layout = first.Descriptor;
        RegionInfo[] stated = welcome.Regions;

        // So that what is computed of it below has no more than 64 bits.
        if (layout.Size > MaxStruct)
            throw new ProtocolException(
                $"The peer stated a layout of {layout.Size:N0} bytes; none that is shared has more than {MaxStruct:N0}.");
        switch (stated)
        {
            case [{ Kind: RegionKind.Struct or RegionKind.StructDescription }, ..]:
                return ObservedStruct.Attach(received, stated, layout);
            case [{ Kind: RegionKind.State }, ..]:
                received.Match(stated, RegionKind.State, RegionKind.Control);
                return ObservedState.Attach(received.Take(0), stated[0].Size, layout, welcome.Parameters is [1, ..]);
            case [{ Kind: RegionKind.Table }, ..]:
                received.Match(stated, RegionKind.Table, RegionKind.Control);
                return ObservedTable.Attach(received.Take(0), stated[0].Size, layout, TableShape.FromParameters(welcome.Parameters));
        }

        MessageShape shape = MessageShape.FromParameters(welcome.Parameters);
        shape.CheckAllowed(options);
        switch (stated)
        {
            case [{ Kind: RegionKind.Broadcast }, ..]:
                received.Match(stated, RegionKind.Broadcast, RegionKind.Control);
                return ObservedRing.Attach(received.Take(0), stated[0].Size, layout, RingShape.FromParameters(welcome.Parameters));
            case [{ Kind: RegionKind.QueueLane }, ..]:
                received.Match(stated, RegionKind.QueueLane, RegionKind.Control);
                return ObservedLanes.Attach(received.Take(0), stated[0].Size, layout, shape);
            default:
                // The lanes of a queue that its reader created, and those of calls, are between the two ends of each.
                received.Match(stated, RegionKind.Control);
                return new ObservedLanes(new ObservedShape(welcome.Layouts.Length == 2 ? ChannelKind.Call : ChannelKind.Queue, layout)
                {
                    Response = welcome.Layouts is [_, var response] ? response.Descriptor : null,
                    Count = shape.Capacity,
                    PayloadCapacity = shape.PayloadCapacity,
                    HasPublishTimes = shape.PublishTimes,
                });
        }
    }

    /// <summary>What a copy of a region holds.</summary>
    public static ObservedMemory Of(ObservedRegion region, LayoutDescriptor layout) => region.Header.Kind switch
    {
        RegionKind.Struct => new ObservedStruct(region, region, layout),
        RegionKind.State => new ObservedState(region, layout),
        RegionKind.Table when region.Header.Count <= TableShape.MaxCount =>
            new ObservedTable(region, layout, isLive: IsLiveTable(region, layout)),
        RegionKind.Broadcast when long.IsPow2(region.Header.Count) => new ObservedRing(region, layout, isLossless: false),
        RegionKind.QueueLane when long.IsPow2(region.Header.Count) => new ObservedLanes(region, ChannelKind.Queue, layout),
        RegionKind.CallLane when long.IsPow2(region.Header.Count) => new ObservedLanes(region, ChannelKind.Call, layout),
        RegionKind.StructDescription => throw new RegionInvalidException("The region describes a struct that peers may write, whose "
            + "bytes are in another region without a header. Look at the channel itself."),
        var kind => throw new RegionInvalidException(
            $"The region is of kind {(int)kind}, with {region.Header.Count} elements, which holds nothing that can be shown."),
    };

    /// <summary>Makes what is shown of a copied value.</summary>
    protected SharedSnapshot Snapshot(byte* value, ulong number, long? publishedAt, int element = 0, byte[]? payload = null)
    {
        byte[] bytes = new ReadOnlySpan<byte>(value, Layout.Size).ToArray();
        return new SharedSnapshot(Layout, bytes, (long)number, publishedAt, element, payload ?? []);
    }

    private static bool IsLiveTable(ObservedRegion region, LayoutDescriptor layout) =>
        region.Header.Stride == new TableShape((int)region.Header.Count, IsLive: true).Layout(layout.Size, layout.Alignment).Stride;

    private InvalidOperationException NoValues() =>
        new($"A channel of kind {shape.Kind} has messages, and no value that could be looked at.");

    private InvalidOperationException NoMessages() => new(shape.Kind switch
    {
        ChannelKind.Queue => "The messages of a queue are its reader's: a slot is written again without a mark, so that nobody else "
            + "can tell whether a copy is whole. Counts says how many there are.",
        ChannelKind.Call => "Requests and responses are between a client and its server. Counts says how many there are.",
        _ => $"A channel of kind {shape.Kind} has values, and no messages.",
    });
}
