using System.Diagnostics.CodeAnalysis;
using TypedShm.Channels;
using TypedShm.Ends;
using TypedShm.Transport;

namespace TypedShm;

/// <summary>
/// Calls between processes: any number of clients ask one server, each with any number of calls at once. Requests and responses travel in
/// lanes that one process alone can write, so that a client that dies or misbehaves stops no other.
/// </summary>
/// <remarks>
/// Both sides need the same layouts, of requests and of responses: unlike the structs of other channels they may not have grown.
/// </remarks>
/// <example>
/// <code>
/// // program A answers                                              // program B asks
/// using var server =                                                using var prices =
///     SharedCall.Create&lt;Query, Price&gt;("prices");                         SharedCall.Open&lt;Query, Price&gt;("prices");
/// // for as long as it serves                                       Price price = prices.Call(new Query { Id = 7 });
/// server.Serve(call => call.Response = Find(call.Request));         Price other = await prices.CallAsync(new Query { Id = 8 });
/// </code>
/// </example>
public static class SharedCall
{
    /// <summary>Creates a channel of calls under a name, to answer them, and lets clients connect.</summary>
    /// <inheritdoc cref="SharedStruct.Create{T}"/>
    public static SharedCallServer<TRequest, TResponse> Create<TRequest, TResponse>(string name, SharedCallOptions? options = null)
        where TRequest : unmanaged, ISharedLayout<TRequest>
        where TResponse : unmanaged, ISharedLayout<TResponse> => Opening.Create(name, options, Host<TRequest, TResponse>, Server);

    /// <summary>Opens a channel of calls to ask its server, waiting for it to be created.</summary>
    /// <inheritdoc cref="SharedStruct.Open{T}"/>
    public static SharedCallClient<TRequest, TResponse> Open<TRequest, TResponse>(
        string name, OpenOptions? options = null, CancellationToken cancellationToken = default)
        where TRequest : unmanaged, ISharedLayout<TRequest>
        where TResponse : unmanaged, ISharedLayout<TResponse> =>
        Opening.Open(name, options, CallClient<TRequest, TResponse>.Request, Client<TRequest, TResponse>, cancellationToken);

    /// <summary>As <see cref="Open{TRequest, TResponse}"/>, without blocking a thread.</summary>
    /// <inheritdoc cref="SharedStruct.Open{T}"/>
    public static ValueTask<SharedCallClient<TRequest, TResponse>> OpenAsync<TRequest, TResponse>(
        string name, OpenOptions? options = null, CancellationToken cancellationToken = default)
        where TRequest : unmanaged, ISharedLayout<TRequest>
        where TResponse : unmanaged, ISharedLayout<TResponse> =>
        Opening.OpenAsync(name, options, CallClient<TRequest, TResponse>.Request, Client<TRequest, TResponse>, cancellationToken);

    /// <summary>As <see cref="Open{TRequest, TResponse}"/>, but asks without waiting: opens what is there.</summary>
    /// <param name="name">The name that it is created under.</param>
    /// <param name="opened">The end that was opened.</param>
    /// <param name="options">Whom to trust, whether to connect again; the defaults if null. Its time-out does not matter.</param>
    /// <returns><see langword="false"/> if its creator is not there, or has not answered within a second.</returns>
    /// <exception cref="LayoutMismatchException">The creator was compiled with another layout.</exception>
    /// <exception cref="PeerRefusedException">The creator's policy, or that of the options, does not allow it.</exception>
    public static bool TryOpen<TRequest, TResponse>(
        string name, [NotNullWhen(true)] out SharedCallClient<TRequest, TResponse>? opened, OpenOptions? options = null)
        where TRequest : unmanaged, ISharedLayout<TRequest>
        where TResponse : unmanaged, ISharedLayout<TResponse> =>
            Opening.TryOpen(name, options, CallClient<TRequest, TResponse>.Request, Client<TRequest, TResponse>, out opened);

    /// <summary>
    /// Makes both ends in this process, without name or socket; the memory and everything above it are the real ones. For tests.
    /// </summary>
    /// <param name="options">As for <see cref="Create{TRequest, TResponse}"/>.</param>
    /// <param name="openOptions">Those of the end that opens; if null, it waits as the other one does.</param>
    public static (SharedCallServer<TRequest, TResponse> Server, SharedCallClient<TRequest, TResponse> Client)
        CreatePair<TRequest, TResponse>(SharedCallOptions? options = null, OpenOptions? openOptions = null)
        where TRequest : unmanaged, ISharedLayout<TRequest>
        where TResponse : unmanaged, ISharedLayout<TResponse> =>
        Opening.Pair(options, openOptions,
            Host<TRequest, TResponse>, Server, CallClient<TRequest, TResponse>.Request, Client<TRequest, TResponse>);

    private static CallHost<TRequest, TResponse> Host<TRequest, TResponse>(EndpointName endpoint, SharedCallOptions options)
        where TRequest : unmanaged, ISharedLayout<TRequest>
        where TResponse : unmanaged, ISharedLayout<TResponse> => new(endpoint, options);

    private static SharedCallServer<TRequest, TResponse> Server<TRequest, TResponse>(CallHost<TRequest, TResponse> host)
        where TRequest : unmanaged, ISharedLayout<TRequest>
        where TResponse : unmanaged, ISharedLayout<TResponse> => new(host);

    private static SharedCallClient<TRequest, TResponse> Client<TRequest, TResponse>(Opened opened)
        where TRequest : unmanaged, ISharedLayout<TRequest>
        where TResponse : unmanaged, ISharedLayout<TResponse> => new(new CallClient<TRequest, TResponse>(opened));
}
