using TypedShm.Waiting;

namespace TypedShm;

/// <summary>How to create a broadcast. <see cref="MessageOptions.Capacity"/> is how many messages a reader can be behind.</summary>
public sealed record SharedBroadcastOptions : MessageOptions
{
    /// <summary>
    /// Whether the writer waits for the slowest reader. Off unless set: then the writer never waits, and a reader that is more than
    /// <see cref="MessageOptions.Capacity"/> messages behind loses the oldest, and learns how many.
    /// </summary>
    public bool Lossless { get; init; }

    /// <summary>
    /// How many messages from before it joined a reader gets, at most the capacity; none unless set. Those that are overwritten while it
    /// joins a broadcast that may lose messages count as lost.
    /// </summary>
    public int History { get; init; }

    /// <summary>
    /// How long a reader may keep a single message of a lossless broadcast from being written. Then it is cut off: the writer goes on, and
    /// the reader gets a <see cref="CutOffException"/>. Without limit unless set: a reader that is stopped stops the writer.
    /// </summary>
    public TimeSpan? CutOffAfter { get; init; }

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        if (History < 0 || History > Capacity)
            throw new ArgumentException($"The history is {History} messages, but it must be between 0 and the capacity, {Capacity}.");
        if (CutOffAfter is { } limit && (!Lossless || limit <= TimeSpan.Zero || limit.TotalMilliseconds > int.MaxValue))
            throw new ArgumentException($"CutOffAfter is {limit}, but it must be a positive time, and the broadcast must be lossless: "
                + "only there does a reader hold the writer up.");
    }
}
