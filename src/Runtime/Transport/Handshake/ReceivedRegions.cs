using TypedShm.Interop;
using TypedShm.Memory;

namespace TypedShm.Transport;

/// <summary>The descriptors of one packet. What nobody took is closed, off this thread, since nothing is known of it yet.</summary>
internal sealed class ReceivedRegions(SafeDescriptor[] descriptors) : IDisposable
{
    private readonly SafeDescriptor?[] _descriptors = [.. descriptors];

    /// <summary>Checks that the regions stated are those that the protocol expects here, one descriptor each.</summary>
    /// <exception cref="ProtocolException">They are not.</exception>
    public RegionInfo[] Match(RegionInfo[] stated, params ReadOnlySpan<RegionKind> expected)
    {
        if (_descriptors.Length != stated.Length)
            throw new ProtocolException($"The peer announced {stated.Length} regions and sent {_descriptors.Length} descriptors.");
        if (!stated.Select(region => region.Kind).SequenceEqual(expected.ToArray()))
            throw new ProtocolException($"The peer sent regions of the kinds "
                + $"{string.Join(", ", stated.Select(region => region.Kind))}, but {string.Join(", ", expected.ToArray())} was expected.");
        return stated;
    }

    /// <summary>Hands over a descriptor.</summary>
    public SafeDescriptor Take(int index)
    {
        SafeDescriptor descriptor = _descriptors[index] ?? throw new InvalidOperationException($"Descriptor {index} was taken before.");
        _descriptors[index] = null;
        return descriptor;
    }

    public void Dispose()
    {
        foreach (SafeDescriptor? descriptor in _descriptors)
        {
            if (descriptor is not null)
                DescriptorReaper.Close(descriptor);
        }
    }
}
