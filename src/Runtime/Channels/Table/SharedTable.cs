using TypedShm.Channels;
using TypedShm.Interop;
using TypedShm.Rings;
using TypedShm.Transport;

namespace TypedShm;

/// <summary>
/// A table of structs that one process writes and any number of others read: the latest value of each of N elements, N chosen at creation. A reader waits for any
/// change, and then finds the elements that have changed without looking at the others.
/// </summary>
/// <example>
/// <code>
/// // program A writes                                      // program B reads
/// using var sensors =                                      using var sensors =
///     SharedTable.Create&lt;Sensor&gt;("sensors", 5_000);          SharedTable.Open&lt;Sensor&gt;("sensors");
/// sensors.Write(17, new Sensor { Value = 20.5 });          TableGeneration known = default;
///                                                          while (true)
///                                                          {
///                                                              foreach (int i in sensors.TakeChanges(ref known))
///                                                                  Show(i, sensors.Read(i));
///                                                              sensors.Wait(known);
///                                                          }
/// </code>
/// </example>
public static class SharedTable
{
    /// <summary>Creates a table of zeros under a name, to write it, and lets readers connect.</summary>
    /// <param name="name"><inheritdoc cref="SharedStruct.Create{T}" path="/param[@name='name']"/></param>
    /// <param name="count">How many elements it has, at most 16,777,216.</param>
    /// <param name="options">Who may connect, and how elements are read; the defaults if null.</param>
    /// <inheritdoc cref="SharedStruct.Create{T}" path="/exception"/>
    public static SharedTableWriter<T> Create<T>(string name, int count, SharedTableOptions? options = null)
        where T : unmanaged, ISharedLayout<T>
    {
        EndpointName endpoint = Prepare(name, count, ref options);
        TableHost<T> host = new(endpoint.ShortName, count, options!);
        try
        {
            SharedTableWriter<T> table = new(host);
            host.Listen(endpoint);
            return table;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Opens a table for reading, waiting for it to be created. How many elements it has is up to its creator.</summary>
    /// <inheritdoc cref="SharedStruct.Open{T}"/>
    public static SharedTableReader<T> Open<T>(string name, OpenOptions? options = null, CancellationToken cancellationToken = default)
        where T : unmanaged, ISharedLayout<T>
    {
        Platform.Require();

        // Complete already: with BlockingWaiter every wait on the way was made by this thread.
        return new(TableClient<T>.Open<BlockingWaiter>(EndpointName.Parse(name), options ?? new OpenOptions(), cancellationToken).AsTask().GetAwaiter().GetResult());
    }

    /// <summary>As <see cref="Open{T}"/>, without blocking a thread.</summary>
    /// <inheritdoc cref="SharedStruct.Open{T}"/>
    public static async ValueTask<SharedTableReader<T>> OpenAsync<T>(string name, OpenOptions? options = null, CancellationToken cancellationToken = default)
        where T : unmanaged, ISharedLayout<T>
    {
        Platform.Require();
        return new(await TableClient<T>.Open<AsyncWaiter>(EndpointName.Parse(name), options ?? new OpenOptions(), cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Makes both ends in this process, without name or socket; the memory and everything above it are the real ones. For tests.</summary>
    /// <param name="count">How many elements it has.</param>
    /// <param name="options">As for <see cref="Create{T}"/>; both ends wait in the same way.</param>
    public static (SharedTableWriter<T> Table, SharedTableReader<T> Reader) CreatePair<T>(int count, SharedTableOptions? options = null)
        where T : unmanaged, ISharedLayout<T>
    {
        Prepare("pair", count, ref options);
        TableHost<T> host = new("pair", count, options!);
        try
        {
            SharedTableWriter<T> table = new(host);
            return (table, new SharedTableReader<T>(TableClient<T>.Pair(host, options!.Wait, options.Fence)));
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    private static EndpointName Prepare(string name, int count, ref SharedTableOptions? options)
    {
        Platform.Require();
        if (count is < 1 or > TableShape.MaxCount)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"A table has 1 to {TableShape.MaxCount} elements.");
        options ??= new SharedTableOptions();
        options.Validate();
        return EndpointName.Parse(name);
    }
}
