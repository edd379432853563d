namespace TypedShm.Hosting;

/// <summary>An end of a channel that the host opens when it starts, and closes when it has stopped.</summary>
/// <typeparam name="TEnd">The end: <see cref="SharedStateReader{T}"/>, …</typeparam>
/// <remarks>
/// For the constructors of hosted services, which run before the host opens anything. Whatever is made later may have the end itself,
/// by the same key. Thread-safe.
/// </remarks>
/// <example>
/// <code>
/// sealed class Pump([FromKeyedServices("engine")] IHostedEnd&lt;SharedStateWriter&lt;Telemetry&gt;&gt; engine) : BackgroundService
/// {
///     protected override async Task ExecuteAsync(CancellationToken stoppingToken)
///     {
///         while (!stoppingToken.IsCancellationRequested)
///             engine.Value.Write(await Measure(stoppingToken));
///     }
/// }
/// </code>
/// </example>
public interface IHostedEnd<out TEnd>
    where TEnd : SharedEnd
{
    /// <summary>The key that the end was added with.</summary>
    string Key { get; }

    /// <summary>The end.</summary>
    /// <exception cref="InvalidOperationException">The host has not opened it yet, or could not.</exception>
    TEnd Value { get; }
}
