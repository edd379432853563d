using System.Runtime.CompilerServices;
using TypedShm.Ends;
using TypedShm.Interop;
using TypedShm.Memory;
using TypedShm.Rings;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Channels;

/// <summary>A reader of a state. Any number of threads.</summary>
internal sealed class StateClient<T>(Opened opened) : VersionedClient<StateMemory<T>>(opened)
    where T : unmanaged, ISharedLayout<T>
{
    /// <summary>Whether something was published.</summary>
    public bool HasValue => HasChanged(Memory.Epoch, 0);

    public static ConnectRequest Request(EndpointName endpoint, OpenOptions options) => new(
        ChannelKind.State, PeerRole.Reader, [LayoutAdvertisement.Of<T>()], options,
        (received, welcome) =>
        {
            received.Match(welcome.Regions, RegionKind.State, RegionKind.Control);
            if (welcome.Parameters is not [0 or 1, ..])
                throw new ProtocolException(
                    $"The peer sent the parameters [{string.Join(", ", welcome.Parameters)}], which describe no state.");
            SharedRegion region = StateCells.Attach(
                received.Take(0), welcome.Regions[0].Size, welcome.Layouts[0].Descriptor, welcome.Parameters[0] == 1);
            if (!options.KeepDescriptor)
                region.CloseDescriptor();
            return new ClientRegions(StateMemory<T>.From(region));
        })
    {
        MakePlaceholder = () => StateMemory<T>.Create(endpoint.ShortName, times: false),
    };

    /// <summary>Copies the newest value out.</summary>
    /// <returns>False if the writer came round all cells each time.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(out T value, out StateGeneration generation)
    {
        StateMemory<T> memory = Memory;
        if (memory.IsPlain && memory.TryCopyNewest(out value, out ulong version) && IsCurrent(memory))
        {
            generation = new StateGeneration(memory.Epoch, (long)version, 0);
            memory.Saw(version);
            return true;
        }

        // Locals of its own: what another method is given the address of is kept in memory.
        bool read = TryReadAgain(out value, out StateGeneration found);
        generation = found;
        return read;
    }

    public StateLease<T> Lease()
    {
        StateMemory<T> memory = Memory;
        if (!memory.Compatibility.IsByReference)
            memory.Compatibility.ThrowNoReference();
        bool found = memory.TryFind(out ulong newest, out ulong version);
        return new StateLease<T>(this, memory, newest, found ? version : newest);
    }

    private unsafe bool TryCopy(out T value, out StateGeneration generation)
    {
        StateMemory<T> memory = Memory;
        if (memory.TryFind(out ulong newest, out ulong version))
        {
            // step: state.copy
            long time = 0;
            if (memory.IsPlain)
                value = *(T*)memory.ValueOf(newest);
            else
                (value, time) = memory.CopyOf(newest, hasTime: version != 0);
            CrashPoint.Reach(CrashStep.StateCopied);

            // The memory may have been given up meanwhile, for another connection or for good, which would be zeros.
            if (memory.IsIntact(newest, version) && IsCurrent(memory))
            {
                generation = new StateGeneration(memory.Epoch, (long)version, time);
                memory.Saw(version);
                return true;
            }
        }

        Unsafe.SkipInit(out value);
        Unsafe.SkipInit(out generation);
        return false;
    }

    // See RetryBudget.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private bool TryReadAgain(out T value, out StateGeneration generation)
    {
        RetryBudget budget = default;
        do
        {
            if (TryCopy(out value, out generation))
                return true;
        }
        while (budget.TryAgain());

        value = default;
        generation = default;
        return false;
    }
}
