using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace TypedShm.Hosting;

/// <summary>
/// Opens all ends before any other hosted service starts, and closes them when all of these have stopped: a service that is draining still
/// has its ends.
/// </summary>
internal sealed class HostedEndsService(IEnumerable<HostedEnd> ends, EndMetrics metrics) : IHostedLifecycleService
{
    private readonly HostedEnd[] _ends = [.. ends];

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        foreach (HostedEnd end in _ends)
            end.Configure();
        CheckForUnknownSettings();
        foreach (HostedEnd end in _ends)
            await end.OpenAsync(cancellationToken).ConfigureAwait(false);
        metrics.Observe(_ends);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        foreach (HostedEnd end in _ends.Reverse())
            end.Dispose();
        return Task.CompletedTask;
    }

    // Several ends may share a key, and so a section: a value has to mean something to one of them.
    private void CheckForUnknownSettings()
    {
        foreach (IGrouping<string, HostedEnd> group in _ends.GroupBy(end => end.Key))
        {
            HashSet<string> known = new(group.SelectMany(end => end.Settings.Known), StringComparer.OrdinalIgnoreCase);
            string[] unknown = [.. group.First().Settings.Present.Where(name => !known.Contains(name))];
            if (unknown.Length > 0)
            {
                throw new OptionsValidationException(group.Key, typeof(HostedEnd), [.. unknown.Select(name =>
                    $"TypedShm:{group.Key}:{name} is no setting of {string.Join(" or ", group.Select(end => end.Kind.TypeName))}. "
                    + $"There are: {string.Join(", ", known.Order(StringComparer.Ordinal))}.")]);
            }
        }
    }
}
