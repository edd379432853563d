using TypedShm;
using TypedShm.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

// A queue has two ways to be owned: usually its reader creates it, and any number of writers open it.
public static partial class SharedHostingExtensions
{
    /// <summary>
    /// Adds a queue that this host creates and reads: a keyed <see cref="SharedQueueReader{T}"/>. Any number of writers open it.
    /// </summary>
    /// <inheritdoc cref="AddSharedStructWriter{T}" path="/param|/exception"/>
    public static IServiceCollection AddSharedQueueReader<T>(
        this IServiceCollection services, string key, SharedQueueOptions? options = null)
        where T : unmanaged, ISharedLayout<T> =>
        services.AddCreated("queue", "reader", key, options, OptionsReading.Read, SharedQueue.CreateReader<T>, QueueReaderCounters<T>());

    /// <summary>Adds a writer of a queue that its reader creates: a keyed <see cref="SharedQueueWriter{T}"/>.</summary>
    /// <inheritdoc cref="AddSharedStructReader{T}" path="/param|/exception"/>
    public static IServiceCollection AddSharedQueueWriter<T>(this IServiceCollection services, string key, OpenOptions? options = null)
        where T : unmanaged, ISharedLayout<T> =>
        services.AddOpened("queue", "writer", key, options, SharedQueue.OpenWriterAsync<T>, QueueWriterCounters<T>());

    /// <summary>
    /// Adds a queue that this host creates and is the only one to write: a keyed <see cref="SharedQueueWriter{T}"/>. It may write before
    /// the reader has come, and the queue ends with it.
    /// </summary>
    /// <inheritdoc cref="AddSharedStructWriter{T}" path="/param|/exception"/>
    public static IServiceCollection AddSharedQueueCreatingWriter<T>(
        this IServiceCollection services, string key, SharedQueueOptions? options = null)
        where T : unmanaged, ISharedLayout<T> =>
        services.AddCreated("queue", "writer", key, options, OptionsReading.Read, SharedQueue.CreateWriter<T>, QueueWriterCounters<T>());

    /// <summary>Adds the reader of a queue that its only writer creates: a keyed <see cref="SharedQueueReader{T}"/>.</summary>
    /// <inheritdoc cref="AddSharedStructReader{T}" path="/param|/exception"/>
    public static IServiceCollection AddSharedQueueOpeningReader<T>(
        this IServiceCollection services, string key, OpenOptions? options = null)
        where T : unmanaged, ISharedLayout<T> =>
        services.AddOpened("queue", "reader", key, options, SharedQueue.OpenReaderAsync<T>, QueueReaderCounters<T>());

    private static EndCounters<SharedQueueReader<T>> QueueReaderCounters<T>()
        where T : unmanaged, ISharedLayout<T> => new()
        {
            Messages = end => end.Position,
            Unread = end => end.Count,
        };

    private static EndCounters<SharedQueueWriter<T>> QueueWriterCounters<T>()
        where T : unmanaged, ISharedLayout<T> => new()
        {
            Messages = end => end.Position,
            Unread = end => end.Count,
            Lost = end => end.Lost,
        };
}
