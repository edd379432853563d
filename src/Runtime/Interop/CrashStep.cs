namespace TypedShm.Interop;

/// <summary>The steps after which a <see cref="CrashPoint"/> stands: what was done last when a process ends there.</summary>
internal enum CrashStep
{
    // A name.

    /// <summary>The name's lock is held; there is no socket yet.</summary>
    NameLocked,

    /// <summary>The socket listens under its temporary name.</summary>
    NameBound,

    /// <summary>It has been renamed into place.</summary>
    NameTaken,

    // A handshake, at the client.

    /// <summary>Hello was sent.</summary>
    HelloSent,

    /// <summary>Welcome was received, with descriptors.</summary>
    WelcomeReceived,

    /// <summary>The server's regions are mapped; Attach is not sent yet.</summary>
    RegionsMapped,

    /// <summary>Attach was sent.</summary>
    AttachSent,

    /// <summary>Ready was received; the client has no end yet.</summary>
    ReadyReceived,

    // The same, at the server.

    /// <summary>Hello was received.</summary>
    HelloReceived,

    /// <summary>A client needs fences from now on; publications that are under way do not know yet.</summary>
    FenceWanted,

    /// <summary>Welcome was sent, with descriptors.</summary>
    WelcomeSent,

    /// <summary>Attach was received and found valid.</summary>
    AttachReceived,

    /// <summary>The client is a member, under the gate of the host; it is not told so yet.</summary>
    PeerVisible,

    /// <summary>Ready was sent; the gate is not left yet.</summary>
    ReadySent,

    /// <summary>The link is started.</summary>
    PeerStarted,

    // Publishing and waiting.

    /// <summary>The data's word is stored; nobody has looked whether the peer sleeps.</summary>
    PublishStored,

    /// <summary>The doorbell has changed; the peer was not woken yet.</summary>
    BellChanged,

    /// <summary>The peer was woken.</summary>
    BellRung,

    /// <summary>A parking is announced; there was no fence, and no second look.</summary>
    ParkAnnounced,

    /// <summary>The second look has found nothing: the kernel is asked to sleep next.</summary>
    ParkSleeping,

    /// <summary>A sleep is over; the parking is not taken back yet.</summary>
    ParkWoken,

    // A lane, of a queue or of calls.

    /// <summary>A slot is filled in, and not committed.</summary>
    SlotFilled,

    /// <summary>It is committed and published; the writer has not gone on.</summary>
    SlotCommitted,

    /// <summary>All slots of a batch are filled in, and none is committed.</summary>
    BatchFilled,

    /// <summary>One slot of a batch or more, but not the first, is committed.</summary>
    BatchHalf,

    /// <summary>The whole batch is.</summary>
    BatchCommitted,

    /// <summary>A message was read; its slot is not given back.</summary>
    SlotRead,

    /// <summary>Its slot is given back.</summary>
    SlotReleased,

    /// <summary>A message of a producer is marked as handed to the program, which has not got it.</summary>
    SlotDelivered,

    /// <summary>A message that was held is released; the head has not moved over it.</summary>
    HeldReleased,

    /// <summary>The final count is stored; the end is not published.</summary>
    CountStored,

    // Calls.

    /// <summary>A request is taken; its handler has not begun.</summary>
    CallTaken,

    /// <summary>The handler is done; the slot of the request is not given back.</summary>
    CallHandled,

    /// <summary>It is given back; the answer is not published.</summary>
    CallGivenBack,

    /// <summary>A cancellation was sent.</summary>
    CancelSent,

    // A state.

    /// <summary>A cell is marked as being filled in.</summary>
    StateOdd,

    /// <summary>It is filled in.</summary>
    StateFilled,

    /// <summary>It is marked as whole; its version is not published.</summary>
    StateEven,

    /// <summary>A reader has copied a value, and not checked it.</summary>
    StateCopied,

    // A table.

    /// <summary>An element's other cell is filled in.</summary>
    TableFilled,

    /// <summary>The element's word is stored; the blocks do not know of the change.</summary>
    TableWord,

    /// <summary>The blocks do; the change is not announced.</summary>
    TableLevels,

    /// <summary>A reader has copied an element, and not checked it.</summary>
    TableCopied,

    // A broadcast.

    /// <summary>A slot is marked as being filled in.</summary>
    RingOdd,

    /// <summary>It is filled in.</summary>
    RingFilled,

    /// <summary>It is committed and published; the tail does not count it.</summary>
    RingCommitted,

    /// <summary>The tail does.</summary>
    RingCounted,

    /// <summary>All slots of a batch are marked.</summary>
    RingBatchOdd,

    /// <summary>One slot of a batch or more, but not the first, is committed.</summary>
    RingBatchHalf,

    /// <summary>A reader has copied a message, and not checked it.</summary>
    RingCopied,

    /// <summary>A reader is about to read a message in place.</summary>
    RingLeased,

    /// <summary>A reader has read a message, and not said so to a writer that waits for it.</summary>
    RingRead,

    /// <summary>A reader's gate is in the list of the writer, whose limit is still the old one.</summary>
    GateAdded,

    /// <summary>A reader is marked as cut off; it is not disconnected, and nothing was overwritten.</summary>
    CutStored,

    // The end.

    /// <summary>This end said that it closes on purpose; it has not hung up.</summary>
    CloseStored,

    /// <summary>A link is over; nobody was told.</summary>
    LinkOver,

    /// <summary>An end that created or opened is disposed as far as its users see; its memory is still there.</summary>
    EndRevoked,

    /// <summary>A reconnected end uses its new memory; the old one is still there.</summary>
    SessionReplaced,
}
