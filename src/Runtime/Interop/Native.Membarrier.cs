using System.Runtime.InteropServices;

namespace TypedShm.Interop;

internal static unsafe partial class Native
{
    private const int BarrierGlobalExpedited = 1 << 1;
    private const int BarrierRegisterGlobalExpedited = 1 << 2;

    private static readonly long s_membarrier = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 283 : 324;

    /// <summary>
    /// A full fence on every processor that runs a thread of a process that has registered, and on this one. About 1 µs.
    /// </summary>
    /// <returns>False if the kernel could not, for instance for want of memory, or a filter does not allow it.</returns>
    public static bool TryBarrierEverywhere() => syscallBarrier(s_membarrier, BarrierGlobalExpedited, 0, 0) == 0;

    /// <summary>
    /// Lets <see cref="TryBarrierEverywhere"/> of any process reach this one. Takes some 20 ms in a process with threads.
    /// </summary>
    /// <returns>False if a filter or the kernel does not allow it.</returns>
    public static bool TryRegisterForBarriers() => syscallBarrier(s_membarrier, BarrierRegisterGlobalExpedited, 0, 0) == 0;

    // No SetLastError: whatever the reason, the answer to a failure is the same.
    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial long syscallBarrier(long number, int command, uint flags, int processor);
}
