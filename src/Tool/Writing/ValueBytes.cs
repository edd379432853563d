using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TypedShm.Tool.Writing;

/// <summary>Structs of a type that <see cref="LayoutType"/> has made, as bytes: it has no fields that could be copied.</summary>
internal static class ValueBytes
{
    public static Span<byte> Of<T>(ref T value)
        where T : unmanaged, ISharedLayout<T> => MemoryMarshal.CreateSpan(ref Unsafe.As<T, byte>(ref value), T.Size);

    public static ReadOnlySpan<byte> OfReadOnly<T>(ref readonly T value)
        where T : unmanaged, ISharedLayout<T> => Of(ref Unsafe.AsRef(in value));
}
