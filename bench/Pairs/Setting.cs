using System.Runtime.InteropServices;

namespace TypedShm.Pairs;

/// <summary>What both processes of a benchmark are told.</summary>
internal sealed partial record Setting(string Name, WaitFence Fence)
{
    /// <summary>Puts the calling thread on one core.</summary>
    public static unsafe void Pin(int core)
    {
        ulong mask = 1UL << core;
        if (sched_setaffinity(0, sizeof(ulong), &mask) != 0)
            throw new InvalidOperationException($"This thread could not be put on core {core}: {Marshal.GetLastPInvokeErrorMessage()}.");
    }

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int sched_setaffinity(int thread, nint size, ulong* mask);
}
