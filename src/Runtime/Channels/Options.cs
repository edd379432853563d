namespace TypedShm;

/// <summary>How to open a channel that another process has created.</summary>
public sealed record OpenOptions
{
    /// <summary>
    /// How long to wait for the endpoint to appear and to answer; 10 seconds unless set. Start order does not matter
    /// within this time. <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> waits without limit.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whose endpoint is trusted; that of the same user unless set.</summary>
    public PeerPolicy AllowedOwner { get; init; } = PeerPolicy.SameUser;

    /// <summary>
    /// Whether the object connects again, to the next process that creates the endpoint, after the peer is gone. Until
    /// then it shows the last state of the peer that is gone. Off unless set.
    /// </summary>
    public bool Reconnect { get; init; }
}

/// <summary>How to create a <see cref="SharedStruct{T}"/>.</summary>
public sealed record SharedStructOptions
{
    /// <summary>Who may connect; processes of the same user unless set.</summary>
    public PeerPolicy AllowedPeers { get; init; } = PeerPolicy.SameUser;

    /// <summary>
    /// Whether peers may open the struct for writing with <c>OpenReadWrite</c>. Off unless set: then the kernel itself
    /// refuses every other process a mapping that writes.
    /// </summary>
    public bool AllowPeersToWrite { get; init; }

    /// <summary>How many peers may be connected at once; 64 unless set. Each costs one descriptor and two pages.</summary>
    public int MaxPeers { get; init; } = 64;

    /// <summary>How long a client may take for its handshake before it is turned away; 5 seconds unless set.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(AllowedPeers);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPeers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(HandshakeTimeout, TimeSpan.Zero);
    }
}
