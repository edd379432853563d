using System.Diagnostics.CodeAnalysis;
using TypedShm.Channels;
using TypedShm.Ends;
using TypedShm.Rings;
using TypedShm.Transport;

namespace TypedShm;

/// <summary>
/// A table of structs that one process writes and any number of others read: the latest value of each of N elements, N chosen at
/// creation. A reader waits for any change, and then finds the elements that have changed without looking at the others.
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
        where T : unmanaged, ISharedLayout<T> => Opening.Create(name, options, HostOf<T>(count), Writer);

    /// <summary>Opens a table for reading, waiting for it to be created. How many elements it has is up to its creator.</summary>
    /// <inheritdoc cref="SharedStruct.Open{T}"/>
    public static SharedTableReader<T> Open<T>(string name, OpenOptions? options = null, CancellationToken cancellationToken = default)
        where T : unmanaged, ISharedLayout<T> => Opening.Open(name, options, TableClient<T>.Request, Reader<T>, cancellationToken);

    /// <summary>As <see cref="Open{T}"/>, without blocking a thread.</summary>
    /// <inheritdoc cref="SharedStruct.Open{T}"/>
    public static ValueTask<SharedTableReader<T>> OpenAsync<T>(
        string name, OpenOptions? options = null, CancellationToken cancellationToken = default)
        where T : unmanaged, ISharedLayout<T> => Opening.OpenAsync(name, options, TableClient<T>.Request, Reader<T>, cancellationToken);

    /// <summary>As <see cref="Open{T}"/>, but asks without waiting: opens what is there.</summary>
    /// <param name="name">The name that it is created under.</param>
    /// <param name="opened">The end that was opened.</param>
    /// <param name="options">Whom to trust, whether to connect again; the defaults if null. Its time-out does not matter.</param>
    /// <returns><see langword="false"/> if its creator is not there, or has not answered within a second.</returns>
    /// <exception cref="LayoutMismatchException">The creator was compiled with another layout.</exception>
    /// <exception cref="PeerRefusedException">The creator's policy, or that of the options, does not allow it.</exception>
    public static bool TryOpen<T>(string name, [NotNullWhen(true)] out SharedTableReader<T>? opened, OpenOptions? options = null)
        where T : unmanaged, ISharedLayout<T> => Opening.TryOpen(name, options, TableClient<T>.Request, Reader<T>, out opened);

    /// <summary>
    /// Makes both ends in this process, without name or socket; the memory and everything above it are the real ones. For tests.
    /// </summary>
    /// <param name="count">How many elements it has.</param>
    /// <param name="options">As for <see cref="Create{T}"/>.</param>
    /// <param name="openOptions">Those of the end that opens; if null, it waits as the other one does.</param>
    public static (SharedTableWriter<T> Writer, SharedTableReader<T> Reader) CreatePair<T>(
        int count, SharedTableOptions? options = null, OpenOptions? openOptions = null)
        where T : unmanaged, ISharedLayout<T> =>
            Opening.Pair(options, openOptions, HostOf<T>(count), Writer, TableClient<T>.Request, Reader<T>);

    private static Func<EndpointName, SharedTableOptions, TableHost<T>> HostOf<T>(int count)
        where T : unmanaged, ISharedLayout<T> => count is >= 1 and <= TableShape.MaxCount
        ? (endpoint, options) => new TableHost<T>(endpoint, count, options)
        : throw new ArgumentOutOfRangeException(nameof(count), count, $"A table has 1 to {TableShape.MaxCount} elements.");

    private static SharedTableWriter<T> Writer<T>(TableHost<T> host)
        where T : unmanaged, ISharedLayout<T> => new(host);

    private static SharedTableReader<T> Reader<T>(Opened opened)
        where T : unmanaged, ISharedLayout<T> => new(new TableClient<T>(opened));
}
