using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace TypedShm.Rings;

/// <summary>
/// How long a reader tries again to copy a value that its writer overwrites: at least 64 times, and at least a millisecond after that.
/// </summary>
/// <remarks>
/// <para>
/// A try fails if the writer comes round all cells while it lasts. With cells enough that a lap takes longer than a try, an honest writer
/// makes two or three fail in a row, seldom more. What is left are threads that lose their processor in mid-copy, for a time that no
/// number of tries outlasts: hence the millisecond. After both, the writer wants to keep readers from reading, or the state has too few
/// cells for it.
/// </para>
/// <para>
/// No pause between tries. A writer that rests lets the next one succeed, and one that does not makes it no likelier to succeed later.
/// Whoever retries is compiled with <see cref="MethodImplOptions.AggressiveOptimization"/>: such methods are called so seldom that they
/// would run as they were first compiled, and one try of theirs would take as long as several laps.
/// </para>
/// </remarks>
internal struct RetryBudget
{
    public const int MinTries = 64;

    // 1 ms, in ticks of the monotonic clock.
    private static readonly long s_minTime = Stopwatch.Frequency / 1000;

    private int _tries;
    private long _until;

    /// <summary>Whether to try again.</summary>
    public bool TryAgain()
    {
        if (++_tries < MinTries)
            return true;
        long now = Stopwatch.GetTimestamp();
        if (_tries == MinTries)
            _until = now + s_minTime;
        return now < _until;
    }
}
