using System.Runtime.CompilerServices;
using TypedShm.Channels;
using TypedShm.Transport;

namespace TypedShm;

/// <summary>
/// A live struct that this process may write: the one that created it, or one that opened it with
/// <see cref="SharedStruct.OpenReadWrite{T}"/>. <c>shared.View</c>, which the generator adds, is the way to its fields.
/// </summary>
/// <typeparam name="T">The <c>[SharedLayout]</c> struct.</typeparam>
/// <remarks>
/// Thread-safe, as far as memory is: fields are written by plain stores unless they are <c>[Atomic]</c>. A reference
/// or view that outlives <see cref="Dispose"/> reads zeros. An object that is never disposed lives until the process ends.
/// </remarks>
public sealed class SharedStructWriter<T> : ISharedReference<T>, IDisposable
    where T : unmanaged, ISharedLayout<T>
{
    private readonly IStructEnd<T> _end;
    private readonly CurrentStruct<T> _current;
    private readonly StructHost<T>? _host;
    private readonly StructClient<T>? _client;

    internal SharedStructWriter(StructHost<T> host)
    {
        _end = _host = host;
        _current = host.CurrentStruct;
        host.Owner = this;
    }

    internal SharedStructWriter(StructClient<T> client)
    {
        _end = _client = client;
        _current = client.CurrentStruct;
        client.Start(this);
    }

    /// <summary>
    /// A peer has connected. A handler that is added is told of everyone who is connected already, so none is missed however late it comes; the first one is told
    /// too of those who have come and gone before (the last 64).
    /// </summary>
    /// <remarks>
    /// Handlers of one end run one after the other, in the order in which things happened, on a thread of the pool. An exception that a handler throws is unhandled,
    /// and ends the process.
    /// </remarks>
    public event EventHandler<PeerJoinedEventArgs>? PeerJoined
    {
        add
        {
            // A client has no peers that come and go: its events never happen.
            if (_host is not null)
                _host.PeerJoined += value;
        }
        remove
        {
            if (_host is not null)
                _host.PeerJoined -= value;
        }
    }

    /// <summary>
    /// A peer has closed its end, or is gone. The first handler is told too of those who have left before it was added (the last 64).
    /// </summary>
    /// <remarks>
    /// Handlers of one end run one after the other, in the order in which things happened, on a thread of the pool. An exception that a handler throws is unhandled,
    /// and ends the process.
    /// </remarks>
    public event EventHandler<PeerLeftEventArgs>? PeerLeft
    {
        add
        {
            if (_host is not null)
                _host.PeerLeft += value;
        }
        remove
        {
            if (_host is not null)
                _host.PeerLeft -= value;
        }
    }

    /// <summary>
    /// A client was turned away: for its layout, by the policy, because it broke the protocol, … The first handler is told too of those who were turned away before it
    /// was added (the last 64).
    /// </summary>
    /// <remarks>
    /// Handlers of one end run one after the other, in the order in which things happened, on a thread of the pool. An exception that a handler throws is unhandled,
    /// and ends the process.
    /// </remarks>
    public event EventHandler<PeerRefusedEventArgs>? PeerRefused
    {
        add
        {
            if (_host is not null)
                _host.PeerRefused += value;
        }
        remove
        {
            if (_host is not null)
                _host.PeerRefused -= value;
        }
    }

    /// <summary>The struct itself, in shared memory.</summary>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public unsafe ref T Value => ref *(T*)_current.Address;

    /// <summary>The processes that this end is connected to: for the creator everyone who opened the struct, otherwise the creator.</summary>
    public IReadOnlyList<SharedPeer> Peers => _end.Peers;

    /// <summary>The region that holds the struct, for interoperation with native code.</summary>
    public SharedRegion Region => _current.Memory.Data;

    /// <summary>Whether the creator is there. The creator itself is always connected, until it is disposed.</summary>
    public ConnectionState State => _client?.State ?? (_host!.IsDisposed ? ConnectionState.Disposed : ConnectionState.Connected);

    /// <summary>A copy of the struct. Each field is whole; which fields are of the same moment is up to the writers.</summary>
    /// <exception cref="ObjectDisposedException">This object was disposed, perhaps while the copy was made.</exception>
    public T Read() => _current.Read();

    /// <summary>
    /// Tells everyone who waits, in any process, that the struct has changed. Costs a few nanoseconds when nobody
    /// waits; for a writer that is not the creator it is a message to the creator.
    /// </summary>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public void Signal() => _end.Signal();

    /// <inheritdoc cref="SharedStructReader{T}.Wait(CancellationToken)"/>
    public void Wait(CancellationToken cancellationToken = default) => Wait(Timeout.InfiniteTimeSpan, cancellationToken);

    /// <inheritdoc cref="SharedStructReader{T}.Wait(TimeSpan, CancellationToken)"/>
    public bool Wait(TimeSpan timeout, CancellationToken cancellationToken = default) => _end.Wait(Deadline.After(timeout), cancellationToken);

    /// <inheritdoc cref="SharedStructReader{T}.WaitAsync(CancellationToken)"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WaitAsync(CancellationToken cancellationToken = default) =>
        await _end.WaitAsync(Deadline.After(Timeout.InfiniteTimeSpan), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc cref="SharedStructReader{T}.WaitAsync(TimeSpan, CancellationToken)"/>
    public ValueTask<bool> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        _end.WaitAsync(Deadline.After(timeout), cancellationToken);

    /// <summary>
    /// Closes this end: ends waits with <see cref="ObjectDisposedException"/>, frees the name if it was created here,
    /// tells the peers, and gives the memory back. Peers keep what they have mapped. Idempotent and thread-safe.
    /// </summary>
    public void Dispose() => _end.Dispose();
}
