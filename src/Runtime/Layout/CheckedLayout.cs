using System.Runtime.CompilerServices;

namespace TypedShm.Layout;

/// <summary>The layout of a struct, after a check that the runtime lays it out as its description says.</summary>
internal static class CheckedLayout
{
    /// <exception cref="SharedMemoryException">It does not.</exception>
    public static unsafe LayoutDescriptor Of<T>()
        where T : unmanaged, ISharedLayout<T> => Agrees<T>()
        ? LayoutDescriptor.Of<T>()
        : throw new SharedMemoryException($"The runtime gives {typeof(T)} another layout than the generator computed, so it cannot be "
            + $"shared ({sizeof(T)} bytes, expected {T.Size}). Rebuild the project that declares it with the version of TypedShm that "
            + "runs it.");

    /// <summary>Whether size and offsets are those that the generator computed.</summary>
    public static unsafe bool Agrees<T>()
        where T : unmanaged, ISharedLayout<T>
    {
        byte start = 0;
        return sizeof(T) == T.Size && T.Verify(in Unsafe.As<byte, T>(ref start), new FieldProbe(ref start));
    }
}
