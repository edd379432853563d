namespace TypedShm;

/// <summary>What a channel is. The numbers are part of the protocol.</summary>
public enum ChannelKind
{
    /// <summary>Not stated: an observer takes what is there.</summary>
    None = 0,

    /// <summary>One live struct, <see cref="SharedStruct"/>.</summary>
    Struct = 1,

    /// <summary>The latest value, <see cref="SharedState"/>.</summary>
    State = 2,

    /// <summary>A table of values, <see cref="SharedTable"/>.</summary>
    Table = 3,

    /// <summary>Messages for one reader, <see cref="SharedQueue"/>.</summary>
    Queue = 4,

    /// <summary>Messages for every reader, <see cref="SharedBroadcast"/>.</summary>
    Broadcast = 5,

    /// <summary>Requests and responses, <see cref="SharedCall"/>.</summary>
    Call = 6,
}
