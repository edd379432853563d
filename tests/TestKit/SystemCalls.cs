using System.Runtime.InteropServices;

namespace TypedShm.TestKit;

/// <summary>The calls that .NET has no methods for.</summary>
internal static unsafe partial class SystemCalls
{
    public const int SigStop = 19;
    public const int SigContinue = 18;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int kill(int process, int signal);

    [LibraryImport("libc")]
    public static partial int gettid();

    [LibraryImport("libc", SetLastError = true)]
    public static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint sendmsg(int socket, MessageHeader* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint recvmsg(int socket, MessageHeader* message, int flags);

    /// <summary>Whether the other end of a socket was closed, whatever it has sent before.</summary>
    public static bool HasHungUp(int socket)
    {
        const short HangUp = 0x10;
        const short ReadHangUp = 0x2000;
        PollEntry entry = new() { Descriptor = socket, Events = ReadHangUp };
        return poll(&entry, 1, 0) > 0 && (entry.Returned & (HangUp | ReadHangUp)) != 0;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(PollEntry* entries, nint count, int timeout);

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    /// <summary>struct msghdr of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public nint Name;
        public uint NameLength;
        public Vector* Vectors;
        public nint VectorCount;
        public void* Control;
        public nint ControlLength;
        public int Flags;
    }

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Vector
    {
        public void* Base;
        public nint Length;
    }
}
