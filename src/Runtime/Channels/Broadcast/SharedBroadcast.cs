using TypedShm.Channels;
using TypedShm.Interop;
using TypedShm.Transport;

namespace TypedShm;

/// <summary>
/// Messages from one process to any number of others: every reader sees every message, in order. Readers map the messages for reading
/// only, and share one copy of them.
/// </summary>
/// <remarks>
/// Unless created as <see cref="SharedBroadcastOptions.Lossless"/>, the writer never waits: a reader that falls too far behind loses
/// messages, and learns exactly how many.
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
        where T : unmanaged, ISharedLayout<T>
    {
        EndpointName endpoint = Prepare(name, ref options);
        BroadcastHost<T> host = new(endpoint.ShortName, options!);
        try
        {
            SharedBroadcastWriter<T> writer = new(host);
            host.Listen(endpoint);
            return writer;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Opens a broadcast for reading, waiting for it to be created.</summary>
    /// <inheritdoc cref="SharedStruct.Open{T}"/>
    public static SharedBroadcastReader<T> Open<T>(string name, OpenOptions? options = null, CancellationToken cancellationToken = default)
        where T : unmanaged, ISharedLayout<T>
    {
        Platform.Require();

        // Complete already: with BlockingWaiter every wait on the way was made by this thread.
        return new(BroadcastClient<T>.Open<BlockingWaiter>(EndpointName.Parse(name), PeerRole.Reader, options ?? new OpenOptions(), cancellationToken).AsTask().GetAwaiter().GetResult());
    }

    /// <summary>As <see cref="Open{T}"/>, without blocking a thread.</summary>
    /// <inheritdoc cref="SharedStruct.Open{T}"/>
    public static async ValueTask<SharedBroadcastReader<T>> OpenAsync<T>(string name, OpenOptions? options = null, CancellationToken cancellationToken = default)
        where T : unmanaged, ISharedLayout<T>
    {
        Platform.Require();
        return new(await BroadcastClient<T>.Open<AsyncWaiter>(EndpointName.Parse(name), PeerRole.Reader, options ?? new OpenOptions(), cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Makes both ends in this process, without name or socket; the memory and everything above it are the real ones. For tests.</summary>
    /// <param name="options">As for <see cref="Create{T}"/>; both ends wait in the same way.</param>
    public static (SharedBroadcastWriter<T> Writer, SharedBroadcastReader<T> Reader) CreatePair<T>(SharedBroadcastOptions? options = null)
        where T : unmanaged, ISharedLayout<T>
    {
        Prepare("pair", ref options);
        BroadcastHost<T> host = new("pair", options!);
        try
        {
            SharedBroadcastWriter<T> writer = new(host);
            return (writer, writer.OpenReader(PeerRole.Reader, options!.Wait, options.Fence, options.ExactThreadCheck));
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    private static EndpointName Prepare(string name, ref SharedBroadcastOptions? options)
    {
        Platform.Require();
        options ??= new SharedBroadcastOptions();
        options.Validate();
        return EndpointName.Parse(name);
    }
}
