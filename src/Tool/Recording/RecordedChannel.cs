using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace TypedShm.Tool.Recording;

/// <summary>What a recording says of its channel, so that it can be made again: the metadata of the schema.</summary>
/// <param name="Name">The name of the channel.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Layout">The layout of its struct, value or message.</param>
internal sealed record RecordedChannel(string Name, ChannelKind Kind, LayoutDescriptor Layout)
{
    private const string Version = "1";
    private const string Prefix = "typedshm.";

    /// <summary>Elements of a table, slots of a broadcast; 1 otherwise.</summary>
    public int Count { get; init; } = 1;

    public int PayloadCapacity { get; init; }

    public bool HasPublishTimes { get; init; }

    public bool IsLossless { get; init; }

    public bool IsLive { get; init; }

    public bool PeersMayWrite { get; init; }

    /// <summary>Whether it is known how many values were overwritten before they could be copied.</summary>
    public bool CountsLost => Kind is ChannelKind.State or ChannelKind.Broadcast;

    /// <summary>
    /// Nanoseconds from CLOCK_MONOTONIC, by which values are published, to the time since 1970, as it was when the recording began. One
    /// number for the whole recording: so times differ by what the monotonic clock says, and its readings can be had back.
    /// </summary>
    public long ClockOffset { get; init; }

    public static RecordedChannel Of(SharedInspector inspector) => new(inspector.Name, inspector.Kind, inspector.Layout)
    {
        Count = inspector.Count,
        PayloadCapacity = inspector.PayloadCapacity,
        HasPublishTimes = inspector.HasPublishTimes,
        IsLossless = inspector.IsLossless,
        IsLive = inspector.IsLive,
        PeersMayWrite = inspector.PeersMayWrite,
        ClockOffset = ((DateTime.UtcNow - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick) - MonotonicNow,
    };

    /// <summary>Nanoseconds of CLOCK_MONOTONIC.</summary>
    public static long MonotonicNow => Stopwatch.GetTimestamp();

    public Dictionary<string, string> ToMetadata() => new()
    {
        [Prefix + "version"] = Version,
        [Prefix + "name"] = Name,
        [Prefix + "kind"] = Kind.ToString().ToLowerInvariant(),
        [Prefix + "layout"] = Encoding.UTF8.GetString(Layout.ToJson()),
        [Prefix + "fingerprint"] = Layout.Fingerprint.ToString("x16", null),
        [Prefix + "count"] = Count.ToString(CultureInfo.InvariantCulture),
        [Prefix + "payload_capacity"] = PayloadCapacity.ToString(CultureInfo.InvariantCulture),
        [Prefix + "publish_times"] = Text(HasPublishTimes),
        [Prefix + "lossless"] = Text(IsLossless),
        [Prefix + "live"] = Text(IsLive),
        [Prefix + "peers_may_write"] = Text(PeersMayWrite),
        [Prefix + "clock_offset"] = ClockOffset.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>Reads what <see cref="ToMetadata"/> has written. A file may come from anywhere.</summary>
    /// <exception cref="FormatException">It is not that.</exception>
    public static RecordedChannel FromMetadata(IReadOnlyDictionary<string, string>? metadata)
    {
        if (metadata is null || !metadata.TryGetValue(Prefix + "layout", out string? json))
            throw new FormatException("It is an Arrow stream, but not one of `typedshm record`: its schema has no metadata "
                + $"'{Prefix}layout'.");
        if (metadata.GetValueOrDefault(Prefix + "version") is var version && version != Version)
            throw new FormatException($"It was recorded as version '{version}', but this command knows version {Version}. Use one that is "
                + "as new as that which has recorded it.");
        LayoutDescriptor layout = LayoutDescriptor.Parse(Encoding.UTF8.GetBytes(json));
        string fingerprint = layout.Fingerprint.ToString("x16", null);
        if (metadata.GetValueOrDefault(Prefix + "fingerprint") is var stated && stated != fingerprint)
            throw new FormatException($"Its layout has the fingerprint {fingerprint}, but the file says '{stated}': one of them was "
                + "changed.");
        if (!Enum.TryParse(metadata.GetValueOrDefault(Prefix + "kind"), ignoreCase: true, out ChannelKind kind))
            throw new FormatException($"It says '{metadata.GetValueOrDefault(Prefix + "kind")}', which is no kind of channel.");
        return new RecordedChannel(metadata.GetValueOrDefault(Prefix + "name", "recording"), kind, layout)
        {
            Count = (int)Number(metadata, "count", 1, int.MaxValue),
            PayloadCapacity = (int)Number(metadata, "payload_capacity", 0, int.MaxValue),
            HasPublishTimes = Flag(metadata, "publish_times"),
            IsLossless = Flag(metadata, "lossless"),
            IsLive = Flag(metadata, "live"),
            PeersMayWrite = Flag(metadata, "peers_may_write"),
            ClockOffset = Number(metadata, "clock_offset", long.MinValue, long.MaxValue),
        };
    }

    private static string Text(bool flag) => flag ? "true" : "false";

    private static bool Flag(IReadOnlyDictionary<string, string> metadata, string name) =>
        metadata.GetValueOrDefault(Prefix + name) == "true";

    private static long Number(IReadOnlyDictionary<string, string> metadata, string name, long least, long most) =>
        long.TryParse(metadata.GetValueOrDefault(Prefix + name), CultureInfo.InvariantCulture, out long number) && number >= least
            && number <= most
            ? number
            : throw new FormatException($"Its '{Prefix}{name}' is '{metadata.GetValueOrDefault(Prefix + name)}', which is no number "
                + $"from {least} to {most}.");
}
