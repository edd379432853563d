using System.Diagnostics;
using Microsoft.Extensions.Hosting;

namespace TypedShm.Hosting;

/// <summary>A hosted service that handles the messages of a queue or of a broadcast, one after the other.</summary>
/// <typeparam name="T">The message.</typeparam>
/// <remarks>
/// <para>
/// When the host stops, the message that is being handled and those that are there already are handled still, for as long as the host gives
/// its services (<c>HostOptions.ShutdownTimeout</c>). What comes later is left to its writer, which is told.
/// </para>
/// <para>
/// An exception of <see cref="HandleAsync"/> stops the consumer, and with it, as .NET has it, the host
/// (<c>HostOptions.BackgroundServiceExceptionBehavior</c>): catch there what may be passed over. The message has been read, and comes
/// no more. So does an error that the channel ends with.
/// </para>
/// <para>A message that is <see cref="ITraced"/> is handled in an activity of its trace.</para>
/// </remarks>
/// <example>
/// <code>
/// sealed class Orders([FromKeyedServices("orders")] IHostedEnd&lt;SharedQueueReader&lt;Order&gt;&gt; orders)
///     : SharedMessageConsumer&lt;Order&gt;(orders)
/// {
///     protected override ValueTask HandleAsync(
///         Order message, ReadOnlyMemory&lt;byte&gt; payload, CancellationToken cancellationToken) => …;
/// }
///
/// services.AddSharedQueueReader&lt;Order&gt;("orders").AddHostedService&lt;Orders&gt;();
/// </code>
/// </example>
public abstract class SharedMessageConsumer<T> : BackgroundService
    where T : unmanaged, ISharedLayout<T>
{
    private readonly IHostedEnd<SharedMessageReader<T>> _end;

    // Never disposed: it has no timer, and a handler that outlasts the host may still hold its token.
    private readonly CancellationTokenSource _outOfTime = new();
    private byte[] _payload = [];

    /// <summary>Handles the messages of a reader, which nothing else may read.</summary>
    protected SharedMessageConsumer(IHostedEnd<SharedMessageReader<T>> reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _end = reader;
    }

    /// <inheritdoc/>
    public sealed override async Task StopAsync(CancellationToken cancellationToken)
    {
        // Returns when everything is handled, or the host has no more time.
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        await _outOfTime.CancelAsync().ConfigureAwait(false);
    }

    /// <summary>Handles a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="payload">Its payload; the memory is used again for the next message.</param>
    /// <param name="cancellationToken">The host has no more time. That it is to stop does not cancel what was begun.</param>
    protected abstract ValueTask HandleAsync(T message, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken);

    /// <summary>The channel is complete, and everything was handled. Nothing more comes.</summary>
    protected virtual ValueTask OnCompletedAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        SharedMessageReader<T> reader = _end.Value;
        try
        {
            while (await reader.WaitToReadAsync(stoppingToken).ConfigureAwait(false))
            {
                while (!stoppingToken.IsCancellationRequested && await HandleNext(reader).ConfigureAwait(false))
                {
                }
            }

            await OnCompletedAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested && !_outOfTime.IsCancellationRequested)
        {
            // As many as are there now: writers may go on.
            for (int left = reader.Count; left > 0 && await HandleNext(reader).ConfigureAwait(false); left--)
                _outOfTime.Token.ThrowIfCancellationRequested();
        }
    }

    private async ValueTask<bool> HandleNext(SharedMessageReader<T> reader)
    {
        // The next creator may have chosen another capacity.
        if (_payload.Length < reader.PayloadCapacity)
            _payload = new byte[reader.PayloadCapacity];
        if (!reader.TryRead(out T message, _payload, out int length))
            return false;

        using Activity? activity = Tracing.Begin(in message, "process", reader, ActivityKind.Consumer);
        try
        {
            await HandleAsync(message, _payload.AsMemory(0, length), _outOfTime.Token).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            activity.Fail(error);
            throw;
        }

        return true;
    }
}
