using System.Globalization;
using System.Runtime.InteropServices;
using Tmds.Linux;

namespace TypedShm.Interop;

internal static unsafe partial class Native
{
    private const int LockExclusive = 2;
    private const int LockNonBlocking = 4;
    private const ulong MostCounted = 1 << 20;

    /// <summary>How many descriptors this process has and may have: "1,024 of 1,024". Needs none itself.</summary>
    public static string DescriptorUse()
    {
        const int LimitOfDescriptors = 7;
        ResourceLimit limit;
        if (getrlimit(LimitOfDescriptors, &limit) != 0)
            return "their limit cannot be looked up";

        // Listing /proc/self/fd would take a descriptor, and there may be none.
        int used = 0;
        for (int i = 0; (ulong)i < Math.Min(limit.Current, MostCounted); i++)
            used += LibC.fcntl(i, LibC.F_GETFD) >= 0 ? 1 : 0;
        return $"{used.ToString("N0", CultureInfo.InvariantCulture)} of {limit.Current.ToString("N0", CultureInfo.InvariantCulture)}";
    }

    public static uint UserId => (uint)LibC.geteuid();

    /// <summary>Opens or creates a file and takes its lock, which the kernel frees when this process ends.</summary>
    /// <returns>The file, or null if another process holds the lock.</returns>
    public static SafeDescriptor? OpenLocked(string path)
    {
        fixed (byte* text = Utf8(path))
        {
            int number = LibC.open(text, LibC.O_RDWR | LibC.O_CREAT | LibC.O_CLOEXEC | LibC.O_NOFOLLOW, (mode_t)(ushort)0x180);
            if (number < 0)
                throw SystemCallException.FromLastError("open", $"opening the lock file '{path}'");

            SafeDescriptor file = new(number);
            while (flock(number, LockExclusive | LockNonBlocking) != 0)
            {
                int errno = Marshal.GetLastPInvokeError();
                if (errno == Errno.EINTR)
                    continue;
                file.Dispose();
                if (errno == Errno.EAGAIN)
                    return null;
                throw SystemCallException.Create("flock", errno, $"locking '{path}'");
            }

            return file;
        }
    }

    /// <summary>Whether what a path names is the file that a descriptor stands for.</summary>
    public static bool IsFileAt(SafeDescriptor file, string path)
    {
        stat opened;
        using Borrowed borrowed = new(file);
        if (LibC.fstat(borrowed.Descriptor, &opened) != 0)
            throw SystemCallException.FromLastError("fstat", $"examining the lock file '{path}'");
        return FileAt(path) == IdOf(&opened);
    }

    /// <summary>Which file a path names, symbolic links not followed; null if it names none.</summary>
    public static FileId? FileAt(string path)
    {
        stat named;
        fixed (byte* text = Utf8(path))
            return LibC.lstat(text, &named) == 0 ? IdOf(&named) : null;
    }

    /// <summary>Another descriptor of the same open file; null if the process has used up its descriptors.</summary>
    public static SafeDescriptor? TryDuplicate(SafeHandle handle)
    {
        using Borrowed borrowed = new(handle);
        int number = LibC.fcntl(borrowed.Descriptor, LibC.F_DUPFD_CLOEXEC, 0);
        return number < 0 ? null : new SafeDescriptor(number);
    }

    /// <summary>
    /// Takes over a descriptor that this process was started with, and keeps its children from inheriting it; null if the number is none.
    /// </summary>
    public static SafeDescriptor? Adopt(int number)
    {
        const int CloseOnExecFlag = 1; // FD_CLOEXEC
        return LibC.fcntl(number, LibC.F_SETFD, CloseOnExecFlag) < 0 ? null : new SafeDescriptor(number);
    }

    /// <summary>What a path names, symbolic links not followed.</summary>
    public static FileKind KindAt(string path)
    {
        const uint Type = 0xF000;
        const uint Socket = 0xC000;
        stat status;
        fixed (byte* text = Utf8(path))
        {
            return LibC.lstat(text, &status) != 0 ? FileKind.Missing
                : ((uint)status.st_mode & Type) == Socket ? FileKind.Socket : FileKind.Other;
        }
    }

    /// <summary>Owner and permission bits of a directory that is no symbolic link.</summary>
    public static (uint Owner, uint Mode, bool IsDirectory) DirectoryStatus(string path)
    {
        stat status;
        fixed (byte* text = Utf8(path))
        {
            if (LibC.lstat(text, &status) != 0)
                throw SystemCallException.FromLastError("lstat", $"examining the directory '{path}'");
        }

        uint mode = (ushort)status.st_mode;
        return ((uint)status.st_uid, mode & 0xFFF, (mode & 0xF000) == 0x4000);
    }

    private static FileId IdOf(stat* status) => new((ulong)status->st_dev, (ulong)status->st_ino);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(int descriptor, int operation);
}

/// <summary>What may stand at the path of an endpoint.</summary>
internal enum FileKind
{
    Missing,
    Socket,
    Other,
}

/// <summary>A file, whatever its names are: its device and its inode.</summary>
internal readonly record struct FileId(ulong Device, ulong Inode);
