namespace TypedShm.Transport;

/// <summary>A point in time until which something may take, on the monotonic clock.</summary>
internal readonly struct Deadline
{
    private readonly long _milliseconds;

    private Deadline(long milliseconds) => _milliseconds = milliseconds;

    /// <summary>No limit.</summary>
    public static Deadline Never => new(long.MaxValue);

    public bool IsOver => Remaining == TimeSpan.Zero;

    /// <summary>What is left; <see cref="Timeout.InfiniteTimeSpan"/> if there is no limit.</summary>
    public TimeSpan Remaining => _milliseconds == long.MaxValue
        ? Timeout.InfiniteTimeSpan
        : TimeSpan.FromMilliseconds(Math.Max(0, _milliseconds - Environment.TickCount64));

    public static Deadline After(TimeSpan time)
    {
        if (time == Timeout.InfiniteTimeSpan)
            return Never;
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        return new Deadline(Environment.TickCount64 + (long)Math.Min(time.TotalMilliseconds, int.MaxValue));
    }

    /// <summary>The one that comes first.</summary>
    public Deadline Or(Deadline other) => new(Math.Min(_milliseconds, other._milliseconds));

    /// <summary>What is left, but at most <paramref name="slice"/>; in milliseconds, rounded up.</summary>
    public int Slice(int slice) => Remaining is { Ticks: >= 0 } left ? (int)Math.Min(slice, Math.Ceiling(left.TotalMilliseconds)) : slice;
}
