using System.Runtime.InteropServices;

namespace TypedShm.Tool.Health;

/// <summary>The system calls that <c>doctor</c> tries.</summary>
internal static unsafe partial class SystemCalls
{
    /// <summary>MFD_NOEXEC_SEAL.</summary>
    public const uint NoExecSeal = 8;

    private const uint CloseOnExecAndSeals = 1 | 2;
    private const int MembarrierQuery = 0;
    private const int GlobalExpedited = 2;

    // The same on x64 and arm64.
    private const nint FutexWaitv = 449;
    private const int NoSystemCall = 38;
    private const int NotPermitted = 1;

    private static nint MembarrierNumber => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 283 : 324;

    public static uint UserId => geteuid();

    public static bool TryMemfd(uint flags, out int error)
    {
        int file;
        fixed (byte* name = "typedshm:doctor"u8)
            file = memfd_create(name, CloseOnExecAndSeals | flags);
        error = file < 0 ? Marshal.GetLastPInvokeError() : 0;
        return file >= 0 && close(file) == 0;
    }

    /// <summary>Whether the kernel has the call: without arguments it fails in another way.</summary>
    public static bool HasFutexWaitv() =>
        syscall(FutexWaitv, 0, 0, 0, 0, 0) < 0 && Marshal.GetLastPInvokeError() is not (NoSystemCall or NotPermitted);

    public static bool HasMembarrier() =>
        syscall(MembarrierNumber, MembarrierQuery, 0, 0, 0, 0) is > 0 and var commands && (commands & GlobalExpedited) != 0;

    [LibraryImport("libc")]
    private static partial uint geteuid();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int memfd_create(byte* name, uint flags);

    [LibraryImport("libc")]
    private static partial int close(int file);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint one, nint two, nint three, nint four, nint five);
}
