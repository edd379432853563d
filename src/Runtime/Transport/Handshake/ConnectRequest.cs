using TypedShm.Layout;
using TypedShm.Memory;

namespace TypedShm.Transport;

/// <summary>What a client wants of an endpoint.</summary>
/// <param name="Kind">The kind of channel.</param>
/// <param name="Role">What it wants to be.</param>
/// <param name="Layouts">The layouts that it was compiled with.</param>
/// <param name="Options">How it was opened.</param>
/// <param name="Attach">Maps the regions of the channel, taking their descriptors, after checking that they are what is expected.</param>
internal sealed record ConnectRequest(
    ChannelKind Kind, PeerRole Role, LayoutAdvertisement[] Layouts, OpenOptions Options,
        Func<ReceivedRegions, WelcomeMessage, ClientRegions> Attach)
{
    /// <summary>
    /// Maps the regions that the server made for this client alone, which come with Ready, and adds them to the memory; none unless set.
    /// </summary>
    public Action<ReceivedRegions, ReadyMessage, IDisposable> AttachReady { get; init; } = static (received, ready, _) =>
        received.Match(ready.Regions);

    /// <summary>Makes memory as of a creator that has published nothing, to be used until there is one.</summary>
    public required Func<IDisposable> MakePlaceholder { get; init; }

    /// <summary>The producer that a writer of a queue is; null for who is none.</summary>
    public Producer? Producer { get; init; }

    /// <summary>Whether the server's layouts may be any: those of an observer, see <see cref="HelloMessage.TakesAny"/>.</summary>
    public bool TakesAny { get; init; }

    /// <summary>Whether the server's layouts may have fewer or more fields at their end, see <see cref="LayoutCompatibility"/>.</summary>
    public bool LayoutsMayHaveGrown { get; init; } = true;
}
