using TypedShm.Rings;

namespace TypedShm;

/// <summary>What all channels of messages have in common when they are created. Chosen by the creator; the other end adopts it.</summary>
public abstract record MessageOptions : ChannelOptions
{
    private protected MessageOptions()
    {
    }

    /// <summary>How many messages there is room for, a power of two; 1,024 unless set.</summary>
    public int Capacity { get; init; } = 1024;

    /// <summary>
    /// The most bytes of payload that a message can carry beside the struct; 0 unless set. Every slot has room for it: the region's size
    /// is the capacity times that. What earlier messages have left behind a shorter one stays there, unless a peer is of another user:
    /// from then on it is cleared with each commit.
    /// </summary>
    public int PayloadCapacity { get; init; }

    /// <summary>
    /// The alignment of payloads in bytes, a power of two; 16 unless set. With the size of a page (4,096) each payload
    /// begins on a page of its own.
    /// </summary>
    public int PayloadAlignment { get; init; } = 16;

    /// <summary>
    /// Whether the memory of payloads is allocated only as messages need it, instead of all of it when the channel is created. Off unless
    /// set. For rings with room for payloads that are seldom as long as they may be: each slot is on pages of its own, and has as many as
    /// its longest message so far. That the machine is full is then a <see cref="SystemCallException"/> of a write or claim. Who opens
    /// the channel has to want that too: <see cref="OpenOptions.AllowSparsePayloads"/>.
    /// </summary>
    public bool SparsePayloads { get; init; }

    /// <summary>Whether each message carries the time at which it was published. Reading the clock costs some 25 ns a message.</summary>
    public bool PublishTimes { get; init; }

    internal MessageShape Shape => new(Capacity, PayloadCapacity, PayloadAlignment, PublishTimes, SparsePayloads);

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        if (Shape.Fault() is { } fault)
            throw new ArgumentException(fault);
        if (SparsePayloads && Memory.FaultWithSparsePayloads is { } contradiction)
            throw new ArgumentException(contradiction);
    }
}
