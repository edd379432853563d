using TypedShm.Layout;

namespace TypedShm.Transport;

/// <summary>A layout, and the JSON that it was read from.</summary>
internal sealed record LayoutAdvertisement(LayoutDescriptor Descriptor, byte[] Json)
{
    /// <exception cref="SharedMemoryException">The runtime does not lay <typeparamref name="T"/> out as is stated.</exception>
    public static LayoutAdvertisement Of<T>()
        where T : unmanaged, ISharedLayout<T> => new(CheckedLayout.Of<T>(), T.LayoutJson.ToArray());
}
