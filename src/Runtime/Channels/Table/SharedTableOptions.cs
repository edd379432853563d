using System.Runtime.InteropServices;

namespace TypedShm;

/// <summary>How to create a table.</summary>
public sealed record SharedTableOptions : ChannelOptions
{
    /// <summary>
    /// Whether the elements are live: written and read in place, field by field, as in a <see cref="SharedStruct"/>. Off unless set: then
    /// an element is always seen whole, for which there is room for it twice.
    /// </summary>
    public bool Live { get; init; }

    /// <summary>
    /// The region of the creator before this one, to begin with its elements, and with the numbers of their changes. A descriptor from
    /// <see cref="SystemdStore"/>, or of a reader that has kept it (<see cref="OpenOptions.KeepDescriptor"/>); it is needed until
    /// <c>Create</c> returns, and stays the caller's to dispose. Unless set, all elements are zeros. If the region is not of a table of the
    /// same struct, with as many elements, and <see cref="Live"/> as here, <c>Create</c> throws a <see cref="RegionInvalidException"/>.
    /// </summary>
    public SafeHandle? BeginFrom { get; init; }
}
