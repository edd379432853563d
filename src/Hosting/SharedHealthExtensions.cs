using Microsoft.Extensions.Diagnostics.HealthChecks;
using TypedShm.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the ends of channels to the health checks of a host.</summary>
public static class SharedHealthExtensions
{
    /// <summary>
    /// Adds a check of the ends that the host has. Healthy: all are connected. Degraded: one is still or again without its creator, which
    /// it will find. Unhealthy: one has ended, and will not find another one.
    /// </summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">The name of the check.</param>
    /// <param name="keys">The keys of the ends to be checked; all if null or empty.</param>
    /// <param name="failureStatus">What is reported of an end that has ended; <see cref="HealthStatus.Unhealthy"/> if null.</param>
    /// <param name="tags">The tags of the check.</param>
    public static IHealthChecksBuilder AddSharedEnds(
        this IHealthChecksBuilder builder,
        string name = "typedshm",
        IEnumerable<string>? keys = null,
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        HashSet<string> chosen = [.. keys ?? []];
        return builder.Add(new HealthCheckRegistration(
            name, services => new SharedEndsHealthCheck(services.GetServices<HostedEnd>(), chosen), failureStatus, tags));
    }
}
