using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TypedShm.CrossProcess.Workloads;

[SharedLayout]
internal partial struct Message24
{
    public long Number;
    public long A;
    public long B;
}

/// <summary>56 bytes: with its slot's sequence one cache line.</summary>
[SharedLayout]
internal partial struct Message56
{
    public long Number;
    public long A;
    public long B;
    public long C;
    public long D;
    public long E;
    public long F;
}

/// <summary>120 bytes: with its slot's sequence two cache lines.</summary>
[SharedLayout]
internal partial struct Message120
{
    public long Number;
    public Message56 Rest;
    public Message56 More;
}

/// <summary>64 bytes, first and last of which must agree.</summary>
[SharedLayout]
internal partial struct Value64
{
    public long Number;
    public Message56 Rest;
}

/// <summary>256 bytes, first and last of which must agree.</summary>
[SharedLayout]
internal partial struct Value256
{
    public long Number;
    public Message120 Rest;
    public Message120 More;
    public long Last;
}

internal static class Words
{
    /// <summary>The first word of a message: its number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref long Number<T>(ref T message)
        where T : unmanaged => ref Unsafe.As<T, long>(ref message);

    /// <summary>What a message begins as. All of it is copied from memory into each slot, as the C programs do it.</summary>
    public static T Blank<T>()
        where T : unmanaged => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe ref long Last<T>(ref T message)
        where T : unmanaged => ref Unsafe.Add(ref Unsafe.As<T, long>(ref message), (sizeof(T) / sizeof(long)) - 1);
}

/// <summary>
/// Where the copies go: to the start of a cache line, as the compiler places the variable of the C program. Where the JIT places a
/// variable is luck; if it goes over the end of a line, what is loaded from it waits until the store is done.
/// </summary>
internal sealed unsafe class AlignedCopy<T> : IDisposable
    where T : unmanaged
{
    public readonly T* Value = (T*)NativeMemory.AlignedAlloc((nuint)sizeof(T), 64);

    public void Dispose() => NativeMemory.AlignedFree(Value);
}
