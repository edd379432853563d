using TypedShm.Ends;
using TypedShm.Memory;
using TypedShm.Rings;
using TypedShm.Transport;

namespace TypedShm.Channels;

/// <summary>A reader of a table. Any number of threads.</summary>
internal sealed class TableClient<T>(Opened opened) : VersionedClient<TableMemory<T>>(opened)
    where T : unmanaged, ISharedLayout<T>
{
    public TableGeneration Generation
    {
        get
        {
            while (true)
            {
                TableMemory<T> memory = Memory;
                TableGeneration generation = new(memory.Epoch, memory.PublishedVersion);

                // Not of zero pages, see CurrentMemory.
                Volatile.ReadBarrier();
                if (IsCurrent(memory))
                    return generation;
            }
        }
    }

    public static ConnectRequest Request(EndpointName endpoint, OpenOptions options) => new(
        ChannelKind.Table, PeerRole.Reader, [LayoutAdvertisement.Of<T>()], options,
        (received, welcome) =>
        {
            received.Match(welcome.Regions, RegionKind.Table, RegionKind.Control);
            TableShape shape = TableShape.FromParameters(welcome.Parameters);
            SharedRegion region = shape.Attach(received.Take(0), welcome.Regions[0].Size, welcome.Layouts[0].Descriptor);
            if (!options.KeepDescriptor)
                region.CloseDescriptor();
            return new ClientRegions(TableMemory<T>.From(region, shape));
        })
    {
        MakePlaceholder = () => TableMemory<T>.Create(endpoint.ShortName, new TableShape(0, IsLive: false)),
    };

    /// <summary>Copies an element out.</summary>
    /// <returns>False if it was written during each try.</returns>
    public bool TryRead(int index, out T value, out long version)
    {
        while (true)
        {
            TableMemory<T> memory = Memory;
            bool read = memory.TryRead(index, out value, out ulong word);
            version = (long)TableMemory<T>.VersionOf(word);

            // Not of zero pages, see CurrentMemory.
            Volatile.ReadBarrier();
            if (IsCurrent(memory))
                return read;
        }
    }

    /// <summary>The elements that have changed, and up to which change that is known.</summary>
    public TableChanges<T> TakeChanges(ref TableGeneration since)
    {
        while (true)
        {
            TableMemory<T> memory = Memory;

            // step: table.changes. Loaded before the elements are looked at: what changes meanwhile is found the next time, if not now.
            TableGeneration now = new(memory.Epoch, memory.PublishedVersion);
            Volatile.ReadBarrier();
            if (!IsCurrent(memory))
                continue;
            bool isKnown = since.Epoch == now.Epoch || memory.Continues(since.Epoch, since.Changes);
            TableChanges<T> changes = new(memory, isKnown ? since.Changes : -1);
            since = now;
            memory.SeenVersion = now.Changes;
            return changes;
        }
    }
}
