using System.Runtime.InteropServices;

namespace TypedShm.Generator.Tests;

/// <summary>The processor time of the calling thread, which what else the machine does changes less than the clock's.</summary>
internal static partial class ThreadTime
{
    private const int OfThread = 3;

    public static TimeSpan Now()
    {
        if (GetTime(OfThread, out TimeSpec time) != 0)
            throw new InvalidOperationException($"clock_gettime failed with errno {Marshal.GetLastPInvokeError()}.");
        return TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1_000.0);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int GetTime(int clock, out TimeSpec time);

    private readonly record struct TimeSpec(long Seconds, long Nanoseconds);
}
