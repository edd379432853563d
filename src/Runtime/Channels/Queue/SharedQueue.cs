using System.Diagnostics.CodeAnalysis;
using TypedShm.Channels;
using TypedShm.Ends;
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
    /// <summary>
    /// Creates a queue under a name, to read from it, and lets any number of writers connect (<see cref="OpenWriter{T}"/>).
    /// </summary>
    /// <inheritdoc cref="SharedStruct.Create{T}"/>
    public static SharedQueueReader<T> CreateReader<T>(string name, SharedQueueOptions? options = null)
        where T : unmanaged, ISharedLayout<T> => Opening.Create(name, options, ReaderHost<T>, Reader);

    /// <summary>
    /// Creates a queue under a name, to write to it as its only writer, and lets its one reader connect (<see cref="OpenReader{T}"/>). What
    /// is written before it has come waits for it, as far as there is room.
    /// </summary>
    /// <inheritdoc cref="SharedStruct.Create{T}"/>
    public static SharedQueueWriter<T> CreateWriter<T>(string name, SharedQueueOptions? options = null)
        where T : unmanaged, ISharedLayout<T> => Opening.Create(name, options, WriterHost<T>, Writer);

    /// <summary>Opens a queue that its writer creates, waiting for it to be created.</summary>
    /// <inheritdoc cref="SharedStruct.Open{T}"/>
    public static SharedQueueReader<T> OpenReader<T>(
        string name, OpenOptions? options = null, CancellationToken cancellationToken = default)
        where T : unmanaged, ISharedLayout<T> => Opening.Open(name, options, QueueReaderClient<T>.Request, Reader<T>, cancellationToken);

    /// <summary>As <see cref="OpenReader{T}"/>, without blocking a thread.</summary>
    /// <inheritdoc cref="SharedStruct.Open{T}"/>
    public static ValueTask<SharedQueueReader<T>> OpenReaderAsync<T>(
        string name, OpenOptions? options = null, CancellationToken cancellationToken = default)
        where T : unmanaged, ISharedLayout<T> =>
            Opening.OpenAsync(name, options, QueueReaderClient<T>.Request, Reader<T>, cancellationToken);

    /// <summary>As <see cref="OpenReader{T}"/>, but asks without waiting: opens what is there.</summary>
    /// <param name="name">The name that it is created under.</param>
    /// <param name="opened">The end that was opened.</param>
    /// <param name="options">Whom to trust, whether to connect again; the defaults if null. Its time-out does not matter.</param>
    /// <returns><see langword="false"/> if its creator is not there, or has not answered within a second.</returns>
    /// <exception cref="LayoutMismatchException">The creator was compiled with another layout.</exception>
    /// <exception cref="PeerRefusedException">The creator's policy, or that of the options, does not allow it.</exception>
    public static bool TryOpenReader<T>(string name, [NotNullWhen(true)] out SharedQueueReader<T>? opened, OpenOptions? options = null)
        where T : unmanaged, ISharedLayout<T> => Opening.TryOpen(name, options, QueueReaderClient<T>.Request, Reader<T>, out opened);

    /// <summary>Opens a queue that its reader creates, to write to it, waiting for it to be created.</summary>
    /// <inheritdoc cref="SharedStruct.Open{T}"/>
    public static SharedQueueWriter<T> OpenWriter<T>(
        string name, OpenOptions? options = null, CancellationToken cancellationToken = default)
        where T : unmanaged, ISharedLayout<T> => Opening.Open(name, options, QueueWriterClient<T>.Request, Writer<T>, cancellationToken);

    /// <summary>As <see cref="OpenWriter{T}"/>, without blocking a thread.</summary>
    /// <inheritdoc cref="SharedStruct.Open{T}"/>
    public static ValueTask<SharedQueueWriter<T>> OpenWriterAsync<T>(
        string name, OpenOptions? options = null, CancellationToken cancellationToken = default)
        where T : unmanaged, ISharedLayout<T> =>
            Opening.OpenAsync(name, options, QueueWriterClient<T>.Request, Writer<T>, cancellationToken);

    /// <summary>As <see cref="OpenWriter{T}"/>, but asks without waiting: opens what is there.</summary>
    /// <param name="name">The name that it is created under.</param>
    /// <param name="opened">The end that was opened.</param>
    /// <param name="options">Whom to trust, whether to connect again; the defaults if null. Its time-out does not matter.</param>
    /// <returns><see langword="false"/> if its creator is not there, or has not answered within a second.</returns>
    /// <exception cref="LayoutMismatchException">The creator was compiled with another layout.</exception>
    /// <exception cref="PeerRefusedException">The creator's policy, or that of the options, does not allow it.</exception>
    public static bool TryOpenWriter<T>(string name, [NotNullWhen(true)] out SharedQueueWriter<T>? opened, OpenOptions? options = null)
        where T : unmanaged, ISharedLayout<T> => Opening.TryOpen(name, options, QueueWriterClient<T>.Request, Writer<T>, out opened);

    /// <summary>
    /// Makes both ends in this process, without name or socket; the memory and everything above it are the real ones. For tests.
    /// </summary>
    /// <param name="options">As for <see cref="CreateReader{T}"/>.</param>
    /// <param name="openOptions">Those of the end that opens; if null, it waits as the other one does.</param>
    public static (SharedQueueWriter<T> Writer, SharedQueueReader<T> Reader) CreatePair<T>(
        SharedQueueOptions? options = null, OpenOptions? openOptions = null)
        where T : unmanaged, ISharedLayout<T>
    {
        (SharedQueueReader<T> reader, SharedQueueWriter<T> writer) =
            Opening.Pair(options, openOptions, ReaderHost<T>, Reader, QueueWriterClient<T>.Request, Writer<T>);
        return (writer, reader);
    }

    /// <summary>As <see cref="CreatePair{T}"/>, with a writer that owns the name.</summary>
    internal static (SharedQueueWriter<T> Writer, SharedQueueReader<T> Reader) CreateWriterPair<T>(
        SharedQueueOptions? options = null, OpenOptions? openOptions = null)
        where T : unmanaged, ISharedLayout<T> =>
            Opening.Pair(options, openOptions, WriterHost<T>, Writer, QueueReaderClient<T>.Request, Reader<T>);

    private static QueueReaderHost<T> ReaderHost<T>(EndpointName endpoint, SharedQueueOptions options)
        where T : unmanaged, ISharedLayout<T> => new(endpoint, options);

    private static QueueWriterHost<T> WriterHost<T>(EndpointName endpoint, SharedQueueOptions options)
        where T : unmanaged, ISharedLayout<T> => options.Writers == 1
        ? new(endpoint, options)
        : throw new ArgumentException($"SharedQueueOptions.Writers is {options.Writers}, but a queue that its writer creates has one. "
            + "Let the reader create it if there are to be several.");

    private static SharedQueueReader<T> Reader<T>(QueueReaderHost<T> host)
        where T : unmanaged, ISharedLayout<T> => new(host);

    private static SharedQueueWriter<T> Writer<T>(QueueWriterHost<T> host)
        where T : unmanaged, ISharedLayout<T> => new(host);

    private static SharedQueueReader<T> Reader<T>(Opened opened)
        where T : unmanaged, ISharedLayout<T> => new(new QueueReaderClient<T>(opened));

    private static SharedQueueWriter<T> Writer<T>(Opened opened)
        where T : unmanaged, ISharedLayout<T> => new(new QueueWriterClient<T>(opened));
}
