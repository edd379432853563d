using System.Runtime.CompilerServices;
using TypedShm.Channels;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm;

/// <summary>A table of another process, for reading.</summary>
/// <typeparam name="T">The <c>[SharedLayout]</c> struct.</typeparam>
/// <remarks>
/// Thread-safe. The writer never waits for readers, and they need no right to write. If it is gone, the last values can still be read, even if it was killed
/// while it wrote one.
/// </remarks>
public sealed class SharedTableReader<T> : ISharedWaitable, IDisposable
    where T : unmanaged, ISharedLayout<T>
{
    private readonly TableClient<T> _client;

    internal SharedTableReader(TableClient<T> client)
    {
        _client = client;
        client.Start(this);
    }

    /// <inheritdoc cref="SharedStructReader{T}.StateChanged"/>
    public event EventHandler<ConnectionStateChangedEventArgs>? StateChanged
    {
        add => _client.StateChanged += value;
        remove => _client.StateChanged -= value;
    }

    /// <summary>The process that created the table; none while it is not connected.</summary>
    public IReadOnlyList<SharedPeer> Peers => _client.Peers;

    /// <summary>Whether the creator is there.</summary>
    public ConnectionState State => _client.State;

    /// <summary>How many elements there are. The next creator, after a reconnect, may choose another number.</summary>
    public int Count => _client.LastMemory.Shape.Count;

    /// <summary>Whether elements are written and read in place, see <see cref="SharedTableOptions.Live"/>.</summary>
    public bool IsLive => _client.LastMemory.Shape.IsLive;

    /// <summary>Up to which change the table can be known now: to wait for what comes after, without what was before.</summary>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public TableGeneration Generation => _client.Generation;

    /// <summary>The region that holds the table, for interoperation with native code.</summary>
    public SharedRegion Region => _client.LastMemory.Region;

    WaitSource ISharedWaitable.WaitSource => _client.Source;

    WaitMode ISharedWaitable.WaitMode => _client.WaitMode;

    /// <summary>An element of a live table, in place.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    /// <exception cref="InvalidOperationException">The table is not live.</exception>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public TableElement<T> this[int index] => new(_client.Memory, index);

    /// <summary>A copy of an element, which is whole unless the table is live; zeros if it was never written.</summary>
    /// <exception cref="SharedMemoryException">The writer overtook all attempts, 64 or more in at least a millisecond: it writes the element without rest, or wants to keep readers from reading.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public T Read(int index) => TryRead(index, out T value, out _)
        ? value
        : throw new SharedMemoryException($"Contention: element {index} was written during each of 64 or more attempts to copy it, for at least a millisecond. Write it less often, or use TryRead and try again later.");

    /// <summary>As <see cref="Read"/>, but does not throw if the element is contended.</summary>
    /// <param name="index">Which element.</param>
    /// <param name="value">Its value.</param>
    /// <param name="version">The number of the change that it came with, in the whole table: greater than that of any earlier value. 0 if it was never written.</param>
    /// <returns><see langword="false"/> if it is contended.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public bool TryRead(int index, out T value, out long version) => _client.TryRead(index, out value, out version);

    /// <summary>An element in place, see <see cref="TableLease{T}"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public TableLease<T> Lease(int index) => new(_client, index);

    /// <summary>The elements that have changed since then. An element that changes while one goes through them may come again the next time.</summary>
    /// <param name="since">Up to which change the table is known; afterwards, up to which it is known once one has gone through. The default value gets all elements.</param>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public TableChanges<T> TakeChanges(ref TableGeneration since) => _client.TakeChanges(ref since);

    /// <summary>Waits on this thread until there is a change that is not known. Several count as one.</summary>
    /// <param name="since">Up to which change the table is known.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <exception cref="PeerGoneException">The creator is gone, and <see cref="OpenOptions.Reconnect"/> is off.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public void Wait(in TableGeneration since, CancellationToken cancellationToken = default) => _client.WaitForChange(since.Epoch, since.Changes, Deadline.Never, cancellationToken);

    /// <summary>As <see cref="Wait(in TableGeneration, CancellationToken)"/>, but not longer than a given time.</summary>
    /// <returns><see langword="false"/> if the time passed.</returns>
    /// <inheritdoc cref="Wait(in TableGeneration, CancellationToken)" path="/exception"/>
    public bool Wait(in TableGeneration since, TimeSpan timeout, CancellationToken cancellationToken = default) => _client.WaitForChange(since.Epoch, since.Changes, Deadline.After(timeout), cancellationToken);

    /// <summary>As <see cref="Wait(in TableGeneration, CancellationToken)"/>, but occupies no thread.</summary>
    /// <inheritdoc cref="Wait(in TableGeneration, CancellationToken)" path="/exception"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WaitAsync(TableGeneration since, CancellationToken cancellationToken = default) =>
        await _client.WaitForChangeAsync(since.Epoch, since.Changes, Deadline.Never, cancellationToken).ConfigureAwait(false);

    /// <summary>As <see cref="Wait(in TableGeneration, TimeSpan, CancellationToken)"/>, but occupies no thread.</summary>
    /// <returns><see langword="false"/> if the time passed.</returns>
    /// <inheritdoc cref="Wait(in TableGeneration, CancellationToken)" path="/exception"/>
    public ValueTask<bool> WaitAsync(TableGeneration since, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        _client.WaitForChangeAsync(since.Epoch, since.Changes, Deadline.After(timeout), cancellationToken);

    /// <summary>Closes this end: ends waits with <see cref="ObjectDisposedException"/>, tells the creator, and gives the mapping up. Idempotent and thread-safe.</summary>
    public void Dispose() => _client.Dispose();

    PollResult ISharedWaitable.Poll() => _client.Poll();
}
