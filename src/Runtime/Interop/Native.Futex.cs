using System.Runtime.InteropServices;

namespace TypedShm.Interop;

internal static unsafe partial class Native
{
    /// <summary>The most words that <see cref="FutexWaitv"/> takes.</summary>
    public const int MaxFutexes = 128;

    private const int FutexWake = 1;
    private const int FutexWaitBitset = 9;
    private const int FutexPrivate = 128;
    private const uint Futex32 = 2;
    private const uint AnyBit = uint.MaxValue;
    private const int ClockMonotonic = 1;

    // The same number on all architectures.
    private const long FutexWaitvNumber = 449;

    private static readonly long s_futex = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 98 : 202;

    /// <summary>Whether the kernel can wait for several words at once: Linux 5.16, and no filter against it.</summary>
    public static bool HasFutexWaitv { get; } = ProbeFutexWaitv();

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
        Timespec until = Timespec.Of(deadline);
        if (syscallWait(s_futex, word, FutexWaitBitset, value, &until, null, AnyBit) != 0)
            ThrowUnlessHarmless("futex(FUTEX_WAIT_BITSET)");
    }

    /// <summary>As <see cref="FutexWait"/>, on a word that only this process knows.</summary>
    public static void FutexWaitPrivate(uint* word, uint value, long deadline)
    {
        Timespec until = Timespec.Of(deadline);
        if (syscallWait(s_futex, word, FutexWaitBitset | FutexPrivate, value, &until, null, AnyBit) != 0)
            ThrowUnlessHarmless("futex(FUTEX_WAIT_BITSET)");
    }

    /// <summary>As <see cref="FutexWait"/>, while all of several words hold their values.</summary>
    /// <param name="futexes">At most <see cref="MaxFutexes"/>, in memory that does not move.</param>
    /// <param name="count">How many.</param>
    /// <param name="deadline">Nanoseconds of <see cref="MonotonicNanoseconds"/>.</param>
    public static void FutexWaitv(Futex* futexes, int count, long deadline)
    {
        Timespec until = Timespec.Of(deadline);
        if (syscallWaitv(FutexWaitvNumber, futexes, (uint)count, 0, &until, ClockMonotonic) < 0)
            ThrowUnlessHarmless("futex_waitv");
    }

    /// <summary>Wakes whoever sleeps on <paramref name="word"/>. Costs about 0.4 µs when nobody does.</summary>
    /// <returns>How many were woken.</returns>
    public static int FutexWakeAll(uint* word) => (int)syscallWake(s_futex, word, FutexWake, int.MaxValue, null, null, 0);

    /// <summary>As <see cref="FutexWakeAll"/>, for a word that only this process knows.</summary>
    public static void FutexWakePrivate(uint* word) => syscallWake(s_futex, word, FutexWake | FutexPrivate, int.MaxValue, null, null, 0);

    /// <summary>Nanoseconds of CLOCK_MONOTONIC, which every process of the machine shares.</summary>
    public static long MonotonicNanoseconds
    {
        get
        {
            Timespec now;
            if (clock_gettime(ClockMonotonic, &now) != 0)
                throw SystemCallException.FromLastError("clock_gettime", "reading the monotonic clock");
            return (now.Seconds * 1_000_000_000) + now.Nanoseconds;
        }
    }

    private static void ThrowUnlessHarmless(string call)
    {
        // EFAULT: the region was disposed a moment ago, and no shared futex can be on the zero pages in its place.
        int errno = Marshal.GetLastPInvokeError();
        if (errno is not (Errno.EAGAIN or Errno.EINTR or Errno.ETIMEDOUT or Errno.EFAULT))
            throw SystemCallException.Create(call, errno, "waiting for a peer");
    }

    // Called with no words at all, which is an error of its own where the call exists.
    private static bool ProbeFutexWaitv()
    {
        syscallWaitv(FutexWaitvNumber, null, 0, 0, null, ClockMonotonic);
        return Marshal.GetLastPInvokeError() == Errno.EINVAL;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long syscallWaitv(long number, Futex* futexes, uint count, uint flags, Timespec* until, int clock);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long syscallWait(long number, uint* word, int operation, uint value, Timespec* until, uint* unused, uint bits);

    // No SetLastError: a wake cannot usefully fail, and errno costs ten times the call's own transition.
    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial long syscallWake(
        long number, uint* word, int operation, uint count, Timespec* unused, uint* unused2, uint unused3);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int clock_gettime(int clock, Timespec* time);

    /// <summary>One word of <see cref="FutexWaitv"/>: <c>struct futex_waitv</c>.</summary>
    public struct Futex
    {
        private ulong _value;
        private ulong _word;
        private uint _flags;
        private uint _reserved;

        /// <summary>Sleep while the word holds the value.</summary>
        public void Set(uint* word, uint value, bool isPrivate)
        {
            _value = value;
            _word = (ulong)word;
            _flags = Futex32 | (isPrivate ? FutexPrivate : 0u);
            _reserved = 0;
        }
    }

    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;

        public static Timespec Of(long nanoseconds)
        {
            (long seconds, long rest) = Math.DivRem(nanoseconds, 1_000_000_000);
            return new Timespec { Seconds = seconds, Nanoseconds = rest };
        }
    }
}
