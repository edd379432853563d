using TypedShm.Waiting;

namespace TypedShm;

/// <summary>
/// How to create a channel of calls. <see cref="MessageOptions.Capacity"/> is how many calls each client can have open, 64 unless set;
/// <see cref="MessageOptions.PayloadCapacity"/> is for requests and responses alike.
/// </summary>
public sealed record SharedCallOptions : MessageOptions
{
    /// <summary>The most calls that a client can have open: their numbers have 48 bits left to count with.</summary>
    internal const int MaxOpenCalls = 1 << 16;

    /// <summary>Makes options in which nothing was chosen yet.</summary>
    public SharedCallOptions() => Capacity = 64;

    /// <summary>
    /// Whether a client is told what a handler threw: the name of the type and the message, at most 1,024 bytes. On unless set; without
    /// it a client learns only that the handler failed.
    /// </summary>
    public bool ReportExceptions { get; init; } = true;

    internal CallShape CallShape => new(Shape, ReportExceptions ? CallShape.MaxError : 0);

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        if (CallShape.Fault() is { } fault)
            throw new ArgumentException(fault);
    }
}
