using System.Runtime.InteropServices;

namespace TypedShm;

/// <summary>How to create a <see cref="SharedStateWriter{T}"/>.</summary>
public sealed record SharedStateOptions : ChannelOptions
{
    /// <summary>Whether each value carries the time at which it was published. Reading the clock costs some 25 ns a value.</summary>
    public bool PublishTimes { get; init; }

    /// <summary>
    /// The region of the creator before this one, to begin with what that published last: the value, its version and its publish time. A
    /// descriptor from <see cref="SystemdStore"/>, or of a reader that has kept it (<see cref="OpenOptions.KeepDescriptor"/>); it is needed
    /// until <c>Create</c> returns, and stays the caller's to dispose. Unless set, the state begins with zeros, of version 0. If the region
    /// is not of a state of the same struct, with <see cref="PublishTimes"/> as here, <c>Create</c> throws a
    /// <see cref="RegionInvalidException"/>.
    /// </summary>
    public SafeHandle? BeginFrom { get; init; }
}
