namespace TypedShm.Channels.Tests;

/// <summary>The other process of these tests, see the project ChannelPeer.</summary>
internal static class ChannelPeer
{
    public static string Program { get; } = Path.Combine(
        AppContext.BaseDirectory.Replace("Channels.Tests", "ChannelPeer", StringComparison.Ordinal), "TypedShm.ChannelPeer.dll");

    public static Peer Start(params string[] arguments) => Peer.Start(Program, arguments);
}
