using TypedShm.Waiting;

namespace TypedShm;

/// <summary>Whether the process that created a channel is there.</summary>
public enum ConnectionState
{
    /// <summary>Not yet: the channel was opened with <see cref="OpenOptions.Lazy"/>, and its creator has not been there so far.</summary>
    Connecting,

    /// <summary>It is.</summary>
    Connected,

    /// <summary>It ended without closing the channel: it was killed, crashed, or exited.</summary>
    Lost,

    /// <summary>It closed the channel.</summary>
    Closed,

    /// <summary>This end was disposed.</summary>
    Disposed,
}

/// <summary>A change of a channel's <see cref="ConnectionState"/>.</summary>
public sealed class ConnectionStateChangedEventArgs : EventArgs
{
    internal ConnectionStateChangedEventArgs(ConnectionState state, Exception? error)
    {
        State = state;
        Error = error;
    }

    /// <summary>The state now.</summary>
    public ConnectionState State { get; }

    /// <summary>Why a try to connect again failed, or null. Trying goes on.</summary>
    public Exception? Error { get; }
}
