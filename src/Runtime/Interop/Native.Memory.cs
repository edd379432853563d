using System.Runtime.InteropServices;
using System.Text;
using Tmds.Linux;

namespace TypedShm.Interop;

/// <summary>Every system call of the library; a failure is an exception unless a method says otherwise.</summary>
internal static unsafe partial class Native
{
    public const int SealSeal = 0x01;
    public const int SealShrink = 0x02;
    public const int SealGrow = 0x04;
    public const int SealFutureWrite = 0x10;

    private const uint NoExecSeal = 0x08;
    private const int NameLimit = 249;

    public static int PageSize => Environment.SystemPageSize;

    /// <summary>Creates an empty memfd that can be sealed. <paramref name="name"/> shows in /proc/PID/maps.</summary>
    public static SafeDescriptor CreateMemfd(string name)
    {
        byte[] utf8 = Utf8(name.Length <= NameLimit ? name : name[..NameLimit]);
        if (utf8.Length > NameLimit + 1)
            utf8 = Utf8("typedshm");
        uint flags = (uint)(LibC.MFD_CLOEXEC | LibC.MFD_ALLOW_SEALING);
        fixed (byte* text = utf8)
        {
            // Kernels before 6.3 do not know the flag; with vm.memfd_noexec=2 newer ones refuse a memfd without it.
            int descriptor = LibC.memfd_create(text, flags | NoExecSeal);
            if (descriptor < 0 && Marshal.GetLastPInvokeError() == Errno.EINVAL)
                descriptor = LibC.memfd_create(text, flags);
            if (descriptor < 0)
                throw SystemCallException.FromLastError("memfd_create", $"creating the region '{name}'");
            return new SafeDescriptor(descriptor);
        }
    }

    /// <summary>A number that no other region has. From the kernel: .NET's own generator needs OpenSSL, and ends the process where it is
    /// not installed.</summary>
    public static ulong RandomNumber()
    {
        ulong number;
        while (getrandom(&number, sizeof(ulong), 0) != sizeof(ulong))
        {
            if (Marshal.GetLastPInvokeError() != Errno.EINTR)
                throw SystemCallException.FromLastError("getrandom", "numbering a region");
        }

        return number;
    }

    /// <summary>Gives a memfd its size and all its pages, so that a full machine is an exception now and no SIGBUS later.</summary>
    public static void Allocate(SafeDescriptor file, long size)
    {
        Resize(file, size);
        AllocatePages(file, 0, size);
    }

    /// <summary>Gives a memfd its size, but no pages.</summary>
    public static void Resize(SafeDescriptor file, long size)
    {
        using Borrowed borrowed = new(file);
        if (LibC.ftruncate(borrowed.Descriptor, size) != 0)
            throw SystemCallException.FromLastError("ftruncate", $"sizing a region to {size} bytes");
    }

    /// <summary>Gives a part of a memfd its pages.</summary>
    public static void AllocatePages(SafeDescriptor file, long offset, long length)
    {
        using Borrowed borrowed = new(file);
        while (LibC.fallocate(borrowed.Descriptor, 0, offset, length) != 0)
        {
            if (Marshal.GetLastPInvokeError() != Errno.EINTR)
                throw SystemCallException.FromLastError("fallocate", $"allocating {length} bytes of a region");
        }
    }

    /// <summary>Sets the permission bits of a memfd: they are asked when somebody opens it again through /proc.</summary>
    public static void SetMode(SafeDescriptor file, uint mode)
    {
        using Borrowed borrowed = new(file);
        if (LibC.fchmod(borrowed.Descriptor, (mode_t)(ushort)mode) != 0)
            throw SystemCallException.FromLastError("fchmod", "setting the mode of a region");
    }

    public static void AddSeals(SafeDescriptor file, int seals)
    {
        using Borrowed borrowed = new(file);
        if (LibC.fcntl(borrowed.Descriptor, LibC.F_ADD_SEALS, seals) != 0)
            throw SystemCallException.FromLastError("fcntl(F_ADD_SEALS)", $"sealing a region with 0x{seals:x}");
    }

    /// <returns>The seals, or -1 if the file is of a kind that has none.</returns>
    public static int GetSeals(SafeDescriptor file)
    {
        using Borrowed borrowed = new(file);
        return LibC.fcntl(borrowed.Descriptor, LibC.F_GET_SEALS);
    }

    /// <summary>A descriptor of the same file that was opened for reading only, or null where /proc does not allow it.</summary>
    public static SafeDescriptor? ReopenReadOnly(SafeDescriptor file)
    {
        // The number must stay this file's until it has been opened by it: it would be another file of this process that a peer is sent.
        using Borrowed borrowed = new(file);
        fixed (byte* path = Utf8($"/proc/self/fd/{borrowed.Descriptor}"))
        {
            int descriptor = LibC.open(path, LibC.O_RDONLY | LibC.O_CLOEXEC, default);
            return descriptor < 0 ? null : new SafeDescriptor(descriptor);
        }
    }

    public static SafeDescriptor Duplicate(SafeHandle file)
    {
        using Borrowed borrowed = new(file);
        int descriptor = LibC.fcntl(borrowed.Descriptor, LibC.F_DUPFD_CLOEXEC, 0);
        if (descriptor < 0)
            throw SystemCallException.FromLastError("fcntl(F_DUPFD_CLOEXEC)", "duplicating the descriptor of a region");
        return new SafeDescriptor(descriptor);
    }

    /// <summary>Size and allocated bytes of a file. Not to be called before <see cref="GetSeals"/> proved that it is a memfd.</summary>
    public static (long Size, long Allocated, bool IsRegular, ulong Inode) FileStatus(SafeDescriptor file)
    {
        stat status;
        using Borrowed borrowed = new(file);
        if (LibC.fstat(borrowed.Descriptor, &status) != 0)
            throw SystemCallException.FromLastError("fstat", "examining a region");
        bool regular = ((uint)(ushort)status.st_mode & 0xF000u) == 0x8000u;
        return ((long)status.st_size, (long)status.st_blocks * 512, regular, (ulong)status.st_ino);
    }

    /// <summary>The magic number of the file system that holds a file, see statfs(2).</summary>
    public static long FileSystem(SafeDescriptor file)
    {
        StatFs status;
        using Borrowed borrowed = new(file);
        if (fstatfs(borrowed.Descriptor, &status) != 0)
            throw SystemCallException.FromLastError("fstatfs", "examining a region");
        return status.Type;
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text + '\0');

    [LibraryImport("libc")]
    private static partial int fstatfs(int descriptor, StatFs* status);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint getrandom(void* buffer, nint length, uint flags);

    // struct statfs of 64-bit Linux is 120 bytes and begins with the type; the rest is not looked at.
    [StructLayout(LayoutKind.Sequential, Size = 120)]
    private struct StatFs
    {
        public long Type;
    }
}
