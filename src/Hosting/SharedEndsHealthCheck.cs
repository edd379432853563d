using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TypedShm.Hosting;

/// <summary>Whether the ends of the host can do their work: as well as the one that is worst off.</summary>
internal sealed class SharedEndsHealthCheck(IEnumerable<HostedEnd> ends, IReadOnlySet<string> keys) : IHealthCheck
{
    private readonly HostedEnd[] _ends = [.. ends.Where(end => keys.Count == 0 || keys.Contains(end.Key))];

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        HealthStatus worst = HealthStatus.Healthy;
        Dictionary<string, object> data = [];
        List<string> unwell = [];
        foreach (HostedEnd end in _ends)
        {
            (HealthStatus status, string says) = Judge(end);
            data[$"{end.Kind.TypeName} '{end.Key}'"] = says;
            if (status == HealthStatus.Healthy)
                continue;
            unwell.Add($"The {end.Kind.TypeName} '{end.Key}' is {says}.");
            worst = status < worst ? status : worst;
        }

        if (worst == HealthStatus.Unhealthy)
            worst = context.Registration.FailureStatus;
        return Task.FromResult(new HealthCheckResult(worst, unwell.Count == 0 ? null : string.Join(' ', unwell), data: data));
    }

    private static (HealthStatus Status, string Says) Judge(HostedEnd end) => end.Opened?.State switch
    {
        ConnectionState.Connected => (HealthStatus.Healthy, "connected"),
        null => (HealthStatus.Degraded, "not open yet"),
        ConnectionState.Connecting => (HealthStatus.Degraded, "connecting: its creator has not been there so far"),
        ConnectionState.Lost or ConnectionState.Closed when end.Reconnects =>
            (HealthStatus.Degraded, "connecting again: its creator is gone"),
        ConnectionState.Lost or ConnectionState.Closed => (HealthStatus.Unhealthy, "ended: its creator is gone, and it does not reconnect"),
        _ => (HealthStatus.Unhealthy, "ended: it was disposed"),
    };
}
