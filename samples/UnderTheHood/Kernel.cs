using System.Runtime.InteropServices;
using Tmds.Linux;

namespace TypedShm.Samples.UnderTheHood;

/// <summary>The system calls of the tour, with the answers that they get.</summary>
internal static unsafe class Kernel
{
    private const int Success = 0;

    public static int Number(SafeHandle descriptor) => (int)descriptor.DangerousGetHandle();

    /// <summary>Inode and number of names of what a descriptor refers to: fstat(2).</summary>
    public static (ulong Inode, ulong Links) Status(int descriptor)
    {
        stat status;
        if (LibC.fstat(descriptor, &status) != 0)
            throw new InvalidOperationException($"fstat: {LastError()}");
        return ((ulong)status.st_ino, (ulong)status.st_nlink);
    }

    /// <summary>The names of the seals: fcntl(F_GET_SEALS).</summary>
    public static string Seals(int descriptor)
    {
        (int Bit, string Name)[] names = [(0x01, "F_SEAL_SEAL"), (0x02, "F_SEAL_SHRINK"), (0x04, "F_SEAL_GROW"), (0x08, "F_SEAL_WRITE"),
            (0x10, "F_SEAL_FUTURE_WRITE"), (0x20, "F_SEAL_EXEC")];
        int seals = LibC.fcntl(descriptor, LibC.F_GET_SEALS);
        return $"0x{seals:x} = {string.Join(" | ", names.Where(seal => (seals & seal.Bit) != 0).Select(seal => seal.Name))}";
    }

    public static string TryTruncate(int descriptor) => Answer(LibC.ftruncate(descriptor, 0));

    public static string TryWrite(int descriptor)
    {
        byte zero = 0;
        return Answer((int)(long)LibC.pwrite(descriptor, &zero, 1, 0));
    }

    public static string TryMapWritable(int descriptor, long size)
    {
        void* address = LibC.mmap(null, (size_t)(ulong)size, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_SHARED, descriptor, 0);
        return Answer(address == LibC.MAP_FAILED ? -1 : Success);
    }

    /// <summary>
    /// A memfd of this process's own, filled with the same bytes, and mapped as a reader maps it. Held until the process ends.
    /// </summary>
    public static Mapped MapCopy(ReadOnlySpan<byte> bytes, int offset)
    {
        fixed (byte* name = "a copy\0"u8, source = bytes)
        {
            int descriptor = LibC.memfd_create(name, LibC.MFD_CLOEXEC);
            if (descriptor < 0 || (long)LibC.write(descriptor, source, bytes.Length) != bytes.Length)
                throw new InvalidOperationException($"memfd_create, write: {LastError()}");
            void* address = LibC.mmap(null, bytes.Length, LibC.PROT_READ, LibC.MAP_SHARED, descriptor, 0);
            if (address == LibC.MAP_FAILED)
                throw new InvalidOperationException($"mmap: {LastError()}");
            return new Mapped(Environment.ProcessId, descriptor, (nint)address + offset);
        }
    }

    private static string Answer(int result) => result < 0 ? LastError() : "done";

    private static string LastError()
    {
        int errno = Marshal.GetLastPInvokeError();
        return $"refused: {Marshal.GetPInvokeErrorMessage(errno)}";
    }
}
