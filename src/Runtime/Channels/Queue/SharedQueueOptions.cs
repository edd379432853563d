using TypedShm.Waiting;

namespace TypedShm;

/// <summary>How to create a queue.</summary>
public sealed record SharedQueueOptions : MessageOptions
{
    /// <summary>
    /// How many writers have to complete a queue that its reader creates before it is complete; 1 unless set. If it is the number of
    /// those that are to come, a quick one cannot end the queue before a slow one is there. Each that has completed counts, also if it
    /// has left since; one that was disposed or killed without that does not, as it may have a successor. A lane that was added
    /// (<see cref="SharedQueueWriter{T}.AddLane(CancellationToken)"/>) is a writer of its own.
    /// </summary>
    public int Writers { get; init; } = 1;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(Writers, 1);
    }
}
