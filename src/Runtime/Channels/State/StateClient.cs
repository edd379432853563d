using System.Runtime.CompilerServices;
using TypedShm.Ends;
using TypedShm.Memory;
using TypedShm.Rings;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Channels;

/// <summary>A reader of a state. Any number of threads.</summary>
internal sealed class StateClient<T> : ChannelClient<StateClient<T>.StateSession>
    where T : unmanaged, ISharedLayout<T>
{
    private StateMemory<T>? _memory;
    private SharedRegion _region;

    private StateClient(EndpointName? endpoint, ConnectRequest terms, StateSession session)
        : base(endpoint, terms, session)
    {
        _memory = session.Memory;
        _region = session.Memory.Region;
        Root();
    }

    public SharedRegion Region => Volatile.Read(ref _region);

    public static async ValueTask<StateClient<T>> Open<THandshakeWaiter>(EndpointName endpoint, OpenOptions options, CancellationToken cancellationToken)
        where THandshakeWaiter : struct, IHandshakeWaiter
    {
        ConnectRequest terms = Terms(options);
        ConnectResult attachment = await Connector.Connect<THandshakeWaiter>(endpoint, terms, Deadline.After(options.Timeout), cancellationToken).ConfigureAwait(false);
        return new StateClient<T>(endpoint, terms, new StateSession(attachment));
    }

    /// <summary>A reader of a state of this process.</summary>
    public static StateClient<T> Pair(StateHost<T> host, WaitMode mode, WaitFence fence)
    {
        ConnectRequest terms = Terms(new OpenOptions { Wait = mode, Fence = fence });
        return new StateClient<T>(null, terms, new StateSession(host.Pair(terms)));
    }

    /// <summary>Copies the newest value out.</summary>
    /// <returns>False if the writer came round all cells each time.</returns>
    public bool TryRead(out T value, out StateGeneration generation) =>
        TryCopy(out value, out generation) || TryCopyAgain(out value, out generation);

    public StateLease<T> Lease()
    {
        StateMemory<T> memory = Memory();
        bool found = memory.TryFind(out ulong newest, out ulong version);
        return new StateLease<T>(this, memory, newest, found ? version : newest);
    }

    /// <summary>Whether the memory is still the one in use.</summary>
    public bool Uses(StateMemory<T> memory) => Volatile.Read(ref _memory) == memory;

    public bool HasChanged(in StateGeneration since)
    {
        while (true)
        {
            StateMemory<T> memory = Memory();
            bool changed = (long)Volatile.Read(ref memory.Version) != since.Version || memory.Epoch != since.Epoch;

            // The version may have become zeros; the memory is taken out of use before that.
            Volatile.ReadBarrier();
            if (Uses(memory))
                return changed;
        }
    }

    public bool Wait(in StateGeneration since, Deadline deadline, CancellationToken cancellationToken) =>
        WaitFor(new ChangeCondition(this, since), deadline, cancellationToken);

    public ValueTask<bool> WaitAsync(in StateGeneration since, Deadline deadline, CancellationToken cancellationToken) =>
        WaitForAsync(new ChangeCondition(this, since), deadline, cancellationToken);

    /// <summary>Whether there is something that no read of this end has seen, or will never be.</summary>
    public PollResult Poll()
    {
        StateMemory<T>? memory = Volatile.Read(ref _memory);
        return new ChangeCondition(this, new StateGeneration(memory?.Epoch ?? 0, memory?.ReadVersion ?? -1, 0)).Poll();
    }

    protected override StateSession NewSession(ConnectResult attachment) => new(attachment);

    protected override void OnReplaced(StateSession session)
    {
        Volatile.Write(ref _region, session.Memory.Region);
        Volatile.Write(ref _memory, session.Memory);
    }

    protected override void OnRevoked() => Volatile.Write(ref _memory, null);

    private static ConnectRequest Terms(OpenOptions options) => new(
        ChannelKind.State, PeerRole.Reader, [LayoutAdvertisement.Of<T>()], options,
        (received, welcome) =>
        {
            received.Match(welcome.Regions, RegionKind.State, RegionKind.Control);
            if (welcome.Parameters is not [0 or 1, ..])
                throw new ProtocolException($"The peer sent the parameters [{string.Join(", ", welcome.Parameters)}], which describe no state.");
            return new ClientRegions([StateMemory<T>.Attach(received.Take(0), welcome.Regions[0].Size, welcome.Parameters[0] == 1)], []);
        });

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private unsafe bool TryCopy(out T value, out StateGeneration generation)
    {
        StateMemory<T> memory = Memory();
        if (memory.TryFind(out ulong newest, out ulong version))
        {
            // step: state.copy
            value = *(T*)memory.ValueOf(newest);
            long time = memory.HasTimes && version != 0 ? Volatile.Read(ref memory.TimeOf(newest)) : 0;

            // The memory may have been given up meanwhile, for another connection or for good, which would be zeros.
            if (memory.IsIntact(newest, version) && Volatile.Read(ref _memory) == memory)
            {
                generation = new StateGeneration(memory.Epoch, (long)version, time);
                if (memory.ReadVersion != (long)version)
                    memory.ReadVersion = (long)version;
                return true;
            }
        }

        Unsafe.SkipInit(out value);
        Unsafe.SkipInit(out generation);
        return false;
    }

    // See RetryBudget.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private bool TryCopyAgain(out T value, out StateGeneration generation)
    {
        RetryBudget budget = default;
        while (budget.TryAgain())
        {
            if (TryCopy(out value, out generation))
                return true;
        }

        value = default;
        generation = default;
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private StateMemory<T> Memory()
    {
        StateMemory<T>? memory = Volatile.Read(ref _memory);
        if (memory is null)
            ThrowIfDisposed();
        return memory!;
    }

    internal sealed class StateSession : Session
    {
        public StateSession(ConnectResult attachment)
            : base(attachment.Link)
        {
            Memory = StateMemory<T>.From(attachment.Regions.Received[0]);
            Memory.Region.CloseDescriptor();
        }

        public StateMemory<T> Memory { get; }

        public override void DisposeMemory() => Memory.Dispose();
    }

    private readonly struct ChangeCondition(StateClient<T> client, StateGeneration since) : ICondition
    {
        public PollResult Poll()
        {
            if (client.IsDisposed)
                return PollResult.Completed;
            bool ended = client.Current.Link.HasEnded;
            StateMemory<T>? memory = Volatile.Read(ref client._memory);
            if (memory is null)
                return PollResult.Completed;
            if ((long)Volatile.Read(ref memory.Version) != since.Version || memory.Epoch != since.Epoch)
                return PollResult.Ready;
            return ended && !client.Reconnects ? PollResult.Completed : PollResult.Pending;
        }

        public bool MayBeReady() => Poll() != PollResult.Pending;
    }
}
