using TypedShm;
using TypedShm.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds ends of channels to a host, which opens them when it starts and closes them when it has stopped.</summary>
/// <remarks>
/// <para>
/// An end is a keyed singleton: take it as <c>[FromKeyedServices("engine")] SharedStateReader&lt;Telemetry&gt;</c>, or, in the constructor
/// of a hosted service, as an <see cref="IHostedEnd{TEnd}"/> of it. The key is also the name of the channel, unless <c>Name</c> is
/// configured.
/// </para>
/// <para>
/// What is configured under <c>TypedShm:</c> and the key has the names of the options' properties, and replaces what the program says. It
/// is checked when the host starts, before anything is opened: a value that is not possible, or that nothing asks for, ends the start with
/// an <see cref="Options.OptionsValidationException"/>.
/// </para>
/// <para>
/// Ends that open a channel do so lazily and reconnect (<see cref="OpenOptions.Lazy"/>, <see cref="OpenOptions.Reconnect"/>), unless
/// options are given or configured: a host starts without its peers.
/// </para>
/// </remarks>
public static partial class SharedHostingExtensions
{
    private static readonly OpenOptions s_lazy = new() { Lazy = true, Reconnect = true };

    /// <summary>Adds a struct that this host creates: a keyed <see cref="SharedStructWriter{T}"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="key">The key, and the name unless one is configured.</param>
    /// <param name="options">The options; the defaults if null.</param>
    /// <exception cref="ArgumentException">There is such an end with the key already.</exception>
    public static IServiceCollection AddSharedStructWriter<T>(
        this IServiceCollection services, string key, SharedStructOptions? options = null)
        where T : unmanaged, ISharedLayout<T> =>
        services.AddCreated("struct", "writer", key, options, OptionsReading.Read, SharedStruct.Create<T>,
            EndCounters<SharedStructWriter<T>>.None);

    /// <summary>Adds a struct that another process creates: a keyed <see cref="SharedStructReader{T}"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="key">The key, and the name unless one is configured.</param>
    /// <param name="options">The options; lazy and reconnecting if null.</param>
    /// <exception cref="ArgumentException">There is such an end with the key already.</exception>
    public static IServiceCollection AddSharedStructReader<T>(this IServiceCollection services, string key, OpenOptions? options = null)
        where T : unmanaged, ISharedLayout<T> =>
        services.AddOpened("struct", "reader", key, options, SharedStruct.OpenAsync<T>, EndCounters<SharedStructReader<T>>.None);

    /// <summary>Adds a state that this host creates: a keyed <see cref="SharedStateWriter{T}"/>.</summary>
    /// <inheritdoc cref="AddSharedStructWriter{T}" path="/param|/exception"/>
    public static IServiceCollection AddSharedStateWriter<T>(
        this IServiceCollection services, string key, SharedStateOptions? options = null)
        where T : unmanaged, ISharedLayout<T> =>
        services.AddCreated("state", "writer", key, options, OptionsReading.Read, SharedState.Create<T>,
            new EndCounters<SharedStateWriter<T>> { Messages = end => end.Version });

    /// <summary>Adds a state that another process creates: a keyed <see cref="SharedStateReader{T}"/>.</summary>
    /// <inheritdoc cref="AddSharedStructReader{T}" path="/param|/exception"/>
    public static IServiceCollection AddSharedStateReader<T>(this IServiceCollection services, string key, OpenOptions? options = null)
        where T : unmanaged, ISharedLayout<T> =>
        services.AddOpened("state", "reader", key, options, SharedState.OpenAsync<T>, EndCounters<SharedStateReader<T>>.None);

