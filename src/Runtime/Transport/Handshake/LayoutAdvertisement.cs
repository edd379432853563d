namespace TypedShm.Transport;

/// <summary>A layout, and the JSON that it was read from.</summary>
internal sealed record LayoutAdvertisement(LayoutDescriptor Descriptor, byte[] Json)
{
    public static LayoutAdvertisement Of<T>()
        where T : unmanaged, ISharedLayout<T> => new(LayoutDescriptor.Of<T>(), T.LayoutJson.ToArray());
}
