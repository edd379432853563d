using TypedShm.Memory;

namespace TypedShm.Transport;

/// <summary>What a region of a handshake is: <see cref="RegionKind"/>, or 0 for bare data without a header.</summary>
internal readonly record struct RegionInfo(RegionKind Kind, bool IsWritable, long Size);

/// <summary>A region that a client is to get, for reading or for writing too.</summary>
internal readonly record struct RegionOffer(SharedRegion Region, bool IsWritable)
{
    public RegionInfo Info => new(Region.Header.Kind, IsWritable, Region.Size);
}
