namespace TypedShm.Tool.Sampling;

/// <summary>All channels of this machine that can be found.</summary>
internal sealed class Machine : IDisposable
{
    private Dictionary<string, ChannelReport> _reports = [];

    public IReadOnlyList<string> Hidden { get; private set; } = [];

    public IEnumerable<ChannelReport> Reports => _reports.Values.OrderBy(report => report.Endpoint.Name, StringComparer.Ordinal);

    /// <summary>Finds what there is, connects to what is new, and looks at all of it.</summary>
    public void Refresh()
    {
        SharedEndpointScan scan = SharedEndpoints.Scan();
        Hidden = scan.Hidden;
        Dictionary<string, ChannelReport> next = [];
        foreach (SharedEndpoint endpoint in scan.Endpoints)
        {
            if (_reports.Remove(endpoint.Name, out ChannelReport? known) && !known.IsOver && known.Endpoint.ProcessId == endpoint.ProcessId)
            {
                next.Add(endpoint.Name, known);
                continue;
            }

            known?.Dispose();
            ChannelReport report = new(endpoint);
            if (report.Open(scan))
                next.Add(endpoint.Name, report);
            else
                report.Dispose();
        }

        Dispose();
        _reports = next;
        Sample();
    }

    public void Sample()
    {
        foreach (ChannelReport report in _reports.Values)
            report.Sample();
    }

    public void Dispose()
    {
        foreach (ChannelReport report in _reports.Values)
            report.Dispose();
    }
}
