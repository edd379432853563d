using TypedShm.Interop;
using TypedShm.Memory;

namespace TypedShm.Transport;

/// <summary>
/// What one end says to the other besides memory: one byte, and what it is about. The numbers are part of the protocol.
/// </summary>
internal enum LinkMessage : byte
{
    /// <summary>To an end that parked on the socket: look again.</summary>
    Wake = 1,

    /// <summary>From a writer that does not own the name: tell everyone that the struct has changed.</summary>
    Signal = 2,

    /// <summary>From a client of calls: nobody waits any more for the answer to the call with the number that is the argument.</summary>
    Cancel = 3,

    /// <summary>From an observer: say what you have counted. The answer is the three that follow, in this order.</summary>
    Count = 4,

    /// <summary>How many messages were written so far.</summary>
    Written = 5,

    /// <summary>How many of them were read and given back; of a broadcast by its slowest reader.</summary>
    Read = 6,

    /// <summary>How many peers are connected, observers left out.</summary>
    Peers = 7,
}

/// <summary>What both ends of a link said of their ways to wait.</summary>
internal readonly record struct LinkAbilities(WaitAbilities Own, WaitAbilities Peer);

/// <summary>What the owner of a <see cref="Link"/> is told.</summary>
internal interface ILinkHandler
{
    /// <summary>
    /// A message came. One call at a time, on the thread of <see cref="SocketPoller"/>: it neither blocks nor runs code of the
    /// program.
    /// </summary>
    /// <param name="link">Where it came from.</param>
    /// <param name="message">The message; any number, since the peer may be newer.</param>
    /// <param name="argument">What it is about; 0 if it was sent without.</param>
    void Received(Link link, LinkMessage message, ulong argument);

    /// <summary>
    /// The link has ended, by either side's doing. Called exactly once for every link that was started, on any thread, perhaps before
    /// <see cref="Link.Start"/> returns. Its control words are still there, unless this side disposed the link before it was started:
    /// then they read as zeros.
    /// </summary>
    void Ended(Link link);
}

