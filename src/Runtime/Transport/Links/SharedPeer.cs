using TypedShm.Layout;
using TypedShm.Transport;

namespace TypedShm;

/// <summary>A process that is connected to a channel.</summary>
public sealed class SharedPeer
{
    internal SharedPeer(Link link)
    {
        Identity = link.Identity;
        CanWrite = link.Role == PeerRole.Writer;
    }

    /// <summary>Who it is.</summary>
    public PeerIdentity Identity { get; }

    /// <summary>Whether it may write the shared struct.</summary>
    public bool CanWrite { get; }

    /// <summary>How what it writes fits what this end reads; null if it writes nothing that this end reads.</summary>
    internal LayoutCompatibility? Writes { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Identity.ToString();
}
