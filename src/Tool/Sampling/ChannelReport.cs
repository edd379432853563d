using TypedShm.Tool.Output;

namespace TypedShm.Tool.Sampling;

/// <summary>A channel as the lists show it: two looks at it, some time apart.</summary>
/// <param name="endpoint">Where it is.</param>
internal sealed class ChannelReport(SharedEndpoint endpoint) : IDisposable
{
    private SharedInspector? _inspector;
    private RateMeter _meter;

    public SharedEndpoint Endpoint => endpoint;

    /// <summary>Why it cannot be looked into; null if it can.</summary>
    public string? Obstacle { get; private set; }

    public string Kind => _inspector is null ? Obstacle ?? "?" : _inspector.Kind switch
    {
        ChannelKind.Broadcast when _inspector.IsLossless => "broadcast, lossless",
        ChannelKind.Table when _inspector.IsLive => "table, live",
        ChannelKind.Struct when _inspector.PeersMayWrite => "struct, writable",
        var kind => kind.ToString().ToLowerInvariant(),
    };

    public string? Type => _inspector is null
        ? null
        : _inspector.ResponseLayout is { } response
        ? $"{_inspector.Layout.Name} → {response.Name}"
        : _inspector.Layout.Name;

    public LayoutDescriptor? Layout => _inspector?.Layout;

    /// <summary>Bytes of the regions that its creator has mapped under its name.</summary>
    public long Size { get; private set; }

    public int ProcessId => _inspector?.Owner?.ProcessId is > 0 and var process ? process : endpoint.ProcessId;

    public string User => _inspector?.Owner is { } owner
        ? Users.NameOf(owner.UserId)
        : endpoint.ProcessId > 0
        ? Users.OfProcess(endpoint.ProcessId)
        : "?";

    public int? PeerCount { get; private set; }

    public double? PerSecond => _meter.PerSecond;

    public long? Depth { get; private set; }

    /// <summary>Since the socket was made.</summary>
    public TimeSpan? Age => endpoint.Path is { } path && File.Exists(path) ? DateTime.UtcNow - File.GetLastWriteTimeUtc(path) : null;

    /// <summary>Connects.</summary>
    /// <returns>False if there is nobody: it has just ended, or a killed process has left it behind.</returns>
    public bool Open(SharedEndpointScan scan)
    {
        Size = scan.Mappings.Where(mapping => mapping.ProcessId == endpoint.ProcessId && IsOf(mapping.Region))
            .DistinctBy(mapping => mapping.Inode).Sum(mapping => mapping.Size);
        try
        {
            // One that has no owner may have been left behind by a killed process: then nobody answers, and nobody is waited for.
            if (endpoint.ProcessId != 0)
                _inspector = SharedInspector.Open(endpoint.Name, Verbs.Arguments.Options());
            else if (!SharedInspector.TryOpen(endpoint.Name, out _inspector, Verbs.Arguments.Options()))
                return false;
            Size = Math.Max(Size, _inspector.Size);
        }
        catch (PeerRefusedException error)
        {
            Obstacle = error.Reason == RefusalReason.NotAllowed ? "denied" : error.Reason.ToString().ToLowerInvariant();
        }
        catch (TimeoutException)
        {
            Obstacle = "silent";
        }
        catch (SharedMemoryException)
        {
            // Whoever listens there does not speak the protocol.
            Obstacle = "unknown";
        }

        return true;
    }

    public void Sample()
    {
        if (_inspector is not { IsConnected: true })
            return;
        SharedCounts? counts = _inspector.ReadCounts();
        PeerCount = counts?.Peers;
        Depth = _inspector.HasDepth() ? counts?.Depth : null;
        _meter.Add(_inspector.HasLanes() ? counts?.Written : _inspector.Published);
    }

    public bool IsOver => _inspector is { IsConnected: false };

    public void Dispose() => _inspector?.Dispose();

    private bool IsOf(string region) =>
        region == endpoint.RegionName || region.StartsWith($"{endpoint.RegionName}:", StringComparison.Ordinal);
}
