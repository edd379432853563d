using System.ComponentModel;
using System.Runtime.InteropServices;

namespace TypedShm.BuildCost;

/// <summary>
/// The processor time of the child processes that have ended, which <see cref="System.Diagnostics.Process"/> can no longer tell.
/// </summary>
internal static partial class ChildTime
{
    private const int OfChildren = -1;
    private const int WordsOfUsage = 18;

    /// <summary>User and system time of all children so far.</summary>
    public static TimeSpan Now()
    {
        // struct rusage begins with two struct timeval: seconds and microseconds, of user and system time.
        long[] usage = new long[WordsOfUsage];
        if (GetUsage(OfChildren, usage) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        return TimeSpan.FromSeconds(usage[0] + usage[2]) + TimeSpan.FromMicroseconds(usage[1] + usage[3]);
    }

    [LibraryImport("libc", EntryPoint = "getrusage", SetLastError = true)]
    private static partial int GetUsage(int who, [Out] long[] usage);
}
