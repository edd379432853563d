using System.Runtime.InteropServices;

namespace TypedShm.TestKit;

/// <summary>
/// The system calls that .NET has no methods for, and those that attacks are made of. Nothing of the library is used: a hostile peer would
/// not either.
/// </summary>
internal static unsafe partial class SystemCalls
{
    public const int SigStop = 19;
    public const int SigContinue = 18;

    public const int EINTR = 4;
    public const int EAGAIN = 11;
    public const int EPERM = 1;
    public const int EBADF = 9;
    public const int EPIPE = 32;
    public const int ECONNREFUSED = 111;
    public const int ENOENT = 2;

    public const int CloseOnExec = 0x80000;
    public const int SeqPacket = 5 | CloseOnExec;
    public const int Unix = 1;
    public const int DontWait = 0x40;
    public const int NoSignal = 0x4000;
    public const int SocketLevel = 1;

    public const int ReadOnly = 1;
    public const int ReadWrite = 3;

    public const int SealSeal = 1;
    public const int SealShrink = 2;
    public const int SealGrow = 4;
    public const int SealWrite = 8;
    public const int SealFutureWrite = 16;
    public const int AllSeals = SealSeal | SealShrink | SealGrow | SealFutureWrite;

    public static readonly int PageSize = Environment.SystemPageSize;

    public static int Errno => Marshal.GetLastPInvokeError();

    /// <summary>Whether the other end of a socket was closed, whatever it has sent before.</summary>
    public static bool HasHungUp(int socket)
    {
        const short HangUp = 0x10;
        const short ReadHangUp = 0x2000;
        PollEntry entry = new() { Descriptor = socket, Events = ReadHangUp };
        return poll(&entry, 1, 0) > 0 && (entry.Returned & (HangUp | ReadHangUp)) != 0;
    }

    [LibraryImport("libc", SetLastError = true)]
    public static partial int kill(int process, int signal);

    [LibraryImport("libc")]
    public static partial int gettid();

    [LibraryImport("libc", SetLastError = true)]
    public static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int socketpair(int domain, int type, int protocol, int* ends);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int bind(int socket, byte* address, int length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int listen(int socket, int backlog);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int accept4(int socket, void* address, void* length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int connect(int socket, byte* address, int length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int getsockname(int socket, byte* address, int* length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setsockopt(int socket, int level, int name, void* value, int length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint sendmsg(int socket, Message* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint recvmsg(int socket, Message* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint send(int socket, byte* data, nint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int shutdown(int socket, int how);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int poll(PollEntry* entries, nint count, int timeout);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int pipe2(int* ends, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int eventfd(uint value, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int openat(int directory, string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint read(int descriptor, void* data, nint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint write(int descriptor, void* data, nint length);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int chmod(string path, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int memfd_create(string name, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int ftruncate(int descriptor, long size);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fallocate(int descriptor, int mode, long offset, long length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint pwrite(int descriptor, void* data, nint length, long offset);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fcntl(int descriptor, int command, int argument);

    [LibraryImport("libc", SetLastError = true)]
    public static partial void* mmap(void* address, nint length, int protection, int flags, int descriptor, long offset);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int mprotect(void* address, nint length, int protection);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int munmap(void* address, nint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int madvise(void* address, nint length, int advice);

    [LibraryImport("libc", SetLastError = true)]
    public static partial long syscall(long number, void* first, long second, long third, void* fourth, void* fifth, long sixth);

    /// <summary>Begins a mount. By number, since glibc has it from 2.36 on.</summary>
    public static int fsopen(string type, uint flags)
    {
        fixed (byte* text = Utf8(type))
            return (int)syscall(430, text, flags, 0, null, null, 0);
    }

    public static int fsconfig(int context, uint command, string? key, string? value, int number)
    {
        fixed (byte* name = Utf8(key), text = Utf8(value))
            return (int)syscall(431, (void*)context, command, (long)name, text, (void*)number, 0);
    }

    public static int fsmount(int context, uint flags, uint attributes) =>
        (int)syscall(432, (void*)context, flags, attributes, null, null, 0);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setresgid(uint real, uint effective, uint saved);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setresuid(uint real, uint effective, uint saved);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int prctl(int option, nint argument);

    [LibraryImport("libc")]
    public static partial uint geteuid();

    private static byte[]? Utf8(string? text) => text is null ? null : System.Text.Encoding.UTF8.GetBytes(text + '\0');

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Vector
    {
        public void* Base;
        public nint Length;
    }

    /// <summary>struct msghdr of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Message
    {
        public nint Name;
        public uint NameLength;
        public Vector* Vectors;
        public nint VectorCount;
        public void* Control;
        public nint ControlLength;
        public int Flags;
    }

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
