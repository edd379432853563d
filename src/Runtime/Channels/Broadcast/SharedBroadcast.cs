using System.Diagnostics.CodeAnalysis;
using TypedShm.Channels;
using TypedShm.Ends;
using TypedShm.Transport;

namespace TypedShm;

/// <summary>
/// Messages from one process to any number of others: every reader sees every message that is written after it has joined, in order.
/// Readers map the messages for reading only, and share one copy of them.
/// </summary>
/// <remarks>
/// Unless created as <see cref="SharedBroadcastOptions.Lossless"/>, the writer never waits: a reader that falls too far behind loses
/// messages, and learns exactly how many. What was written while nobody listened is gone, but for
/// <see cref="SharedBroadcastOptions.History"/>.
/// </remarks>
/// <example>
/// <code>
/// // program A writes                                      // programs B, C, … read
/// using var quotes =                                       using var quotes =
///     SharedBroadcast.Create&lt;Quote&gt;("quotes");                 SharedBroadcast.Open&lt;Quote&gt;("quotes");
/// using var claim = quotes.Claim();                        while (quotes.WaitToRead())
/// claim.View.Price = 101.5;                                    while (quotes.TryRead(out Quote quote))
/// claim.Commit();                                                  Console.WriteLine(quote.Price);
/// </code>
/// </example>
public static class SharedBroadcast
{
    /// <summary>Creates a broadcast under a name, to write to it, and lets readers connect.</summary>
    /// <inheritdoc cref="SharedStruct.Create{T}"/>
    public static SharedBroadcastWriter<T> Create<T>(string name, SharedBroadcastOptions? options = null)
        where T : unmanaged, ISharedLayout<T> => Opening.Create(name, options, Host<T>, Writer);

    /// <summary>Opens a broadcast for reading, waiting for it to be created.</summary>
    /// <inheritdoc cref="SharedStruct.Open{T}"/>
    public static SharedBroadcastReader<T> Open<T>(string name, OpenOptions? options = null, CancellationToken cancellationToken = default)
        where T : unmanaged, ISharedLayout<T> => Opening.Open(name, options, BroadcastClient<T>.Request, Reader<T>, cancellationToken);

    /// <summary>As <see cref="Open{T}"/>, without blocking a thread.</summary>
    /// <inheritdoc cref="SharedStruct.Open{T}"/>
    public static ValueTask<SharedBroadcastReader<T>> OpenAsync<T>(
        string name, OpenOptions? options = null, CancellationToken cancellationToken = default)
        where T : unmanaged, ISharedLayout<T> => Opening.OpenAsync(name, options, BroadcastClient<T>.Request, Reader<T>, cancellationToken);

    /// <summary>As <see cref="Open{T}"/>, but asks without waiting: opens what is there.</summary>
    /// <param name="name">The name that it is created under.</param>
    /// <param name="opened">The end that was opened.</param>
    /// <param name="options">Whom to trust, whether to connect again; the defaults if null. Its time-out does not matter.</param>
    /// <returns><see langword="false"/> if its creator is not there, or has not answered within a second.</returns>
    /// <exception cref="LayoutMismatchException">The creator was compiled with another layout.</exception>
    /// <exception cref="PeerRefusedException">The creator's policy, or that of the options, does not allow it.</exception>
    public static bool TryOpen<T>(string name, [NotNullWhen(true)] out SharedBroadcastReader<T>? opened, OpenOptions? options = null)
        where T : unmanaged, ISharedLayout<T> => Opening.TryOpen(name, options, BroadcastClient<T>.Request, Reader<T>, out opened);

    /// <summary>
    /// Makes both ends in this process, without name or socket; the memory and everything above it are the real ones. For tests.
    /// </summary>
    /// <param name="options">As for <see cref="Create{T}"/>.</param>
    /// <param name="openOptions">Those of the end that opens; if null, it waits as the other one does.</param>
    public static (SharedBroadcastWriter<T> Writer, SharedBroadcastReader<T> Reader) CreatePair<T>(
        SharedBroadcastOptions? options = null, OpenOptions? openOptions = null)
        where T : unmanaged, ISharedLayout<T> => Opening.Pair(options, openOptions, Host<T>, Writer, BroadcastClient<T>.Request, Reader<T>);

    private static BroadcastHost<T> Host<T>(EndpointName endpoint, SharedBroadcastOptions options)
        where T : unmanaged, ISharedLayout<T> => new(endpoint, options);

    private static SharedBroadcastWriter<T> Writer<T>(BroadcastHost<T> host)
        where T : unmanaged, ISharedLayout<T> => new(host);

    private static SharedBroadcastReader<T> Reader<T>(Opened opened)
        where T : unmanaged, ISharedLayout<T> => new(new BroadcastClient<T>(opened));
}
