using System.Runtime.InteropServices;
using Tmds.Linux;

namespace TypedShm.Interop;

/// <content>Where pages come from, and whether they stay.</content>
internal static unsafe partial class Native
{
    private const int LimitOfLockedMemory = 8;
    private const int MadviseHugePage = 14;
    private const int MadvisePopulateWrite = 23;
    private const int MadviseCollapse = 25;
    private const int PolicyBind = 2;
    private const int BitsOfWord = 64;

    /// <summary>
    /// Lets pages that are allocated from now on come from one NUMA node. The policy belongs to the file, whoever allocates.
    /// </summary>
    public static void BindToNode(byte* address, long size, int node)
    {
        // The kernel takes the number of bits plus one.
        int words = (node / BitsOfWord) + 1;
        ulong* mask = stackalloc ulong[words];
        new Span<ulong>(mask, words).Clear();
        mask[node / BitsOfWord] = 1ul << (node % BitsOfWord);
        if (mbind(s_mbind, address, size, PolicyBind, mask, (words * BitsOfWord) + 1, 0) != 0)
            throw SystemCallException.FromLastError("mbind", $"taking the memory of a region from NUMA node {node}");
    }

    /// <summary>Advises the kernel to allocate huge pages from now on. If it has none, or does not follow, nothing is different.</summary>
    public static void AdviseHugePages(byte* address, long size) => _ = LibC.madvise(address, (size_t)(ulong)size, MadviseHugePage);

    /// <summary>
    /// Advises the kernel to make huge pages of those that are there, now: Linux 6.1. As above; it can fail for want of a huge page, too,
    /// and the pages stay as they are.
    /// </summary>
    public static void Collapse(byte* address, long size) => _ = LibC.madvise(address, (size_t)(ulong)size, MadviseCollapse);

    /// <summary>Maps the pages of a mapping that may be written, all of which are allocated.</summary>
    public static void PopulateForWriting(byte* address, long size)
    {
        while (LibC.madvise(address, (size_t)(ulong)size, MadvisePopulateWrite) != 0)
        {
            switch (Marshal.GetLastPInvokeError())
            {
                case Errno.EINTR or Errno.EAGAIN:
                    continue;
                case Errno.EINVAL:
                    // Linux 5.14 has it. A page of a shared mapping is mapped for writing by a load, too.
                    for (long at = 0; at < size; at += PageSize)
                        _ = Volatile.Read(ref address[at]);
                    return;
                case int errno:
                    throw SystemCallException.Create("madvise(MADV_POPULATE_WRITE)", errno, $"mapping the {size} bytes of a region");
            }
        }
    }

    /// <summary>Keeps the pages of a mapping in memory, for as long as it is mapped.</summary>
    public static void LockPages(byte* address, long size)
    {
        if (LibC.mlock(address, (size_t)(ulong)size) != 0)
            throw SystemCallException.FromLastError("mlock", $"keeping the {size} bytes of a region in memory");
    }

    /// <summary>How many bytes this process may lock, as text.</summary>
    public static string LockedMemoryLimit()
    {
        ResourceLimit limit;
        return getrlimit(LimitOfLockedMemory, &limit) == 0 && limit.Current <= long.MaxValue ? $"{limit.Current} bytes" : "unlimited";
    }

    // Glibc has no function for it; libnuma has, but is not always installed.
    private static readonly nint s_mbind = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 235 : 237;

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint mbind(nint number, byte* address, long size, int mode, ulong* nodes, nint bits, uint flags);
}
