using TypedShm.Ends;
using TypedShm.Memory;
using TypedShm.Rings;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Channels;

/// <summary>A reader of a table. Any number of threads.</summary>
internal sealed class TableClient<T> : ChannelClient<TableClient<T>.TableSession>
    where T : unmanaged, ISharedLayout<T>
{
    private TableMemory<T>? _memory;
    private TableMemory<T> _lastMemory;

    private TableClient(EndpointName? endpoint, ConnectRequest terms, TableSession session)
        : base(endpoint, terms, session)
    {
        _memory = _lastMemory = session.Memory;
        Root();
    }

    /// <summary>The memory in use; the last one, if disposed.</summary>
    public TableMemory<T> LastMemory => Volatile.Read(ref _lastMemory);

    /// <summary>The memory in use.</summary>
    public TableMemory<T> Memory
    {
        get
        {
            TableMemory<T>? memory = Volatile.Read(ref _memory);
            if (memory is null)
                ThrowIfDisposed();
            return memory!;
        }
    }

    public TableGeneration Generation => GenerationOf(Memory);

    public static async ValueTask<TableClient<T>> Open<THandshakeWaiter>(EndpointName endpoint, OpenOptions options, CancellationToken cancellationToken)
        where THandshakeWaiter : struct, IHandshakeWaiter
    {
        ConnectRequest terms = Terms(options);
        ConnectResult attachment = await Connector.Connect<THandshakeWaiter>(endpoint, terms, Deadline.After(options.Timeout), cancellationToken).ConfigureAwait(false);
        return new TableClient<T>(endpoint, terms, new TableSession(attachment));
    }

    /// <summary>A reader of a table of this process.</summary>
    public static TableClient<T> Pair(TableHost<T> host, WaitMode mode, WaitFence fence)
    {
        ConnectRequest terms = Terms(new OpenOptions { Wait = mode, Fence = fence });
        return new TableClient<T>(null, terms, new TableSession(host.Pair(terms)));
    }

    /// <summary>Copies an element out.</summary>
    /// <returns>False if it was written during each try.</returns>
    public bool TryRead(int index, out T value, out long version)
    {
        while (true)
        {
            TableMemory<T> memory = Memory;
            bool read = memory.TryRead(index, out value, out ulong word);
            version = (long)TableMemory<T>.VersionOf(word);

            // The pages may have become zeros while they were copied. The memory is taken out of use before that happens; that it
            // is still in use is loaded after the copy.
            Volatile.ReadBarrier();
            if (Volatile.Read(ref _memory) == memory)
                return read;
        }
    }

    /// <summary>Whether the memory is still the one in use.</summary>
    public bool Uses(TableMemory<T> memory) => Volatile.Read(ref _memory) == memory;

    /// <summary>The elements that have changed, and up to which change that is known.</summary>
    public TableChanges<T> TakeChanges(ref TableGeneration since)
    {
        TableMemory<T> memory = Memory;

        // step: table.changes. Loaded before the elements are looked at: what changes meanwhile is found the next time, if not now.
        TableGeneration now = GenerationOf(memory);
        TableChanges<T> changes = new(memory, since.Epoch == now.Epoch ? since.Changes : -1);
        since = now;
        memory.TakenChange = now.Changes;
        return changes;
    }

    public bool Wait(in TableGeneration since, Deadline deadline, CancellationToken cancellationToken) =>
        WaitFor(new ChangeCondition(this, since), deadline, cancellationToken);

    public ValueTask<bool> WaitAsync(in TableGeneration since, Deadline deadline, CancellationToken cancellationToken) =>
        WaitForAsync(new ChangeCondition(this, since), deadline, cancellationToken);

    private TableGeneration LastTaken
    {
        get
        {
            TableMemory<T> memory = LastMemory;
            return new TableGeneration(memory.Epoch, memory.TakenChange);
        }
    }

    /// <summary>Whether there are changes that were not taken at this end, or there will never be.</summary>
    public PollResult Poll() => new ChangeCondition(this, LastTaken).Poll();

    protected override TableSession NewSession(ConnectResult attachment) => new(attachment);

    protected override void OnReplaced(TableSession session)
    {
        Volatile.Write(ref _lastMemory, session.Memory);
        Volatile.Write(ref _memory, session.Memory);
    }

    protected override void OnRevoked() => Volatile.Write(ref _memory, null);

    private static TableGeneration GenerationOf(TableMemory<T> memory) => new(memory.Epoch, (long)Volatile.Read(ref memory.Changes));

    private static ConnectRequest Terms(OpenOptions options) => new(
        ChannelKind.Table, PeerRole.Reader, [LayoutAdvertisement.Of<T>()], options,
        (received, welcome) =>
        {
            received.Match(welcome.Regions, RegionKind.Table, RegionKind.Control);
            return new ClientRegions([TableMemory<T>.Attach(received.Take(0), welcome.Regions[0].Size, TableShape.FromParameters(welcome.Parameters))], []);
        });

    internal sealed class TableSession : Session
    {
        public TableSession(ConnectResult attachment)
            : base(attachment.Link)
        {
            Memory = TableMemory<T>.From(attachment.Regions.Received[0], TableShape.FromParameters(attachment.Parameters));
            Memory.Region.CloseDescriptor();
        }

        public TableMemory<T> Memory { get; }

        public override void DisposeMemory() => Memory.Dispose();
    }

    private readonly struct ChangeCondition(TableClient<T> client, TableGeneration since) : ICondition
    {
        public PollResult Poll()
        {
            if (client.IsDisposed)
                return PollResult.Completed;

            // Before the changes: what was announced before the end counts.
            bool ended = client.Current.Link.HasEnded;
            if (Volatile.Read(ref client._memory) is not { } memory)
                return PollResult.Completed;
            if (GenerationOf(memory) != since)
                return PollResult.Ready;
            return ended && !client.Reconnects ? PollResult.Completed : PollResult.Pending;
        }

        public bool MayBeReady() => Volatile.Read(ref client._memory) is not { } memory || GenerationOf(memory) != since;
    }
}
