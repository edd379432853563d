using System.Diagnostics;

namespace TypedShm.Tool.Sampling;

/// <summary>How fast a count grows, from one look to the next.</summary>
internal struct RateMeter
{
    private long? _last;
    private long _when;

    /// <summary>Null before the second look, and if the count is not known.</summary>
    public double? PerSecond { get; private set; }

    /// <summary>How much the count has grown since the look before.</summary>
    public long Growth { get; private set; }

    public void Add(long? count)
    {
        long now = Stopwatch.GetTimestamp();
        Growth = count - _last ?? 0;
        PerSecond = _last is not null && count is not null ? Growth / Stopwatch.GetElapsedTime(_when, now).TotalSeconds : null;
        _last = count;
        _when = now;
    }
}
