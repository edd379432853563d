using TypedShm.Interop;
using TypedShm.Memory;

namespace TypedShm.Transport;

/// <summary>
/// The descriptors that are sent of regions, in their order. Sent or not, these are to be closed: what the peer gets are descriptors of
/// its own.
/// </summary>
internal sealed class OfferedDescriptors : IDisposable
{
    public OfferedDescriptors(RegionOffer[] offers)
    {
        All = new SafeDescriptor[offers.Length];
        try
        {
            for (int i = 0; i < offers.Length; i++)
                All[i] = offers[i].Region.DescriptorForPeer(offers[i].IsWritable);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public SafeDescriptor[] All { get; }

    // Null are those that could not be made.
    public void Dispose() => Array.ForEach(All, descriptor => descriptor?.Dispose());
}
