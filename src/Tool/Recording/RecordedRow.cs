namespace TypedShm.Tool.Recording;

/// <summary>A row of a recording: a value or message, and what is known of it.</summary>
/// <param name="Value">The value, with its number, its publish time and its payload.</param>
/// <param name="Received">When it was copied, in nanoseconds of CLOCK_MONOTONIC.</param>
/// <param name="Lost">How many were overwritten since the row before, before they could be copied.</param>
internal sealed record RecordedRow(SharedSnapshot Value, long Received, long Lost)
{
    /// <summary>When it happened: published, if that is known, else received.</summary>
    public long Time => Value.PublishedAt ?? Received;
}
