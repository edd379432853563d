using System.Runtime.InteropServices;
using System.Text;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace TypedShm.TestPeer;

/// <summary>What a reader might try in order to write. Each answers with the kernel's refusal, or says that it worked.</summary>
internal static unsafe class Attacks
{
    private const long Wrong = 0x6666_6666_6666_6666;
    private const int PunchHole = 0x02 | 0x01; // FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE
    private const int MadviseRemove = 9;

    public static string OnRegion(string attack, SharedRegion region) =>
        Run(attack, (int)region.Descriptor.DangerousGetHandle(), (byte*)region.Address, (int)region.Size, (int)region.DataOffset);

    /// <summary>The same attack on a memfd without seals, which shows that it is one.</summary>
    public static string OnUnsealedMemory(string attack)
    {
        int size = Environment.SystemPageSize;
        int descriptor;
        fixed (byte* name = "unsealed\0"u8)
            descriptor = memfd_create(name, (uint)(MFD_CLOEXEC | MFD_ALLOW_SEALING));
        try
        {
            Require(ftruncate(descriptor, size) == 0);
            void* address = mmap(null, size, PROT_READ, MAP_SHARED, descriptor, 0);
            Require(address != MAP_FAILED);
            return Run(attack, descriptor, (byte*)address, size, 0);
        }
        finally
        {
            Require(close(descriptor) == 0);
        }
    }

    private static string Run(string attack, int descriptor, byte* address, int size, int data) => attack switch
    {
        "mprotect" => Try(mprotect(address, size, PROT_READ | PROT_WRITE) == 0, () => *(long*)(address + data) = Wrong),
        "second-mapping" => Map(descriptor, size, data),
        "reopened-mapping" => WithReopened(descriptor, again => Map(again, size, data)),
        "reopened-write" => WithReopened(descriptor, again => Write(again, data)),
        "reopened-truncate" => WithReopened(descriptor, again => Try(ftruncate(again, 0) == 0)),
        "reopened-grow" => WithReopened(descriptor, again => Try(ftruncate(again, size * 2) == 0)),
        "reopened-hole" => WithReopened(descriptor, again => Try(fallocate(again, PunchHole, 0, size) == 0)),
        "write" => Write(descriptor, data),
        "truncate" => Try(ftruncate(descriptor, 0) == 0),
        "hole" => Try(fallocate(descriptor, PunchHole, 0, size) == 0),
        "remove" => Try(madvise(address, size, MadviseRemove) == 0),
        "memory-file" => MemoryFile(address + data),
        "unseal" => Try(fcntl(descriptor, F_ADD_SEALS, F_SEAL_WRITE) == 0),
        _ => throw new ArgumentException($"no such attack: {attack}"),
    };

    private static string Map(int descriptor, int size, int data)
    {
        void* second = mmap(null, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
        return Try(second != MAP_FAILED, () => *(long*)((byte*)second + data) = Wrong);
    }

    private static string Write(int descriptor, int data)
    {
        long wrong = Wrong;
        return Try((long)pwrite(descriptor, &wrong, sizeof(long), data) == sizeof(long));
    }

    // Works where a page is only protected, and private: the kernel itself then writes to a copy.
    private static string MemoryFile(byte* target)
    {
        int memory = Open("/proc/self/mem");
        long wrong = Wrong;
        string result = Try((long)pwrite(memory, &wrong, sizeof(long), (long)target) == sizeof(long));
        Require(close(memory) == 0);
        return result;
    }

    private static string WithReopened(int descriptor, Func<int, string> attack)
    {
        int again = Open($"/proc/self/fd/{descriptor}");
        string result = attack(again);
        Require(close(again) == 0);
        return result;
    }

    private static int Open(string path)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(path + '\0'))
        {
            int descriptor = open(text, O_RDWR | O_CLOEXEC);
            Require(descriptor >= 0);
            return descriptor;
        }
    }

    private static string Try(bool worked, Action? harm = null)
    {
        int errno = Marshal.GetLastWin32Error();
        if (!worked)
            return $"refused: {NameOf(errno)}";
        harm?.Invoke();
        return "it worked";
    }

    private static string NameOf(int errno) => errno switch
    {
        1 => "EPERM",
        5 => "EIO",
        9 => "EBADF",
        13 => "EACCES",
        14 => "EFAULT",
        22 => "EINVAL",
        _ => $"errno {errno}",
    };

    private static void Require(bool worked)
    {
        if (!worked)
            throw new InvalidOperationException($"the preparation of an attack failed with errno {Marshal.GetLastWin32Error()}");
    }
}
