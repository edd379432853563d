using TypedShm.Layout;
using TypedShm.Memory;
using TypedShm.Transport;

namespace TypedShm.Rings;

/// <summary>
/// The memory of a shared struct: one region with header, signal count and struct, or, if several processes may write the
/// struct, a region for the first two, which only the creator can write, and one for nothing but the struct.
/// </summary>
internal sealed unsafe class StructMemory<T> : IDisposable
    where T : unmanaged, ISharedLayout<T>
{
    /// <summary>Control words: the number of signals (u64).</summary>
    public const int ControlLength = ControlWords.Spacing;

    private readonly SharedRegion _description;
    private readonly byte* _control;

    private StructMemory(SharedRegion description, SharedRegion data)
    {
        _description = description;
        _control = (byte*)description.Address + description.Header.ControlOffset;
        Data = data;
        Value = data.Address + (nint)data.DataOffset;

        Compatibility = LayoutCompatibility.For<T>(data.Layout!);
    }

    public SharedRegion Data { get; }

    /// <summary>How the creator's layout, which the regions state, relates to that of <typeparamref name="T"/>.</summary>
    public LayoutCompatibility Compatibility { get; }

    /// <summary>The address of the struct; zero pages once disposed.</summary>
    public nint Value { get; }

    /// <summary>How often the creator has signalled. Written by the creator alone.</summary>
    public ref ulong Signals => ref *(ulong*)_control;

    /// <summary>How many of them this process has seen through this mapping, at the end of its last wait.</summary>
    public ulong SeenSignals;

    public static StructMemory<T> Create(string name, bool severalWriters, MemoryOptions? memory = null)
    {
        LayoutDescriptor layout = CheckedLayout.Of<T>();
        string regionName = $"typedshm:{name}";
        if (!severalWriters)
        {
            SharedRegion region = SharedRegion.Create(
                regionName, RegionKind.Struct, T.LayoutJson, layout, ControlLength, sizeof(T), 1, memory: memory);
            return new StructMemory<T>(region, region);
        }

        SharedRegion description = SharedRegion.Create($"{regionName}:description", RegionKind.StructDescription, T.LayoutJson, layout,
            ControlLength, sizeof(T), 0, memory: memory);
        try
        {
            return new StructMemory<T>(description, SharedRegion.CreateForSeveralWriters(regionName, sizeof(T), layout, memory));
        }
        catch
        {
            description.Dispose();
            throw;
        }
    }

    /// <summary>What a client of a role is offered.</summary>
    public RegionOffer[] OffersFor(PeerRole role) => ReferenceEquals(_description, Data)
        ? [new RegionOffer(Data, IsWritable: false)]
        : [new RegionOffer(_description, IsWritable: false), new RegionOffer(Data, role == PeerRole.Writer)];

    /// <summary>Maps what a client was sent, see <see cref="ConnectRequest.Attach"/>.</summary>
    public static StructMemory<T> Attach(ReceivedRegions received, WelcomeMessage welcome, bool writable)
    {
        RegionInfo[] stated = welcome.Regions;

        // The regions hold the creator's struct. To a writer it is this side's own; to a reader it is one that its own fits.
        LayoutDescriptor layout = writable ? LayoutDescriptor.Of<T>() : welcome.Layouts[0].Descriptor;
        if (stated is [{ Kind: RegionKind.Struct }, ..] && !writable)
        {
            received.Match(stated, RegionKind.Struct, RegionKind.Control);
            SharedRegion region =
                SharedRegion.Attach(received.Take(0), "the struct", RegionKind.Struct, stated[0].Size, layout, ControlLength, 1);
            return new StructMemory<T>(region, region);
        }

        received.Match(stated, RegionKind.StructDescription, RegionKind.None, RegionKind.Control);
        SharedRegion description = SharedRegion.Attach(received.Take(0), "the description of the struct", RegionKind.StructDescription,
            stated[0].Size, layout, ControlLength, 0);
        try
        {
            return new StructMemory<T>(description,
                SharedRegion.AttachForSeveralWriters(received.Take(1), "the struct", stated[1].Size, layout.Size, layout, writable));
        }
        catch
        {
            description.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Data.Dispose();
        _description.Dispose();
    }
}
