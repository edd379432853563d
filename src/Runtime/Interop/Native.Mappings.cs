using System.Globalization;
using System.Runtime.InteropServices;
using Tmds.Linux;

namespace TypedShm.Interop;

internal static unsafe partial class Native
{
    // Private, so that none of it can be seen elsewhere; NORESERVE, so that it is not counted as memory.
    private static readonly int s_nothing = LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS | LibC.MAP_NORESERVE;

    private const int LimitOfAddressSpace = 9;
    private const int MadvisePopulateRead = 22;

    /// <summary>How many bytes of addresses RLIMIT_AS leaves to this process; <see cref="long.MaxValue"/> if there is no limit.</summary>
    public static long AddressSpaceLeft()
    {
        ResourceLimit limit;
        if (getrlimit(LimitOfAddressSpace, &limit) != 0)
            throw SystemCallException.FromLastError("getrlimit", "looking up the limit of address space");
        if (limit.Current > long.MaxValue)
            return long.MaxValue;
        string used = File.ReadAllText("/proc/self/statm");
        return Math.Max(0, (long)limit.Current - (long.Parse(used.AsSpan(0, used.IndexOf(' ')), CultureInfo.InvariantCulture) * PageSize));
    }

    /// <summary>Reserves addresses that cannot be accessed.</summary>
    /// <returns>The first one; 0 if the kernel refuses.</returns>
    public static nint TryReserve(long size)
    {
        void* address = LibC.mmap(null, (size_t)(ulong)size, LibC.PROT_NONE, s_nothing, -1, 0);
        return address == LibC.MAP_FAILED ? 0 : (nint)address;
    }

    /// <summary>Makes reserved addresses of what is there.</summary>
    /// <returns>False if the kernel refuses; all is as before then.</returns>
    public static bool TryReserveAgain(nint address, long size) =>
        LibC.mmap((void*)address, (size_t)(ulong)size, LibC.PROT_NONE, s_nothing | LibC.MAP_FIXED, -1, 0) != LibC.MAP_FAILED;

    /// <summary>Replaces what is at some addresses, in one step, by private pages of zeros that cost no memory until they are
    /// written.</summary>
    /// <returns>False if the kernel refuses; all is as before then.</returns>
    public static bool TryReplaceByZeros(nint address, long size, bool writable) =>
        LibC.mmap((void*)address, (size_t)(ulong)size, Protection(writable), s_nothing | LibC.MAP_FIXED, -1, 0) != LibC.MAP_FAILED;

    /// <summary>Maps a file, from its start, in place of what is at some addresses.</summary>
    public static void MapAt(SafeDescriptor file, nint address, long size, bool writable)
    {
        using Borrowed borrowed = new(file);
        int flags = LibC.MAP_SHARED | LibC.MAP_FIXED;
        if (LibC.mmap((void*)address, (size_t)(ulong)size, Protection(writable), flags, borrowed.Descriptor, 0) == LibC.MAP_FAILED)
            throw SystemCallException.FromLastError("mmap", $"mapping {size} bytes of a region for {(writable ? "writing" : "reading")}");

        // A forked child must not inherit the pages: it would keep them alive, and could write where only this process may.
        if (LibC.madvise((void*)address, (size_t)(ulong)size, LibC.MADV_DONTFORK) != 0)
        {
            SystemCallException error = SystemCallException.FromLastError("madvise(MADV_DONTFORK)", "protecting a region from fork");
            TryReserveAgain(address, size);
            throw error;
        }
    }

    /// <summary>Makes pages of a mapping present, as loading from each would, but with an exception instead of a signal.</summary>
    /// <param name="address">The first page.</param>
    /// <param name="size">Bytes, a multiple of the size of a page.</param>
    /// <exception cref="SystemCallException">A page cannot be had.</exception>
    public static void Populate(byte* address, long size)
    {
        while (LibC.madvise(address, (size_t)(ulong)size, MadvisePopulateRead) != 0)
        {
            switch (Marshal.GetLastPInvokeError())
            {
                case Errno.EINTR or Errno.EAGAIN: continue;
                case Errno.EINVAL: PopulateByReading(address, size); return; // Linux 5.14 has it.
                case int errno: throw SystemCallException.Create("madvise(MADV_POPULATE_READ)", errno, "reading a region that a peer sent");
            }
        }
    }

    /// <summary>As <see cref="Populate"/>, for older kernels: the kernel reads a byte of each page for this process, as it would for a
    /// debugger.</summary> <remarks>Where a filter forbids that, nothing is done.</remarks>
    internal static void PopulateByReading(byte* address, long size)
    {
        const int Most = 512;
        byte* bytes = stackalloc byte[Most];
        iovec* pages = stackalloc iovec[Most];
        for (long at = 0; at < size;)
        {
            int count = (int)Math.Min(Most, (size - at) / PageSize);
            for (int i = 0; i < count; i++)
                pages[i] = new iovec { iov_base = address + at + ((long)i * PageSize), iov_len = 1 };
            iovec local = new() { iov_base = bytes, iov_len = count };
            long read = process_vm_readv(Environment.ProcessId, &local, 1, pages, (ulong)count, 0);
            if (read < 0 && Marshal.GetLastPInvokeError() is Errno.EPERM or Errno.ENOSYS)
                return;
            if (read != count)
            {
                int errno = read < 0 ? Marshal.GetLastPInvokeError() : Errno.EFAULT;
                throw SystemCallException.Create("process_vm_readv", errno, "reading a region that a peer sent");
            }

            at += (long)count * PageSize;
        }
    }

    private static int Protection(bool writable) => LibC.PROT_READ | (writable ? LibC.PROT_WRITE : 0);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getrlimit(int resource, ResourceLimit* limit);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long process_vm_readv(
        int process, iovec* local, ulong localCount, iovec* remote, ulong remoteCount, ulong flags);

    private struct ResourceLimit
    {
        public ulong Current;
        public ulong Most;
    }
}
