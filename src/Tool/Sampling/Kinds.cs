namespace TypedShm.Tool.Sampling;

/// <summary>What kinds of channel have that others have not.</summary>
internal static class Kinds
{
    /// <summary>Whether its messages are between two ends, so that only its creator knows how many there are.</summary>
    public static bool HasLanes(this SharedInspector inspector) => inspector.Kind is ChannelKind.Queue or ChannelKind.Call;

    /// <summary>Whether a writer waits for those who read, so that messages which were not read yet are a figure.</summary>
    public static bool HasDepth(this SharedInspector inspector) => inspector.HasLanes() || inspector.IsLossless;
}
