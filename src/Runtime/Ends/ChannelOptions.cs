using TypedShm.Waiting;

namespace TypedShm;

/// <summary>What all channels have in common when they are created.</summary>
public abstract record ChannelOptions
{
    private protected ChannelOptions()
    {
    }

    /// <summary>Who may connect; processes of the same user unless set.</summary>
    public PeerPolicy AllowedPeers { get; init; } = PeerPolicy.SameUser;

    /// <summary>
    /// How many peers may be connected at once; 64 unless set. Each costs one descriptor and two pages, and its lanes, where the channel
    /// has such. A writer of a queue that has left counts until what it wrote is read.
    /// </summary>
    public int MaxPeers { get; init; } = 64;

    /// <summary>
    /// How many of the peers that are connected may be of one user; as many as <see cref="MaxPeers"/> unless set. For channels that admit
    /// several users (<see cref="AllowedPeers"/>), so that none of them can take the places of the others. Writers of a queue that have
    /// left count here too until what they wrote is read.
    /// </summary>
    public int? MaxPeersPerUser { get; init; }

    /// <summary>
    /// How many times a second one user may connect, and at once after a second without; any number unless set. Each connection costs this
    /// process some 100 µs, also that of a user whom <see cref="AllowedPeers"/> refuses; one that is too many costs a tenth of it, and is
    /// refused with <see cref="RefusalReason.Full"/>.
    /// </summary>
    public int? MaxConnectsPerUser { get; init; }

    /// <summary>How long a client may take for its handshake before it is turned away; 5 seconds unless set.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How this end waits for its peers; <see cref="WaitMode.SpinThenPark"/> unless set.</summary>
    public WaitMode Wait { get; init; }

    /// <summary>How wake-ups are kept from being lost; <see cref="WaitFence.Auto"/> unless set. Agreed on with each peer.</summary>
    public WaitFence Fence { get; init; }

    /// <summary>
    /// Whether two threads that use this end at once are always noticed, at the cost of an interlocked instruction for each message (some
    /// 6 ns on x64, measured on one thread). Unless set, nearly all of them are noticed, and it costs nothing; the few that are not can
    /// lose messages. In either case what is noticed is an <see cref="InvalidOperationException"/> of the second thread. For ends that
    /// are for one thread at a time: those of queues and broadcasts, and the writer of a state.
    /// </summary>
    public bool ExactThreadCheck { get; init; }

    /// <summary>What else is asked of the memory that this end creates: to be mapped, locked, or placed. Nothing unless set.</summary>
    public MemoryOptions Memory { get; init; } = MemoryOptions.Default;

    /// <summary>How the other end of a pair is opened: whatever this end may allocate, it may too.</summary>
    internal OpenOptions ToOpenOptions() =>
        new()
        {
            Wait = Wait,
            Fence = Fence,
            AllowSparsePayloads = true,
            MaxMemory = long.MaxValue,
            ExactThreadCheck = ExactThreadCheck,
            Memory = Memory,
        };

    /// <summary>
    /// Throws if a value is not one that the channel can be created with. <c>Create</c> does the same, before anything else.
    /// </summary>
    /// <exception cref="ArgumentException">Says which value, and what it may be.</exception>
    public virtual void Validate()
    {
        ArgumentNullException.ThrowIfNull(AllowedPeers);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPeers, 1);
        if (MaxPeersPerUser is { } ofUser)
            ArgumentOutOfRangeException.ThrowIfLessThan(ofUser, 1, nameof(MaxPeersPerUser));
        if (MaxConnectsPerUser is { } connects)
            ArgumentOutOfRangeException.ThrowIfLessThan(connects, 1, nameof(MaxConnectsPerUser));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(HandshakeTimeout, TimeSpan.Zero);
        ArgumentNullException.ThrowIfNull(Memory);
        Memory.Validate();
    }
}
