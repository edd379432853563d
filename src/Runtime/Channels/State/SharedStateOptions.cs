using TypedShm.Waiting;

namespace TypedShm;

/// <summary>How to create a <see cref="SharedStateWriter{T}"/>.</summary>
public sealed record SharedStateOptions : ChannelOptions
{
    /// <summary>Whether each value carries the time at which it was published. Reading the clock costs some 25 ns a value.</summary>
    public bool PublishTimes { get; init; }
}
