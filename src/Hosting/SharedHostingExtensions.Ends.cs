using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using TypedShm;
using TypedShm.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

// How an end of whatever channel is added.
public static partial class SharedHostingExtensions
{
    private delegate ValueTask<TEnd> OpenEnd<TEnd>(string name, OpenOptions? options, CancellationToken cancellationToken);

    private static IServiceCollection AddCreated<TEnd, TOptions>(
        this IServiceCollection services,
        string channel,
        string role,
        string key,
        TOptions? options,
        Func<EndSettings, TOptions, TOptions> read,
        Func<string, TOptions, TEnd> create,
        EndCounters<TEnd> counters)
        where TEnd : SharedEnd
        where TOptions : ChannelOptions, new() =>
        services.AddEnd(key, new EndSpec<TEnd, TOptions>(
            new EndKind(channel, role),
            settings => read(settings, options ?? new TOptions()),
            chosen => chosen.Validate(),
            (settings, chosen, _) => new ValueTask<TEnd>(create(settings.Name, chosen)),
            counters));

    private static IServiceCollection AddOpened<TEnd>(
        this IServiceCollection services,
        string channel,
        string role,
        string key,
        OpenOptions? options,
        OpenEnd<TEnd> open,
        EndCounters<TEnd> counters)
        where TEnd : SharedEnd =>
        services.AddEnd(key, new EndSpec<TEnd, OpenOptions>(
            new EndKind(channel, role),
            settings => settings.Read(options ?? s_lazy),
            chosen => chosen.Validate(),
            (settings, chosen, cancellationToken) => open(settings.Name, chosen, cancellationToken),
            counters));

    private static IServiceCollection AddEnd<TEnd, TOptions>(this IServiceCollection services, string key, EndSpec<TEnd, TOptions> spec)
        where TEnd : SharedEnd
        where TOptions : notnull
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (services.Any(service => service.ServiceType == typeof(TEnd) && key.Equals(service.ServiceKey)))
            throw new ArgumentException(
                $"There is a {spec.Kind.TypeName} '{key}' of these types already. "
                + "Add another one with another key; TypedShm:KEY:Name may name the same channel.", nameof(key));

        services.TryAddSingleton<EndMetrics>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, HostedEndsService>());
        services.AddKeyedSingleton<IHostedEnd<TEnd>>(key, (provider, _) => new HostedEnd<TEnd, TOptions>(provider, key, spec));
        services.AddSingleton<HostedEnd>(provider => (HostedEnd)provider.GetRequiredKeyedService<IHostedEnd<TEnd>>(key));
        services.AddKeyedSingleton<TEnd>(key, (provider, _) => provider.GetRequiredKeyedService<IHostedEnd<TEnd>>(key).Value);
        return services;
    }
}