    /// <summary>Adds a table that this host creates: a keyed <see cref="SharedTableWriter{T}"/>.</summary>
    /// <inheritdoc cref="AddSharedStructWriter{T}" path="/exception"/>
    /// <param name="services">The services.</param>
    /// <param name="key">The key, and the name unless one is configured.</param>
    /// <param name="count">How many elements it has, unless <c>Count</c> is configured.</param>
    /// <param name="options">The options; the defaults if null.</param>
    public static IServiceCollection AddSharedTableWriter<T>(
        this IServiceCollection services, string key, int count, SharedTableOptions? options = null)
        where T : unmanaged, ISharedLayout<T> =>
        services.AddEnd(key, new EndSpec<SharedTableWriter<T>, (int Count, SharedTableOptions Options)>(
            new EndKind("table", "writer"),
            settings => (settings.Read("Count", count), settings.Read(options ?? new SharedTableOptions())),
            chosen =>
            {
                ArgumentOutOfRangeException.ThrowIfLessThan(chosen.Count, 1);
                chosen.Options.Validate();
            },
            (settings, chosen, _) => new(SharedTable.Create<T>(settings.Name, chosen.Count, chosen.Options)),
            new EndCounters<SharedTableWriter<T>> { Messages = end => end.Generation.Changes }));

    /// <summary>Adds a table that another process creates: a keyed <see cref="SharedTableReader{T}"/>.</summary>
    /// <inheritdoc cref="AddSharedStructReader{T}" path="/param|/exception"/>
    public static IServiceCollection AddSharedTableReader<T>(this IServiceCollection services, string key, OpenOptions? options = null)
        where T : unmanaged, ISharedLayout<T> =>
        services.AddOpened("table", "reader", key, options, SharedTable.OpenAsync<T>,
            new EndCounters<SharedTableReader<T>> { Messages = end => end.Generation.Changes });

    /// <summary>Adds a broadcast that this host creates: a keyed <see cref="SharedBroadcastWriter{T}"/>.</summary>
    /// <inheritdoc cref="AddSharedStructWriter{T}" path="/param|/exception"/>
    public static IServiceCollection AddSharedBroadcastWriter<T>(
        this IServiceCollection services, string key, SharedBroadcastOptions? options = null)
        where T : unmanaged, ISharedLayout<T> =>
        services.AddCreated("broadcast", "writer", key, options, OptionsReading.Read, SharedBroadcast.Create<T>,
            new EndCounters<SharedBroadcastWriter<T>> { Messages = end => end.Position });

    /// <summary>Adds a broadcast that another process creates: a keyed <see cref="SharedBroadcastReader{T}"/>.</summary>
    /// <inheritdoc cref="AddSharedStructReader{T}" path="/param|/exception"/>
    public static IServiceCollection AddSharedBroadcastReader<T>(this IServiceCollection services, string key, OpenOptions? options = null)
        where T : unmanaged, ISharedLayout<T> =>
        services.AddOpened("broadcast", "reader", key, options, SharedBroadcast.OpenAsync<T>, new EndCounters<SharedBroadcastReader<T>>
        {
            Messages = end => end.Position,
            Unread = end => end.Count,
            Lost = end => end.Lost,
        });

    /// <summary>Adds a server of calls, which this host creates: a keyed <see cref="SharedCallServer{TRequest, TResponse}"/>.</summary>
    /// <inheritdoc cref="AddSharedStructWriter{T}" path="/param|/exception"/>
    public static IServiceCollection AddSharedCallServer<TRequest, TResponse>(
        this IServiceCollection services, string key, SharedCallOptions? options = null)
        where TRequest : unmanaged, ISharedLayout<TRequest>
        where TResponse : unmanaged, ISharedLayout<TResponse> =>
        services.AddCreated("call", "server", key, options, OptionsReading.Read, SharedCall.Create<TRequest, TResponse>,
            EndCounters<SharedCallServer<TRequest, TResponse>>.None);

    /// <summary>Adds a client of calls that another process answers: a keyed <see cref="SharedCallClient{TRequest, TResponse}"/>.</summary>
    /// <inheritdoc cref="AddSharedStructReader{T}" path="/param|/exception"/>
    public static IServiceCollection AddSharedCallClient<TRequest, TResponse>(
        this IServiceCollection services, string key, OpenOptions? options = null)
        where TRequest : unmanaged, ISharedLayout<TRequest>
        where TResponse : unmanaged, ISharedLayout<TResponse> =>
        services.AddOpened("call", "client", key, options, SharedCall.OpenAsync<TRequest, TResponse>,
            EndCounters<SharedCallClient<TRequest, TResponse>>.None);
}
