using System.Diagnostics.Metrics;

namespace TypedShm.Hosting;

/// <summary>
/// The instruments of all ends of a host. Each is read from the ends when somebody collects it: writing and reading pay nothing.
/// </summary>
internal sealed class EndMetrics : IDisposable
{
    private readonly Meter _meter;
    private HostedEnd[] _ends = [];

    public EndMetrics(IMeterFactory? factory = null)
    {
        _meter = factory?.Create(TypedShmTelemetry.Name) ?? new Meter(TypedShmTelemetry.Name);
        _meter.CreateObservableUpDownCounter(
            "typedshm.peers", () => Measure(end => end.Opened?.Peers.Count), "{peer}",
            "Processes that are connected.");
        _meter.CreateObservableGauge(
            "typedshm.connected", () => Measure(IsConnected), "{end}",
            "1 if the creator of the channel is there, else 0.");
        _meter.CreateObservableCounter(
            "typedshm.messages", () => Measure(end => end.Messages), "{message}",
            "Messages, values or changes that this end has written or read.");
        _meter.CreateObservableUpDownCounter(
            "typedshm.messages.unread", () => Measure(end => end.Unread), "{message}",
            "Messages that are written and not read.");
        _meter.CreateObservableCounter(
            "typedshm.messages.lost", () => Measure(end => end.Lost), "{message}",
            "Messages that were overwritten, or left to a reader that is gone.");
    }

    /// <summary>From now on these are measured.</summary>
    public void Observe(HostedEnd[] ends) => Volatile.Write(ref _ends, ends);

    public void Dispose() => _meter.Dispose();

    private static long? IsConnected(HostedEnd end) => end.Opened is { } opened ? opened.State == ConnectionState.Connected ? 1 : 0 : null;

    private IEnumerable<Measurement<long>> Measure(Func<HostedEnd, long?> of)
    {
        foreach (HostedEnd end in Volatile.Read(ref _ends))
        {
            if (of(end) is { } value)
            {
                yield return new Measurement<long>(
                    value,
                    new("typedshm.channel", end.Opened!.Name),
                    new("typedshm.kind", end.Kind.Channel),
                    new("typedshm.role", end.Kind.Role));
            }
        }
    }
}
