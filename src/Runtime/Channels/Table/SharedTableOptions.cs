using TypedShm.Waiting;

namespace TypedShm;

/// <summary>How to create a table.</summary>
public sealed record SharedTableOptions : ChannelOptions
{
    /// <summary>
    /// Whether the elements are live: written and read in place, field by field, as in a <see cref="SharedStruct"/>. Off unless set: then
    /// an element is always seen whole, for which there is room for it twice.
    /// </summary>
    public bool Live { get; init; }
}
