using System.Runtime.InteropServices;

namespace TypedShm.Interop;

internal static unsafe partial class Native
{
    private const int FutexWake = 1;
    private const int FutexWaitBitset = 9;
    private const uint AnyBit = uint.MaxValue;

    private static readonly long s_futex = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 98 : 202;

    /// <summary>
    /// Sleeps while <paramref name="word"/> holds <paramref name="value"/>, at most until <paramref name="deadline"/>.
    /// Returns for any reason at all (woken, value changed, signal, deadline), so the caller looks again.
    /// </summary>
    /// <param name="word">A word of a shared mapping; reading it is enough.</param>
    /// <param name="value">The value that was seen.</param>
    /// <param name="deadline">Nanoseconds of <see cref="MonotonicNanoseconds"/>.</param>
    /// <remarks>
    /// The wait is shared (no FUTEX_PRIVATE_FLAG), since the waker is another process, and takes an absolute deadline,
    /// since a relative one starts afresh whenever the process handles a signal.
    /// </remarks>
    public static void FutexWait(uint* word, uint value, long deadline)
    {
        (long seconds, long nanoseconds) = Math.DivRem(deadline, 1_000_000_000);
        Timespec until = new() { Seconds = seconds, Nanoseconds = nanoseconds };
        if (syscallWait(s_futex, word, FutexWaitBitset, value, &until, null, AnyBit) == 0)
            return;

        // EFAULT: the mapping was disposed meanwhile, and there is no futex on the zero pages in its place. Whoever disposed it
        // has marked its link as ended before.
        int errno = Marshal.GetLastPInvokeError();
        if (errno is not (Errno.EAGAIN or Errno.EINTR or Errno.ETIMEDOUT or Errno.EFAULT))
            throw SystemCallException.Create("futex(FUTEX_WAIT_BITSET)", errno, "waiting for a peer");
    }

    /// <summary>Wakes whoever sleeps on <paramref name="word"/>. Costs about 0.4 µs when nobody does.</summary>
    /// <returns>How many were woken.</returns>
    public static int FutexWakeAll(uint* word) => (int)syscallWake(s_futex, word, FutexWake, int.MaxValue, null, null, 0);

    /// <summary>Nanoseconds of CLOCK_MONOTONIC, which every process of the machine shares.</summary>
    public static long MonotonicNanoseconds
    {
        get
        {
            const int ClockMonotonic = 1;
            Timespec now;
            if (clock_gettime(ClockMonotonic, &now) != 0)
                throw SystemCallException.FromLastError("clock_gettime", "reading the monotonic clock");
            return (now.Seconds * 1_000_000_000) + now.Nanoseconds;
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long syscallWait(long number, uint* word, int operation, uint value, Timespec* until, uint* unused, uint bits);

    // No SetLastError: a wake cannot usefully fail, and errno costs ten times the call's own transition.
    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial long syscallWake(long number, uint* word, int operation, uint count, Timespec* unused, uint* unused2, uint unused3);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int clock_gettime(int clock, Timespec* time);

    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
