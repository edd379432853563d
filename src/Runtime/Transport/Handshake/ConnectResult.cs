using TypedShm.Memory;

namespace TypedShm.Transport;

/// <summary>The memory of a channel that a client has.</summary>
/// <param name="Memory">
/// What it made of the regions that it got, and of those that it made for the server. Disposing it gives them all back.
/// </param>
/// <param name="Own">Those that it made for the server.</param>
internal sealed record ClientRegions(IDisposable Memory, params SharedRegion[] Own) : IDisposable
{
    /// <summary>The lane that <see cref="Memory"/> is, if it was kept: it outlasts the connection. Null for what was made for it.</summary>
    public IKeptLane? Kept { get; init; }

    /// <summary>Whether the descriptors of <see cref="Own"/> stay open, for another server.</summary>
    public bool KeepsDescriptors { get; init; }

    public void Dispose()
    {
        if (Kept is null)
            Memory.Dispose();
    }
}

/// <summary>An open connection of a client.</summary>
/// <param name="Link">The connection.</param>
/// <param name="Regions">The memory of the channel, as <see cref="ConnectRequest.Attach"/> has made it.</param>
/// <param name="Start">The position to start from, for channels that have positions.</param>
internal sealed record ConnectResult(Link Link, ClientRegions Regions, ulong Start) : IDisposable
{
    public IDisposable Memory => Regions.Memory;

    public void Dispose()
    {
        Link.Dispose();
        Regions.Dispose();
    }
}
