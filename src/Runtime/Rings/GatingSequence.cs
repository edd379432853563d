using TypedShm.Transport;

namespace TypedShm.Rings;

/// <summary>
/// What the writer of a lossless broadcast knows of one reader: a slot is written again only when all gates have passed it.
/// </summary>
internal sealed unsafe class GatingSequence(Link link)
{
    private ulong _startPosition;

    public Link Link => link;

    /// <summary>Where the reader stands until its own word says that it is further. Written by the host while the reader joins.</summary>
    public ulong StartPosition
    {
        get => Volatile.Read(ref _startPosition);
        set => Volatile.Write(ref _startPosition, value);
    }

    /// <summary>What the reader's word said last. The writer's own.</summary>
    public ulong CachedPosition { get; set; }

    /// <summary>The reader holds nobody up any more. The writer's own.</summary>
    public bool IsOpen { get; set; }

    /// <summary>Loads the reader's position.</summary>
    /// <param name="head">What its word says.</param>
    /// <returns>False if it does not count: the reader is gone, or was cut off.</returns>
    public bool TryLoad(out ulong head)
    {
        // step: lossless.gate. Acquire: pairs with the release of lossless.release, so that what the reader did with a slot is over
        // before the slot is filled again. The words of a link that has ended are zeros, so that is asked afterwards.
        head = Volatile.Read(ref *link.Peer.Head);
        return !IsOpen && !link.HasEnded;
    }
}
