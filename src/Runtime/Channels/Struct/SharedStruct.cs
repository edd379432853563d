using System.Diagnostics.CodeAnalysis;
using TypedShm.Channels;
using TypedShm.Ends;
using TypedShm.Transport;

namespace TypedShm;

/// <summary>
/// Shares one live struct between processes, by reference: what its writer stores, the others load from the same
/// physical page. Fields are seen as they are written, one by one; for values that must be seen whole use a channel
/// that publishes them.
/// </summary>
/// <example>
/// <code>
/// // program A owns the name and writes              // program B reads the same page
/// using var shared =                                 using var shared =
///     SharedStruct.Create&lt;Telemetry&gt;("engine");           SharedStruct.Open&lt;Telemetry&gt;("engine");
/// shared.View.Rpm = 3_000;                           Console.WriteLine(shared.View.Rpm);
/// </code>
/// </example>
public static class SharedStruct
{
    /// <summary>Creates a struct of zeros under a name and lets peers connect.</summary>
    /// <param name="name">
    /// A plain name (letters, digits, <c>.</c>, <c>_</c>, <c>-</c>), found by processes of the same user; a path, if it
    /// contains <c>/</c>; or an abstract socket name, if it begins with <c>@</c>.
    /// </param>
    /// <param name="options">Who may connect and write; the defaults if null.</param>
    /// <exception cref="EndpointInUseException">A process has the name.</exception>
    /// <exception cref="SystemCallException">The kernel refused something, for instance for want of memory.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux on x64 or arm64.</exception>
    public static SharedStructWriter<T> Create<T>(string name, SharedStructOptions? options = null)
        where T : unmanaged, ISharedLayout<T> => Opening.Create(name, options, Host<T>, Creator);

    /// <summary>Opens a struct for reading, waiting for it to be created.</summary>
    /// <param name="name">The name that it is created under, see <see cref="Create{T}"/>.</param>
    /// <param name="options">How long to wait, whom to trust, whether to connect again; the defaults if null.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <exception cref="TimeoutException">The struct was not created in time, or its process does not answer.</exception>
    /// <exception cref="LayoutMismatchException">
    /// The creator was compiled with another layout of <typeparamref name="T"/>, and not only before or after fields were appended.
    /// </exception>
    /// <exception cref="PeerRefusedException">The creator's policy, or that of the options, does not allow it.</exception>
    /// <exception cref="RegionInvalidException">The creator sent something that is not safe to map.</exception>
    public static SharedStructReader<T> Open<T>(string name, OpenOptions? options = null, CancellationToken cancellationToken = default)
        where T : unmanaged, ISharedLayout<T> => Opening.Open(name, options, StructClient<T>.ReadRequest, Reader<T>, cancellationToken);

    /// <summary>Opens a struct for reading, without blocking a thread. See <see cref="Open{T}"/>.</summary>
    public static ValueTask<SharedStructReader<T>> OpenAsync<T>(
        string name, OpenOptions? options = null, CancellationToken cancellationToken = default)
        where T : unmanaged, ISharedLayout<T> =>
            Opening.OpenAsync(name, options, StructClient<T>.ReadRequest, Reader<T>, cancellationToken);

    /// <summary>As <see cref="Open{T}"/>, but asks without waiting: opens what is there.</summary>
    /// <param name="name">The name that it is created under.</param>
    /// <param name="opened">The end that was opened.</param>
    /// <param name="options">Whom to trust, whether to connect again; the defaults if null. Its time-out does not matter.</param>
    /// <returns><see langword="false"/> if its creator is not there, or has not answered within a second.</returns>
    /// <exception cref="LayoutMismatchException">The creator was compiled with another layout.</exception>
    /// <exception cref="PeerRefusedException">The creator's policy, or that of the options, does not allow it.</exception>
    public static bool TryOpen<T>(string name, [NotNullWhen(true)] out SharedStructReader<T>? opened, OpenOptions? options = null)
        where T : unmanaged, ISharedLayout<T> => Opening.TryOpen(name, options, StructClient<T>.ReadRequest, Reader<T>, out opened);

    /// <summary>
    /// Opens a struct for writing too. Refused unless its creator set <see cref="SharedStructOptions.AllowPeersToWrite"/>.
    /// Any writer can then change any byte of the struct at any time: mark what several write <c>[Atomic]</c>. All that
    /// write must have the same layout.
    /// </summary>
    /// <inheritdoc cref="Open{T}" path="/param"/>
    /// <inheritdoc cref="Open{T}" path="/exception"/>
    public static SharedStructWriter<T> OpenReadWrite<T>(
        string name, OpenOptions? options = null, CancellationToken cancellationToken = default)
        where T : unmanaged, ISharedLayout<T> => Opening.Open(name, options, StructClient<T>.WriteRequest, Writer<T>, cancellationToken);

    /// <summary>Opens a struct for writing too, without blocking a thread. See <see cref="OpenReadWrite{T}"/>.</summary>
    public static ValueTask<SharedStructWriter<T>> OpenReadWriteAsync<T>(
        string name, OpenOptions? options = null, CancellationToken cancellationToken = default)
        where T : unmanaged, ISharedLayout<T> =>
            Opening.OpenAsync(name, options, StructClient<T>.WriteRequest, Writer<T>, cancellationToken);

    /// <summary>As <see cref="OpenReadWrite{T}"/>, but asks without waiting: opens what is there.</summary>
    /// <param name="name">The name that it is created under.</param>
    /// <param name="opened">The end that was opened.</param>
    /// <param name="options">Whom to trust, whether to connect again; the defaults if null. Its time-out does not matter.</param>
    /// <returns><see langword="false"/> if its creator is not there, or has not answered within a second.</returns>
    /// <exception cref="LayoutMismatchException">The creator was compiled with another layout.</exception>
    /// <exception cref="PeerRefusedException">The creator's policy, or that of the options, does not allow it.</exception>
    public static bool TryOpenReadWrite<T>(string name, [NotNullWhen(true)] out SharedStructWriter<T>? opened, OpenOptions? options = null)
        where T : unmanaged, ISharedLayout<T> => Opening.TryOpen(name, options, StructClient<T>.WriteRequest, Writer<T>, out opened);

    /// <summary>
    /// Makes both ends in this process, without name or socket; the memory and everything above it are the real ones. For tests.
    /// </summary>
    /// <param name="options">As for <see cref="Create{T}"/>.</param>
    /// <param name="openOptions">Those of the end that opens; if null, it waits as the other one does.</param>
    public static (SharedStructWriter<T> Writer, SharedStructReader<T> Reader) CreatePair<T>(
        SharedStructOptions? options = null, OpenOptions? openOptions = null)
        where T : unmanaged, ISharedLayout<T> =>
            Opening.Pair(options, openOptions, Host<T>, Creator, StructClient<T>.ReadRequest, Reader<T>);

    private static StructHost<T> Host<T>(EndpointName endpoint, SharedStructOptions options)
        where T : unmanaged, ISharedLayout<T> => new(endpoint, options);

    private static SharedStructWriter<T> Creator<T>(StructHost<T> host)
        where T : unmanaged, ISharedLayout<T> => new(host);

    private static SharedStructReader<T> Reader<T>(Opened opened)
        where T : unmanaged, ISharedLayout<T> => new(new StructClient<T>(opened));

    private static SharedStructWriter<T> Writer<T>(Opened opened)
        where T : unmanaged, ISharedLayout<T> => new(new StructClient<T>(opened));
}
