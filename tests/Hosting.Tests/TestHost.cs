using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace TypedShm.Hosting.Tests;

/// <summary>A real host, whose log is kept.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private readonly Log _log = new();

    public TestHost(Action<IServiceCollection> configure, params (string Key, string Value)[] settings)
    {
        HostApplicationBuilder builder =
            Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value));
        builder.Logging.SetMinimumLevel(LogLevel.Debug).AddProvider(_log);
        configure(builder.Services);
        Host = builder.Build();
    }

    public IHost Host { get; }

    public IServiceProvider Services => Host.Services;

    /// <summary>What was logged, a line an entry: category, level, text.</summary>
    public IReadOnlyCollection<string> Lines => _log.Lines;

    public static async Task<TestHost> Started(Action<IServiceCollection> configure, params (string Key, string Value)[] settings)
    {
        TestHost host = new(configure, settings);
        await host.Host.StartAsync();
        return host;
    }

    public TEnd Get<TEnd>(string key)
        where TEnd : SharedEnd => Services.GetRequiredKeyedService<TEnd>(key);

    public Task Stop() => Host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await Host.StopAsync();
        await ((IAsyncDisposable)Host).DisposeAsync();
    }

    private sealed class Log : ILoggerProvider
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

        public void Dispose()
        {
        }

        private sealed class Category(Log log, string name) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(
                LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                log.Lines.Enqueue($"{name} {logLevel}: {formatter(state, exception)} {exception?.GetType().Name}".TrimEnd());
        }
    }
}
