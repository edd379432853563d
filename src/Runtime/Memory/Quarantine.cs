using TypedShm.Interop;

namespace TypedShm.Memory;

/// <summary>
/// Address ranges of disposed mappings, which hold zero pages, kept from being used for anything else until newer ones
/// push them out. They cost address space, and a page of memory only where a stale reference writes.
/// </summary>
internal static unsafe class Quarantine
{
    /// <summary>Far below vm.max_map_count (65,530 by default), even if no two ranges are neighbours.</summary>
    internal const int MaxRanges = 4096;

    /// <summary>1 TiB of the 128 TiB that a process has.</summary>
    internal const long MaxBytes = 1L << 40;

    private static readonly Lock s_gate = new();
    private static readonly Queue<(nint Address, long Size)> s_ranges = new();
    private static long s_bytes;

    public static void Add(nint address, long size)
    {
        lock (s_gate)
        {
            s_ranges.Enqueue((address, size));
            s_bytes += size;
            while (s_ranges.Count > MaxRanges || s_bytes > MaxBytes)
            {
                (nint oldest, long length) = s_ranges.Dequeue();
                s_bytes -= length;
                Native.Unmap((byte*)oldest, length);
            }
        }
    }
}
