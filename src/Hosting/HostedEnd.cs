using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace TypedShm.Hosting;

/// <summary>What the host, the health check and the metrics know of an end.</summary>
internal abstract class HostedEnd(IServiceProvider services, string key, EndKind kind) : IDisposable
{
    private SharedEnd? _end;

    public string Key => key;

    public EndKind Kind => kind;

    /// <summary>What was configured for the key.</summary>
    public EndSettings Settings { get; } = new(services.GetService<IConfiguration>()?.GetSection($"TypedShm:{key}"), key);

    /// <summary>Whether it finds the next creator by itself.</summary>
    public abstract bool Reconnects { get; }

    /// <summary>The end; null before the host has opened it.</summary>
    public SharedEnd? Opened => Volatile.Read(ref _end);

    /// <summary>How many messages, values or changes it has written or read; null if it does not count them, or is not open.</summary>
    public abstract long? Messages { get; }

    /// <summary>How many messages are written and not read.</summary>
    public abstract long? Unread { get; }

    /// <summary>How many messages were lost.</summary>
    public abstract long? Lost { get; }

    /// <summary>What its events are logged to.</summary>
    protected ILogger Logger { get; } = services.GetService<ILoggerFactory>()?.CreateLogger($"TypedShm.{key}") ?? NullLogger.Instance;

    /// <summary>Reads what was configured, and checks it: before anything is opened.</summary>
    /// <exception cref="OptionsValidationException">A value cannot be read, or is not one of those that it may be.</exception>
    public void Configure()
    {
        try
        {
            ReadOptions();
        }
        catch (ArgumentException error)
        {
            throw new OptionsValidationException(key, GetType(), [$"The {kind.TypeName} '{key}': {error.Message}"]);
        }
    }

    /// <summary>Creates or opens the end.</summary>
    public abstract Task OpenAsync(CancellationToken cancellationToken);

    /// <summary>Closes the end. Idempotent.</summary>
    public void Dispose()
    {
        if (Opened is not { State: not ConnectionState.Disposed } end)
            return;
        end.Dispose();
        EndLog.Closed(Logger, kind.TypeName, end.Name);
    }

    protected abstract void ReadOptions();

    protected void Use(SharedEnd end)
    {
        EndLog.Watch(Logger, end, kind);
        Volatile.Write(ref _end, end);
    }
}

/// <summary>An end that the host opens.</summary>
/// <typeparam name="TEnd">The end.</typeparam>
/// <typeparam name="TOptions">What it is created or opened with.</typeparam>
internal sealed class HostedEnd<TEnd, TOptions>(IServiceProvider services, string key, EndSpec<TEnd, TOptions> spec)
    : HostedEnd(services, key, spec.Kind), IHostedEnd<TEnd>
    where TEnd : SharedEnd
    where TOptions : notnull
{
    private TOptions? _options;

    public TEnd Value => (TEnd?)Opened ?? throw new InvalidOperationException(
        $"The {Kind.TypeName} '{Key}' is not open: the host opens it when it starts. A hosted service, which is made before that, takes an "
        + $"IHostedEnd<{Kind.TypeName}<…>> with the key instead, and asks for its Value when it runs.");

    public override bool Reconnects => _options is OpenOptions { Reconnect: true };

    public override long? Messages => Count(spec.Counters.Messages);

    public override long? Unread => Count(spec.Counters.Unread);

    public override long? Lost => Count(spec.Counters.Lost);

    public override async Task OpenAsync(CancellationToken cancellationToken) =>
        Use(await spec.Open(Settings, _options!, cancellationToken).ConfigureAwait(false));

    protected override void ReadOptions()
    {
        _options = spec.Read(Settings);
        spec.Validate(_options);
    }

    private long? Count(Func<TEnd, long>? counter)
    {
        if (counter is null || Opened is not TEnd { State: not ConnectionState.Disposed } end)
            return null;
        try
        {
            return counter(end);
        }
        catch (ObjectDisposedException)
        {
            // Disposed since it was asked: there is nothing to be measured any more.
            return null;
        }
    }
}

/// <summary>How an end of a kind is configured and opened.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Read">Makes the options of what was configured.</param>
/// <param name="Validate">Throws if they are not possible.</param>
/// <param name="Open">Creates or opens it.</param>
/// <param name="Counters">What the metrics read.</param>
internal sealed record EndSpec<TEnd, TOptions>(
    EndKind Kind,
    Func<EndSettings, TOptions> Read,
    Action<TOptions> Validate,
    Func<EndSettings, TOptions, CancellationToken, ValueTask<TEnd>> Open,
    EndCounters<TEnd> Counters)
    where TEnd : SharedEnd
    where TOptions : notnull;
