using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Channels;

/// <summary>The end of a process that opened the struct, for reading or for writing too.</summary>
internal sealed class StructClient<T> : ChannelClient<StructClient<T>.StructSession>, IStructEnd<T>
    where T : unmanaged, ISharedLayout<T>
{
    private StructClient(EndpointName? endpoint, OpenOptions options, ClientTerms terms, StructSession session)
        : base(endpoint, options, terms, session)
    {
        // What was signalled before it was opened is no news.
        session.Seen = Volatile.Read(ref session.Memory.Signals);
        Live = new LiveValue<T>(this);
        Live.Use(session.Memory);
        Root();
    }

    public LiveValue<T> Live { get; }

    public static async ValueTask<StructClient<T>> Open<TReadiness>(EndpointName endpoint, PeerRole role, OpenOptions options, CancellationToken cancellationToken)
        where TReadiness : struct, IReadiness
    {
        ClientTerms terms = Terms(role, options);
        Attachment attachment = await Connector.Connect<TReadiness>(endpoint, terms, Deadline.After(options.Timeout), cancellationToken).ConfigureAwait(false);
        return new StructClient<T>(endpoint, options, terms, new StructSession(attachment));
    }

    /// <summary>The other end of a struct of this process.</summary>
    public static StructClient<T> Pair(Attachment attachment)
    {
        OpenOptions options = new();
        return new StructClient<T>(null, options, Terms(attachment.Link.Role, options), new StructSession(attachment));
    }

    // To the creator, which signals to everyone: it alone may write what the others watch.
    public void Signal()
    {
        ThrowIfDisposed();
        Current.Link.Send(LinkMessage.Signal);
    }

    public bool Wait(Deadline deadline, CancellationToken cancellationToken) =>
        WaitFor(News(), static session => session.MarkSeen(), deadline, cancellationToken);

    public ValueTask<bool> WaitAsync(Deadline deadline, CancellationToken cancellationToken) =>
        WaitForAsync(News(), static session => session.MarkSeen(), deadline, cancellationToken);

    protected override StructSession NewSession(Attachment attachment)
    {
        StructSession session = new(attachment);

        // That there is a new creator is news in itself: the next wait returns at once.
        session.Seen = unchecked(Volatile.Read(ref session.Memory.Signals) - 1);
        return session;
    }

    protected override void OnReplaced(StructSession session) => Live.Use(session.Memory);

    protected override void OnRevoked() => Live.Revoke();

    /// <summary>
    /// What a wait that begins now waits for: a signal, or another creator. The latter is remembered by the wait itself,
    /// since several may wait for it, and the first of them marks it as seen.
    /// </summary>
    private Func<StructSession, SignalCondition> News()
    {
        StructSession first = Current;
        return session => new SignalCondition(session.Memory, Volatile.Read(ref session.Seen), session != first);
    }

    private static ClientTerms Terms(PeerRole role, OpenOptions options) => new(
        ChannelKind.Struct, role, [StatedLayout.Of<T>()], options.AllowedOwner,
        (received, stated) => StructMemory<T>.Map(received, stated, writable: role == PeerRole.Writer));

    internal sealed class StructSession(Attachment attachment) : Session(attachment.Link)
    {
        /// <summary>The count of signals at the end of the last wait.</summary>
        public ulong Seen;

        public StructMemory<T> Memory { get; } = StructMemory<T>.From(attachment.Regions);

        public void MarkSeen() => Volatile.Write(ref Seen, Volatile.Read(ref Memory.Signals));

        public override void DisposeMemory() => Memory.Dispose();
    }

    internal readonly struct SignalCondition(StructMemory<T> memory, ulong seen, bool isNews) : ICondition
    {
        public bool IsMet => isNews || Volatile.Read(ref memory.Signals) != seen;
    }
}
