using System.Runtime.InteropServices;

namespace TypedShm.CrashSweep.Victims;

/// <summary>Signals, which .NET sends to other processes only, and only to end them.</summary>
internal static partial class Signals
{
    private const int Kill = 9;
    private const int Stop = 19;

    /// <summary>Ends this process, here and now.</summary>
    public static void KillSelf() => Send(Kill);

    /// <summary>Stops this process until it is sent SIGCONT.</summary>
    public static void StopSelf() => Send(Stop);

    private static void Send(int signal)
    {
        if (kill(Environment.ProcessId, signal) != 0)
            throw new InvalidOperationException($"This process could not be sent signal {signal}.");
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int process, int signal);
}
