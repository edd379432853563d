using Microsoft.Extensions.Logging;

namespace TypedShm.Hosting;

/// <summary>The events of an end, as they are logged: in the category <c>TypedShm.</c> and the key.</summary>
internal static partial class EndLog
{
    /// <summary>Logs what happens from now on, and what has happened before.</summary>
    public static void Watch(ILogger logger, SharedEnd end, EndKind kind)
    {
        string? lastError = null;
        Opened(logger, kind.TypeName, end.Name, end.State);
        end.PeerJoined += (_, joined) => PeerJoined(logger, end.Name, joined.Peer);
        end.PeerLeft += (_, left) =>
        {
            if (left.WasClosed)
                PeerClosed(logger, end.Name, left.Peer);
            else
                PeerGone(logger, end.Name, left.Peer);
        };
        end.PeerRefused += (_, refused) => PeerRefused(logger, end.Name, refused.Identity, refused.Reason);
        end.StateChanged += (_, changed) =>
        {
            // Each try that fails says so, four times a second: what is said again is not news. Handlers run one after the other.
            if (changed.Error is not { } error)
                StateChanged(logger, end.Name, changed.State);
            else if (error.Message != lastError)
                CannotConnect(logger, end.Name, error);
            lastError = changed.Error?.Message;
        };
    }

    [LoggerMessage(1, LogLevel.Information, "{End} '{Channel}' is open: {State}.")]
    public static partial void Opened(ILogger logger, string end, string channel, ConnectionState state);

    [LoggerMessage(2, LogLevel.Information, "{End} '{Channel}' is closed.")]
    public static partial void Closed(ILogger logger, string end, string channel);

    [LoggerMessage(3, LogLevel.Information, "'{Channel}': {Peer} has connected.")]
    private static partial void PeerJoined(ILogger logger, string channel, SharedPeer peer);

    [LoggerMessage(4, LogLevel.Information, "'{Channel}': {Peer} has closed its end.")]
    private static partial void PeerClosed(ILogger logger, string channel, SharedPeer peer);

    [LoggerMessage(5, LogLevel.Warning, "'{Channel}': {Peer} is gone without having closed its end.")]
    private static partial void PeerGone(ILogger logger, string channel, SharedPeer peer);

    [LoggerMessage(6, LogLevel.Warning, "'{Channel}': {Identity} was turned away.")]
    private static partial void PeerRefused(ILogger logger, string channel, PeerIdentity identity, Exception reason);

    [LoggerMessage(7, LogLevel.Debug, "'{Channel}' is {State} now.")]
    private static partial void StateChanged(ILogger logger, string channel, ConnectionState state);

    [LoggerMessage(8, LogLevel.Warning, "'{Channel}' cannot connect. It tries on, and says so again when the reason is another.")]
    private static partial void CannotConnect(ILogger logger, string channel, Exception error);
}