/// <summary>
/// One end of an open connection: the control words of both sides, short messages, and the knowledge whether the
/// other side is still there. Thread-safe.
/// </summary>
internal abstract class Link(ControlWords own, ControlWords peer, PeerIdentity identity, PeerRole role, LinkAbilities abilities)
    : IDisposable
{
    private const int Open = 0;
    private const int Ending = 1;
    private const int Over = 2;

    // Null until the link is started; then whoever is told of its end, or this mark if it had ended by then. See End.
    private static readonly ILinkHandler s_ended = new EndedMark();

    private ILinkHandler? _handler;
    private int _state = Open;
    private int _disposed;

    public ControlWords Own => own;

    public ControlWords Peer => peer;

    public PeerIdentity Identity => identity;

    /// <summary>Whether the peer's process is of another user than this one.</summary>
    public bool IsOfAnotherUser => identity.UserId != Native.UserId;

    /// <summary>The role of the client of the connection.</summary>
    public PeerRole Role => role;

    /// <summary>Whether the peer may ever sleep until this end publishes something.</summary>
    public bool PeerParks { get; } = abilities.Peer.HasFlag(WaitAbilities.Parks);

    /// <summary>Whether this end has to fence when it publishes.</summary>
    public bool PublishesFenced { get; } = WaitAbility.NeedsFence(abilities.Own, abilities.Peer);

    /// <summary>Whether this end has to issue a barrier when it parks, because the peer publishes without a fence.</summary>
    public bool ParksWithBarrier { get; } = WaitAbility.IsAsymmetric(abilities.Peer, abilities.Own);

    public bool HasEnded => Volatile.Read(ref _state) == Over;

    /// <summary>Once the link has ended: whether the peer closed it on purpose.</summary>
    public bool WasClosed { get; private set; }

    /// <summary>Whether the other side has hung up. Asked of the kernel, so that the answer needs no other thread's help.</summary>
    public abstract bool HasHungUp { get; }

    /// <summary>
    /// Begins to tell the handler what comes in. If the link has ended by now, the handler is told of the end on this thread, before this
    /// returns. Called once, by whoever has made the link known to others, and outside of every lock that the handler takes.
    /// </summary>
    public void Start(ILinkHandler handler)
    {
        if (Interlocked.CompareExchange(ref _handler, handler, null) is null)
            Listen();
        else
            TellEnd(handler);
    }

    /// <summary>Sends a message if the peer's queue has room; if it has none, the peer has enough unread to wake up for.</summary>
    /// <param name="message">The message.</param>
    /// <param name="argument">What it is about, for a message that has an argument.</param>
    /// <returns>False if it was not sent, for that reason or because the peer is gone.</returns>
    public abstract bool Send(LinkMessage message, ulong argument = 0);

    /// <summary>Says that this end closes on purpose, hangs up and releases everything. Idempotent.</summary>
    public void Dispose()
    {
        Interlocked.Exchange(ref _disposed, 1);

        // The peer reads it after it has seen the hang-up, which comes after this store.
        if (!HasEnded)
            Volatile.Write(ref own.Closed, 1);
        CrashPoint.Reach(CrashStep.CloseStored);
        End();

        // A link that is never started has nobody else who would release them. The flag was exchanged above, the mark is swapped in by
        // End, which then looks at the flag: a store and a load with a full fence in between on both sides, so at least one of the two
        // sees the other's store.
        if (ReferenceEquals(Volatile.Read(ref _handler), s_ended))
            ReleaseWords();
    }

    /// <summary>Ends the link on behalf of a waiter that has found it hung up before the receiving side did.</summary>
    public void OnPeerHungUp() => End();

    protected bool IsStarted => Volatile.Read(ref _handler) is not null;

    /// <summary>Begins to receive.</summary>
    protected abstract void Listen();

    /// <summary>Hangs up.</summary>
    protected abstract void HangUp();

    /// <summary>Hands a message on; nobody hears of one that comes before the start or after the end.</summary>
    protected void OnReceived(LinkMessage message, ulong argument)
    {
        try
        {
            Volatile.Read(ref _handler)?.Received(this, message, argument);
        }
        catch (ObjectDisposedException)
        {
            // Whoever the message was for has just been disposed: nobody waits for it any more.
        }
    }

    /// <summary>Ends the link, whichever side began it; only the first call does anything.</summary>
    /// <remarks>
    /// The end happens once, and reaches the handler once, whatever comes first: the first compare-and-swap lets one caller end the link;
    /// the second one, on the handler's field, which holds null until then, orders that end against <see cref="Start"/>, which swaps on
    /// the same field. Exactly one of the two finds null. If Start does, this end finds the handler and tells it; if this end does, Start
    /// finds the mark and tells the end itself. Whichever comes second also sees what the first had stored, since .NET gives interlocked
    /// operations full-fence semantics, on arm64 too: a handler is told with its own fields stored, and <see cref="HasEnded"/> and
    /// <see cref="WasClosed"/> are set when Start tells it.
    /// </remarks>
    protected void End()
    {
        if (Interlocked.CompareExchange(ref _state, Ending, Open) != Open)
            return;
        WasClosed = Volatile.Read(ref _disposed) == 0 && Volatile.Read(ref peer.Closed) == 1;

        // Release: whoever sees that the link has ended sees also how.
        Volatile.Write(ref _state, Over);
        CrashPoint.Reach(CrashStep.LinkOver);
        HangUp();
        if (Interlocked.CompareExchange(ref _handler, s_ended, null) is { } handler)
            TellEnd(handler);
        else if (Volatile.Read(ref _disposed) == 1)
            ReleaseWords();
    }

    private void TellEnd(ILinkHandler handler)
    {
        handler.Ended(this);
        ReleaseWords();
    }

    private void ReleaseWords()
    {
        own.Dispose();
        peer.Dispose();
    }

    private sealed class EndedMark : ILinkHandler
    {
        public void Received(Link link, LinkMessage message, ulong argument)
        {
        }

        public void Ended(Link link)
        {
        }
    }
}
