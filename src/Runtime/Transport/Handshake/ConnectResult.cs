using TypedShm.Memory;

namespace TypedShm.Transport;

/// <summary>The memory of a channel that a client has.</summary>
/// <param name="Memory">
/// What it made of the regions that it got, and of those that it made for the server. Disposing it gives them all back.
/// </param>
/// <param name="Own">Those that it made for the server.</param>
internal sealed record ClientRegions(IDisposable Memory, params SharedRegion[] Own) : IDisposable
{
    public void Dispose() => Memory.Dispose();
}

/// <summary>An open connection of a client.</summary>
/// <param name="Link">The connection.</param>
/// <param name="Memory">The memory of the channel, of the type that <see cref="ConnectRequest.Attach"/> has made.</param>
/// <param name="Start">The position to start from, for channels that have positions.</param>
internal sealed record ConnectResult(Link Link, IDisposable Memory, ulong Start) : IDisposable
{
    public void Dispose()
    {
        Link.Dispose();
        Memory.Dispose();
    }
}
