using TypedShm.Memory;

namespace TypedShm.Transport;

/// <summary>The regions of a channel that a client has: those that it got, and those that it made for the server.</summary>
internal sealed record ClientRegions(SharedRegion[] Received, SharedRegion[] Own) : IDisposable
{
    public static ClientRegions None { get; } = new([], []);

    public void Dispose()
    {
        foreach (SharedRegion region in (SharedRegion[])[.. Received, .. Own])
            region.Dispose();
    }
}

/// <summary>An open connection of a client.</summary>
/// <param name="Link">The connection.</param>
/// <param name="Regions">The regions of the channel.</param>
/// <param name="Parameters">What the creator chose.</param>
/// <param name="Start">The position to start from, for channels that have positions.</param>
internal sealed record ConnectResult(Link Link, ClientRegions Regions, long[] Parameters, ulong Start);
