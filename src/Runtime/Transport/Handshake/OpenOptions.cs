using TypedShm.Transport;

namespace TypedShm;

/// <summary>How to open a channel that another process has created.</summary>
public sealed record OpenOptions
{
    /// <summary>
    /// How long to wait for the endpoint to appear and to answer; 10 seconds unless set. Start order does not matter
    /// within this time. <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> waits without limit; <see cref="TimeSpan.Zero"/>
    /// connects to what is there, and gives it a second to answer. With <see cref="Lazy"/> it limits each of the tries.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whose endpoint is trusted; that of the same user unless set.</summary>
    public PeerPolicy AllowedOwner { get; init; } = PeerPolicy.SameUser;

    /// <summary>
    /// Whether to open the channel at once, before its creator is there: the object connects in the background, as soon as it can, and is
    /// <see cref="ConnectionState.Connecting"/> until then. Reads are those of a writer that has published nothing; a writer of a queue
    /// has no room, calls wait for their turn, and waits wait. What keeps it from connecting is told by
    /// <see cref="SharedEnd.StateChanged"/>, and it tries on. Off unless set. Not for <see cref="SharedStruct.OpenReadWrite{T}"/>, since
    /// what were written before would be lost.
    /// </summary>
    public bool Lazy { get; init; }

    /// <summary>
    /// Whether the object connects again, to the next process that creates the endpoint, after the peer is gone. Until
    /// then it shows the last state of the peer that is gone. A writer that has completed a queue connects no more. Off unless set.
    /// </summary>
    public bool Reconnect { get; init; }

    /// <summary>
    /// The name of this writer as a producer of a queue that its reader creates: 1 to 64 letters, digits, <c>.</c>, <c>_</c> or <c>-</c>;
    /// none unless set. A process that is started again under the name of one that is gone goes on where that has ended:
    /// <see cref="SharedQueueWriter{T}.Position"/> is then the number of its first message that the reader has not got, and the reader
    /// reads what the former process left before what this one writes. With <see cref="Reconnect"/> the producer also keeps its messages
    /// when the reader is gone, until the next reader has given them back; it costs one descriptor. Only for
    /// <see cref="SharedQueue.OpenWriter{T}"/>; a second process of the same name and user is refused while the first is connected.
    /// </summary>
    public string? Producer { get; init; }

    /// <summary>
    /// Whether the reader of a state or table keeps the descriptor of the region that it was sent (<see cref="SharedRegion.Descriptor"/>),
    /// so that a later creator can begin from it, in this process or in one that it is handed to. Costs one descriptor. Off unless set.
    /// </summary>
    public bool KeepDescriptor { get; init; }

    /// <summary>
    /// Whether a channel may be opened whose creator allocates payloads only as messages need them
    /// (<see cref="MessageOptions.SparsePayloads"/>); off unless set, and it is refused with a <see cref="PeerRefusedException"/>. A peer
    /// that breaks the protocol can then state payloads that it has not allocated, and this process pays for the pages that it reads of
    /// them: at most the size of the region.
    /// </summary>
    public bool AllowSparsePayloads { get; init; }

    /// <summary>
    /// How many bytes the creator may make this process map or allocate for the channel, in all; 512 MiB unless set. A channel that needs
    /// more is refused with a <see cref="PeerRefusedException"/>, before anything is allocated. Payloads that
    /// <see cref="AllowSparsePayloads"/> admits do not count.
    /// </summary>
    public long MaxMemory { get; init; } = 512L << 20;

    /// <summary>How this end waits for its peers; <see cref="WaitMode.SpinThenPark"/> unless set.</summary>
    public WaitMode Wait { get; init; }

    /// <summary>How wake-ups are kept from being lost; <see cref="WaitFence.Auto"/> unless set. Agreed on with each peer.</summary>
    public WaitFence Fence { get; init; }

    /// <summary>
    /// Whether two threads that use this end at once are always noticed, at the cost of an interlocked instruction for each message.
    /// Unless set, nearly all of them are noticed, and it costs nothing; the few that are not can lose messages. In either case what is
    /// noticed is an <see cref="InvalidOperationException"/> of the second thread. For ends that are for one thread at a time: those of
    /// queues and broadcasts, and the writer of a state.
    /// </summary>
    public bool ExactThreadCheck { get; init; }

    /// <summary>
    /// What else is asked of the memory that this end creates: the lane of a writer of a queue that its reader owns, or of a client of
    /// calls. Nothing unless set.
    /// </summary>
    public MemoryOptions Memory { get; init; } = MemoryOptions.Default;

    /// <summary>Throws if a value is not one that a channel can be opened with. <c>Open</c> does the same, before anything else.</summary>
    /// <exception cref="ArgumentException">Says which value, and what it may be.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(AllowedOwner);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxMemory, 1);
        ArgumentNullException.ThrowIfNull(Memory);
        Memory.Validate();
        if (Producer is { } name && !Transport.Producer.IsName(name))
            throw new ArgumentException($"The name of a producer has 1 to {Transport.Producer.MaxName} letters, digits, '.', '_' or '-', "
                + $"but OpenOptions.Producer is '{name}'.");
        if (Timeout != System.Threading.Timeout.InfiniteTimeSpan)
            ArgumentOutOfRangeException.ThrowIfLessThan(Timeout, TimeSpan.Zero);
    }

    internal void CheckMemory(EndpointName endpoint, PeerIdentity creator, RegionInfo[] regions)
    {
        // Sizes that no region can have are found when it is mapped.
        if (!AllowSparsePayloads)
            CheckMemory($"{creator} at '{endpoint}' sent regions", regions.Aggregate(0L, (sum, region) => region.Size < 0
                || sum > long.MaxValue - region.Size ? long.MaxValue : sum + region.Size));
    }

    /// <exception cref="PeerRefusedException">It is more than <see cref="MaxMemory"/>.</exception>
    internal void CheckMemory(string what, long bytes)
    {
        if (bytes > MaxMemory)
            throw new PeerRefusedException(RefusalReason.TooLarge, $"{what} of {bytes:N0} bytes, but OpenOptions.MaxMemory allows "
                + $"{MaxMemory:N0}. Raise it if the creator is to be trusted with that much, or let it choose a smaller capacity.");
    }
}
