using System.Globalization;
using System.Runtime.InteropServices;

namespace TypedShm.CrossProcess.Measuring;

/// <summary>Which cores threads run on.</summary>
internal static unsafe partial class Affinity
{
    private static readonly nuint s_all = Get();

    /// <summary>Puts the calling thread on one core, until it is disposed.</summary>
    public static Pinned Thread(int core)
    {
        Set(0, (nuint)1 << core);
        return default;
    }

    /// <summary>Puts all threads of this process on one core, and so those that they start, until it is disposed.</summary>
    public static Pinned Process(int core)
    {
        SetAll((nuint)1 << core);
        return new Pinned(true);
    }

    /// <summary>How many cores this process may use.</summary>
    public static int Cores => System.Numerics.BitOperations.PopCount(s_all);

    private static nuint Get()
    {
        nuint mask = 0;
        if (sched_getaffinity(0, sizeof(nuint), &mask) < 0)
            throw new InvalidOperationException($"sched_getaffinity: {Marshal.GetLastPInvokeErrorMessage()}.");
        return mask;
    }

    private static void SetAll(nuint mask)
    {
        foreach (string task in Directory.GetDirectories("/proc/self/task"))
            Set(int.Parse(Path.GetFileName(task), CultureInfo.InvariantCulture), mask);
    }

    private static void Set(int thread, nuint mask)
    {
        // A thread that has ended meanwhile is of no interest.
        const int ESRCH = 3;
        if (sched_setaffinity(thread, (nuint)sizeof(nuint), &mask) != 0 && Marshal.GetLastPInvokeError() != ESRCH)
        {
            string why = Marshal.GetLastPInvokeErrorMessage();
            throw new InvalidOperationException($"This program needs cores 0 and 1; sched_setaffinity: {why}.");
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sched_setaffinity(int thread, nuint size, nuint* mask);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sched_getaffinity(int thread, nint size, nuint* mask);

    public readonly struct Pinned(bool all) : IDisposable
    {
        public void Dispose()
        {
            if (all)
                SetAll(s_all);
            else
                Set(0, s_all);
        }
    }
}
