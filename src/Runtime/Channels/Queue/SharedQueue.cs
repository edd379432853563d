using System.Diagnostics.CodeAnalysis;
using TypedShm.Channels;
using TypedShm.Interop;
using TypedShm.Transport;

namespace TypedShm;

/// <summary>
/// A queue between processes that loses nothing: first in, first out, from any number of writers to one reader. Each
/// writer has a lane of its own, which it alone can write, so that one that dies or misbehaves stops no other.
/// </summary>
/// <remarks>
/// Either side may own the name. If the reader creates the queue, any number of writers open it; if the writer
/// creates it, it is the only one, and may write before the reader has come.
/// </remarks>
/// <example>
/// <code>
/// // program A reads                                     // program B writes
/// using var orders =                                     using var orders =
///     SharedQueue.CreateReader&lt;Order&gt;("orders");             SharedQueue.OpenWriter&lt;Order&gt;("orders");
/// while (orders.WaitToRead())                            using var claim = orders.Claim();
///     while (orders.TryRead(out Order order))            claim.View.Amount = 3;
///         Console.WriteLine(order.Amount);          claim.Commit();
/// </code>
/// </example>
[SuppressMessage("Naming", "CA1711:Identifiers should not have incorrect suffix", Justification = "It is a queue.")]
public static class SharedQueue
{
    /// <summary>Creates a queue under a name, to read from it, and lets writers connect.</summary>
    /// <inheritdoc cref="SharedStruct.Create{T}"/>
    public static SharedQueueReader<T> CreateReader<T>(string name, SharedQueueOptions? options = null)
        where T : unmanaged, ISharedLayout<T>
    {
        EndpointName endpoint = Prepare(name, ref options);
        QueueReaderHost<T> host = new(options!);
        try
        {
            SharedQueueReader<T> reader = new(host);
            host.Listen(endpoint);
            return reader;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Creates a queue under a name, to write to it, and lets its one reader connect.</summary>
    /// <inheritdoc cref="SharedStruct.Create{T}"/>
    public static SharedQueueWriter<T> CreateWriter<T>(string name, SharedQueueOptions? options = null)
        where T : unmanaged, ISharedLayout<T>
    {
        EndpointName endpoint = Prepare(name, ref options);
        if (options!.Writers != 1)
            throw new ArgumentException($"SharedQueueOptions.Writers is {options.Writers}, but a queue that its writer creates has one. Let the reader create it if there are to be several.");
        QueueWriterHost<T> host = new(endpoint.ShortName, options!);
        try
        {
            SharedQueueWriter<T> writer = new(host);
            host.Listen(endpoint);
            return writer;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Opens a queue that its writer creates, waiting for it to be created.</summary>
    /// <inheritdoc cref="SharedStruct.Open{T}"/>
    public static SharedQueueReader<T> OpenReader<T>(string name, OpenOptions? options = null, CancellationToken cancellationToken = default)
        where T : unmanaged, ISharedLayout<T>
    {
        Platform.Require();

        // Complete already: with BlockingWaiter every wait on the way was made by this thread.
        return new(QueueReaderClient<T>.Open<BlockingWaiter>(EndpointName.Parse(name), options ?? new OpenOptions(), cancellationToken).AsTask().GetAwaiter().GetResult());
    }

    /// <summary>As <see cref="OpenReader{T}"/>, without blocking a thread.</summary>
    /// <inheritdoc cref="SharedStruct.Open{T}"/>
    public static async ValueTask<SharedQueueReader<T>> OpenReaderAsync<T>(string name, OpenOptions? options = null, CancellationToken cancellationToken = default)
        where T : unmanaged, ISharedLayout<T>
    {
        Platform.Require();
        return new(await QueueReaderClient<T>.Open<AsyncWaiter>(EndpointName.Parse(name), options ?? new OpenOptions(), cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Opens a queue that its reader creates, to write to it, waiting for it to be created.</summary>
    /// <inheritdoc cref="SharedStruct.Open{T}"/>
    public static SharedQueueWriter<T> OpenWriter<T>(string name, OpenOptions? options = null, CancellationToken cancellationToken = default)
        where T : unmanaged, ISharedLayout<T>
    {
        Platform.Require();

        // As in OpenReader.
        return new(QueueWriterClient<T>.Open<BlockingWaiter>(EndpointName.Parse(name), options ?? new OpenOptions(), cancellationToken).AsTask().GetAwaiter().GetResult());
    }

    /// <summary>As <see cref="OpenWriter{T}"/>, without blocking a thread.</summary>
    /// <inheritdoc cref="SharedStruct.Open{T}"/>
    public static async ValueTask<SharedQueueWriter<T>> OpenWriterAsync<T>(string name, OpenOptions? options = null, CancellationToken cancellationToken = default)
        where T : unmanaged, ISharedLayout<T>
    {
        Platform.Require();
        return new(await QueueWriterClient<T>.Open<AsyncWaiter>(EndpointName.Parse(name), options ?? new OpenOptions(), cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Makes both ends in this process, without name or socket; the memory and everything above it are the real ones. For tests.</summary>
    /// <param name="options">As for <see cref="CreateReader{T}"/>; both ends wait in the same way.</param>
    public static (SharedQueueWriter<T> Writer, SharedQueueReader<T> Reader) CreatePair<T>(SharedQueueOptions? options = null)
        where T : unmanaged, ISharedLayout<T>
    {
        Prepare("pair", ref options);
        QueueReaderHost<T> host = new(options!);
        try
        {
            SharedQueueReader<T> reader = new(host);
            return (new SharedQueueWriter<T>(QueueWriterClient<T>.Pair(host, options!)), reader);
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>As <see cref="CreatePair{T}"/>, with a writer that owns the name.</summary>
    internal static (SharedQueueWriter<T> Writer, SharedQueueReader<T> Reader) CreateWriterPair<T>(SharedQueueOptions? options = null)
        where T : unmanaged, ISharedLayout<T>
    {
        Prepare("pair", ref options);
        QueueWriterHost<T> host = new("pair", options!);
        try
        {
            SharedQueueWriter<T> writer = new(host);
            return (writer, new SharedQueueReader<T>(QueueReaderClient<T>.Pair(host, options!)));
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    private static EndpointName Prepare(string name, ref SharedQueueOptions? options)
    {
        Platform.Require();
        options ??= new SharedQueueOptions();
        options.Validate();
        return EndpointName.Parse(name);
    }
}
