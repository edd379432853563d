using System.Runtime.InteropServices;

namespace TypedShm.CrossProcess.Workloads;

/// <summary>Payloads are filled by what the C programs fill theirs with.</summary>
/// <remarks>
/// <see cref="Span{T}.Fill"/> stores vector by vector, for each of which the line is fetched first from the core that had it;
/// glibc's memset tells the processor at once how much it will write.
/// </remarks>
internal static unsafe partial class CLibrary
{
    public static void Fill(Span<byte> destination, byte value)
    {
        fixed (byte* start = destination)
            memset(start, value, (nuint)destination.Length);
    }

    [LibraryImport("libc"), SuppressGCTransition]
    private static partial void* memset(void* destination, int value, nuint count);
}
