namespace TypedShm;

/// <summary>Why a connection was refused. The numbers are part of the protocol.</summary>
public enum RefusalReason
{
    /// <summary>No reason was given.</summary>
    None = 0,

    /// <summary>The layouts of the shared struct differ.</summary>
    LayoutMismatch = 1,

    /// <summary>The endpoint offers another kind of channel.</summary>
    KindMismatch = 2,

    /// <summary>The policy does not allow the peer.</summary>
    NotAllowed = 3,

    /// <summary>The peers speak different versions of the protocol.</summary>
    VersionMismatch = 4,

    /// <summary>As many peers as allowed are connected.</summary>
    Full = 5,

    /// <summary>The creator does not allow others to write.</summary>
    WriteNotAllowed = 6,

    /// <summary>The channel has no such role.</summary>
    RoleNotAvailable = 7,

    /// <summary>The peer's message or region was malformed.</summary>
    Malformed = 8,

    /// <summary>Another process is connected as the producer of that name (<see cref="OpenOptions.Producer"/>).</summary>
    ProducerInUse = 9,

    /// <summary>
    /// The channel needs more memory than <see cref="OpenOptions.MaxMemory"/> of this side allows. Not part of the protocol.
    /// </summary>
    TooLarge = 1000,
}
