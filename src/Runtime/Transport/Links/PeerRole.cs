namespace TypedShm.Transport;

/// <summary>What a client wants to be. The numbers are part of the protocol.</summary>
internal enum PeerRole : ushort
{
    Reader = 1,
    Writer = 2,

    /// <summary>A tool: reads everything, holds nobody up, is not counted.</summary>
    Observer = 3,
}
