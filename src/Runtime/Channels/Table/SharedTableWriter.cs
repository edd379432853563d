using TypedShm.Channels;

namespace TypedShm;

/// <summary>A table of this process, which alone writes it.</summary>
/// <typeparam name="T">The <c>[SharedLayout]</c> struct.</typeparam>
/// <remarks>Thread-safe: different elements can be written by different threads at the same time. One element is for one thread at a time, unless it is written by <see cref="Write"/> alone.</remarks>
public sealed class SharedTableWriter<T> : IDisposable
    where T : unmanaged, ISharedLayout<T>
{
    private readonly TableHost<T> _host;

    internal SharedTableWriter(TableHost<T> host)
    {
        _host = host;
        host.Owner = this;
    }

    /// <inheritdoc cref="SharedStructWriter{T}.PeerJoined"/>
    public event EventHandler<PeerJoinedEventArgs>? PeerJoined
    {
        add => _host.PeerJoined += value;
        remove => _host.PeerJoined -= value;
    }

    /// <inheritdoc cref="SharedStructWriter{T}.PeerLeft"/>
    public event EventHandler<PeerLeftEventArgs>? PeerLeft
    {
        add => _host.PeerLeft += value;
        remove => _host.PeerLeft -= value;
    }

    /// <inheritdoc cref="SharedStructWriter{T}.PeerRefused"/>
    public event EventHandler<PeerRefusedEventArgs>? PeerRefused
    {
        add => _host.PeerRefused += value;
        remove => _host.PeerRefused -= value;
    }

    /// <summary>The readers.</summary>
    public IReadOnlyList<SharedPeer> Peers => _host.Peers;

    /// <summary>How many elements there are.</summary>
    public int Count => _host.Shape.Count;

    /// <summary>Whether elements are written and read in place, see <see cref="SharedTableOptions.Live"/>.</summary>
    public bool IsLive => _host.Shape.IsLive;

    /// <summary>The region that holds the table, for interoperation with native code.</summary>
    public SharedRegion Region => _host.Region;

    /// <summary>An element of a live table, in place.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    /// <exception cref="InvalidOperationException">The table is not live.</exception>
    /// <exception cref="ObjectDisposedException">The table was disposed.</exception>
    public LiveElement<T> this[int index] => new(_host, index);

    /// <summary>Writes an element, gives it a new version, and tells everyone who waits. Some tens of nanoseconds, if nobody does.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    /// <exception cref="ObjectDisposedException">The table was disposed.</exception>
    public void Write(int index, in T value) => _host.Write(index, in value, announce: true);

    /// <summary>Opens an element to be changed in place.</summary>
    /// <returns>Its next value, see <see cref="TableClaim{T}"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    /// <exception cref="ObjectDisposedException">The table was disposed.</exception>
    public TableClaim<T> Update(int index) => new(_host, index, announce: true);

    /// <summary>Begins changes that are announced together, see <see cref="TableBatch{T}"/>.</summary>
    /// <returns>The batch; dispose it.</returns>
    public TableBatch<T> Batch() => new(_host);

    /// <summary>
    /// Closes this end: frees the name, tells the readers, and gives the memory back. Readers keep what they have mapped. Idempotent and thread-safe.
    /// </summary>
    public void Dispose() => _host.Dispose();

    /// <summary>For further readers in this process.</summary>
    internal TableHost<T> Host => _host;
}
