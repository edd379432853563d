using System.Runtime.CompilerServices;
using TypedShm.Ends;
using TypedShm.Rings;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Channels;

/// <summary>The end of a process that opened the struct, for reading or for writing too.</summary>
internal sealed class StructClient<T> : ChannelClient<StructMemory<T>>, IStructEnd<T>
    where T : unmanaged, ISharedLayout<T>
{
    public StructClient(Opened opened)
        : base(opened)
    {
        // What was signalled before it was opened is no news.
        StructMemory<T> memory = Current.Memory;
        Volatile.Write(ref memory.SeenSignals, Volatile.Read(ref memory.Signals));
        CurrentStruct = new CurrentStruct<T>(this);
        CurrentStruct.SwitchTo(memory);
        Root();
    }

    public CurrentStruct<T> CurrentStruct { get; }

    public static ConnectRequest ReadRequest(EndpointName endpoint, OpenOptions options) => Request(PeerRole.Reader, endpoint, options);

    public static ConnectRequest WriteRequest(EndpointName endpoint, OpenOptions options) => Request(PeerRole.Writer, endpoint, options);

    // To the creator, which signals to everyone: it alone may write what the others watch.
    public void Signal()
    {
        ThrowIfDisposed();
        Current.Link.Send(LinkMessage.Signal);
    }

    public bool Wait(Deadline deadline, CancellationToken cancellationToken) =>
        MarkSeen(WaitFor(new SignalCondition(Current, this), deadline, cancellationToken));

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> WaitAsync(Deadline deadline, CancellationToken cancellationToken) =>
        MarkSeen(await WaitForAsync(new SignalCondition(Current, this), deadline, cancellationToken).ConfigureAwait(false));

    /// <summary>Whether a wait would end at once.</summary>
    public PollResult Poll() => new SignalCondition(Current, this).Poll();

    protected override void SwitchTo(Session<StructMemory<T>> session)
    {
        // That there is a new creator is news in itself: the next wait returns at once.
        StructMemory<T> memory = session.Memory;
        memory.SeenSignals = unchecked(Volatile.Read(ref memory.Signals) - 1);
        CurrentStruct.SwitchTo(memory);
    }

    protected override void OnRevoked() => CurrentStruct.Revoke();

    private static ConnectRequest Request(PeerRole role, EndpointName endpoint, OpenOptions options) => new(
        ChannelKind.Struct, role, [LayoutAdvertisement.Of<T>()], options,
        (received, welcome) => new ClientRegions(StructMemory<T>.Attach(received, welcome, writable: role == PeerRole.Writer)))
    {
        LayoutsMayHaveGrown = role == PeerRole.Reader,
        MakePlaceholder = () => role == PeerRole.Reader
            ? StructMemory<T>.Create(endpoint.ShortName, severalWriters: false)
            : throw new ArgumentException("A struct cannot be opened for writing before it is created (OpenOptions.Lazy): what is "
                + "written would be lost. Use OpenReadWriteAsync."),
    };

    private bool MarkSeen(bool met)
    {
        StructMemory<T> memory = Current.Memory;
        if (met)
            Volatile.Write(ref memory.SeenSignals, Volatile.Read(ref memory.Signals));
        return met;
    }

    private readonly struct SignalCondition(Session<StructMemory<T>> session, StructClient<T> client) : ICondition
    {
        private readonly ulong _seen = Volatile.Read(ref session.Memory.SeenSignals);

        public PollResult Poll()
        {
            if (client.IsDisposed)
                return PollResult.Completed;
            bool ended = session.Link.HasEnded;
            if (client.Current != session || Volatile.Read(ref session.Memory.Signals) != _seen)
                return PollResult.Ready;
            return ended && !client.Reconnects ? PollResult.Completed : PollResult.Pending;
        }

        public bool MayBeReady() => Poll() != PollResult.Pending;
    }
}
