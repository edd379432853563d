using TypedShm.Waiting;

namespace TypedShm;

/// <summary>How to create a <see cref="SharedStructWriter{T}"/>.</summary>
public sealed record SharedStructOptions : ChannelOptions
{
    /// <summary>
    /// Whether peers may open the struct for writing with <c>OpenReadWrite</c>. Off unless set: then the kernel itself
    /// refuses every other process a mapping that writes.
    /// </summary>
    public bool AllowPeersToWrite { get; init; }
}
