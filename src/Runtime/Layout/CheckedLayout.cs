namespace TypedShm.Layout;

/// <summary>The layout of a struct, after a check that the runtime lays it out as its description says.</summary>
internal static class CheckedLayout
{
    /// <exception cref="SharedMemoryException">It does not.</exception>
    public static unsafe LayoutDescriptor Of<T>()
        where T : unmanaged, ISharedLayout<T> => T.Verify()
        ? LayoutDescriptor.Of<T>()
        : throw new SharedMemoryException($"The runtime gives {typeof(T)} another layout than the generator computed, so it cannot be shared ({sizeof(T)} bytes, expected {T.Size}). Rebuild the project that declares it with the version of TypedShm that runs it.");
}
