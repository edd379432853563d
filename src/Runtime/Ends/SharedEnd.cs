using System.Diagnostics;
using TypedShm.Ends;

namespace TypedShm;

/// <summary>One end of a channel: what all ends of all channels have in common.</summary>
/// <remarks>
/// One end has created the channel, under a name that it owns; the others have opened it. Every member here is thread-safe. An end that
/// is never disposed lives until the process ends.
/// </remarks>
[DebuggerDisplay("{ToString(),nq}")]
public abstract class SharedEnd : IDisposable, IAsyncDisposable
{
    private readonly ChannelEnd _end;

    private protected SharedEnd(ChannelEnd end)
    {
        _end = end;
        end.Owner = this;
    }

    /// <summary>
    /// A peer has connected: at the end that created the channel whoever opened it, at the others the creator. A handler that is added is
    /// told of everyone who is connected already, so none is missed however late it comes; the first one is told too of those who have
    /// come and gone before (the last 64).
    /// </summary>
    /// <remarks>
    /// Handlers of one end run one after the other, in the order in which things happened, on a thread of the pool. An exception that a
    /// handler throws is unhandled, and ends the process. <see cref="Dispose"/> waits for none: a handler can still run after it, for what
    /// happened before, and every use of this end that it makes then throws <see cref="ObjectDisposedException"/>, but for the properties
    /// of <see cref="SharedEnd"/>. The last that is told is that <see cref="State"/> is <see cref="ConnectionState.Disposed"/>.
    /// </remarks>
    public event EventHandler<PeerJoinedEventArgs>? PeerJoined
    {
        add => _end.PeerJoined += value;
        remove => _end.PeerJoined -= value;
    }

    /// <summary>
    /// A peer has closed its end, or is gone. The first handler is told too of those who have left before it was added (the last 64).
    /// </summary>
    /// <inheritdoc cref="PeerJoined" path="/remarks"/>
    public event EventHandler<PeerLeftEventArgs>? PeerLeft
    {
        add => _end.PeerLeft += value;
        remove => _end.PeerLeft -= value;
    }

    /// <summary>
    /// A client was turned away, or disconnected: for its layout, by the policy, because it broke the protocol, … Happens only at the end
    /// that created the channel. The first handler is told too of those who were turned away before it was added (the last 64).
    /// </summary>
    /// <inheritdoc cref="PeerJoined" path="/remarks"/>
    public event EventHandler<PeerRefusedEventArgs>? PeerRefused
    {
        add => _end.PeerRefused += value;
        remove => _end.PeerRefused -= value;
    }

    /// <summary>
    /// <see cref="State"/> has changed, or a try to connect has failed. The first handler is told too of what has happened before it was
    /// added (the last 64).
    /// </summary>
    /// <inheritdoc cref="PeerJoined" path="/remarks"/>
    public event EventHandler<ConnectionStateChangedEventArgs>? StateChanged
    {
        add => _end.StateChanged += value;
        remove => _end.StateChanged -= value;
    }

    /// <summary>The name of the channel, as it was given to <c>Create</c> or <c>Open</c>.</summary>
    public string Name => _end.Name;

    /// <summary>Whether the creator is there. The creator itself is always connected, until it is disposed.</summary>
    public ConnectionState State => _end.State;

    /// <summary>
    /// The processes that are connected to this end: at the end that created the channel everyone who opened it, at the others the
    /// creator, while it is connected. A snapshot.
    /// </summary>
    public IReadOnlyList<SharedPeer> Peers => _end.Peers;

    /// <summary>
    /// Closes this end: its waits end with <see cref="ObjectDisposedException"/>, its peers are told, the name is free if it was created
    /// here, and the memory is given back. Peers keep what they have mapped, and still read what was written. Idempotent.
    /// </summary>
    public void Dispose()
    {
        _end.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>As <see cref="Dispose"/>, which waits for nobody: it is done when this returns.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// What this is, whether it is connected, and to how many: <c>SharedStateReader&lt;Pose&gt; 'pose' (Connected, 1 peer)</c>.
    /// </summary>
    public override string ToString()
    {
        int peers = Peers.Count;
        return $"{_end.Description} ({State}, {peers} {(peers == 1 ? "peer" : "peers")})";
    }

    private protected void ThrowIfDisposed() => _end.ThrowIfDisposed();
}
