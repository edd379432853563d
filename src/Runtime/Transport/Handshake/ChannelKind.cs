namespace TypedShm.Transport;

/// <summary>The kind of a channel. The numbers are part of the protocol; those of channels to come are reserved.</summary>
internal enum ChannelKind : ushort
{
    Struct = 1,
    State = 2,
    Table = 3,
    Queue = 4,
    Broadcast = 5,
    Call = 6,
}
