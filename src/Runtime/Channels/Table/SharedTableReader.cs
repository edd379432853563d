using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using TypedShm.Channels;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm;

/// <summary>A table of another process, for reading.</summary>
/// <typeparam name="T">The <c>[SharedLayout]</c> struct.</typeparam>
/// <remarks>
/// Thread-safe. The writer never waits for readers, and they need no right to write. If it is gone, the last values can still be read,
/// even if it was killed while it wrote one.
/// </remarks>
public sealed class SharedTableReader<T> : SharedEnd, ISharedWaitable
    where T : unmanaged, ISharedLayout<T>
{
    private readonly TableClient<T> _client;

    internal SharedTableReader(TableClient<T> client)
        : base(client)
    {
        _client = client;
        client.Start();
    }

    /// <summary>How many elements there are. The next creator, after a reconnect, may choose another number.</summary>
    public int Count => _client.LastMemory.Shape.Count;

    /// <summary>Whether elements are written and read in place, see <see cref="SharedTableOptions.Live"/>.</summary>
    public bool IsLive => _client.LastMemory.Shape.IsLive;

    /// <summary>Up to which change the table can be known now: to wait for what comes after, without what was before.</summary>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public TableGeneration Generation => _client.Generation;

    /// <summary>
    /// Whether elements can be read in place, in shared memory. False only if the creator was compiled with an older layout of
    /// <typeparamref name="T"/> that ends before the fields that were appended since: then
    /// only <see cref="Read"/> and <see cref="TryRead(int, out T)"/> work, and the absent fields are zero, see <see cref="Has"/>. A
    /// reconnect may change it.
    /// </summary>
    public bool IsByReference => _client.LastMemory.Compatibility.IsByReference;

    /// <summary>The region that holds the table, for interoperation with native code.</summary>
    public SharedRegion Region => _client.LastMemory.Region;

    WaitSource ISharedWaitable.WaitSource => _client.Source;

    WaitMode ISharedWaitable.WaitMode => _client.WaitMode;

    /// <summary>An element of a live table, in place.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    /// <exception cref="InvalidOperationException">
    /// The table is not live, or there are only copies, see <see cref="IsByReference"/>.
    /// </exception>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public TableElement<T> this[int index] => new(_client.Memory, index);

    /// <summary>
    /// A copy of an element, which is whole unless the table is live; zeros if it was never written. Fields that the creator does not
    /// have, see <see cref="Has"/>, are zero.
    /// </summary>
    /// <exception cref="SharedMemoryException">
    /// The writer overtook all attempts, 64 or more in at least a millisecond: it writes the element without rest, or wants to keep
    /// readers from reading.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public T Read(int index)
    {
        if (!_client.TryRead(index, out T value, out _))
            ThrowContended(index);
        return value;
    }

    /// <summary>As <see cref="Read"/>, but does not throw if the element is contended.</summary>
    /// <param name="index">Which element.</param>
    /// <param name="value">Its value.</param>
    /// <returns><see langword="false"/> if it is contended.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public bool TryRead(int index, out T value) => TryRead(index, out value, out _);

    /// <summary>As <see cref="TryRead(int, out T)"/>, and says which value it is.</summary>
    /// <param name="index">Which element.</param>
    /// <param name="value">Its value.</param>
    /// <param name="version">
    /// The number of the change that it came with, in the whole table: greater than that of any earlier value. 0 if it was never written.
    /// </param>
    /// <inheritdoc cref="TryRead(int, out T)" path="/returns|/exception"/>
    public bool TryRead(int index, out T value, out long version) => _client.TryRead(index, out value, out version);

    /// <summary>An element in place, see <see cref="TableLease{T}"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    /// <exception cref="InvalidOperationException">There are only copies, see <see cref="IsByReference"/>.</exception>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public TableLease<T> Lease(int index) => new(_client, index);

    /// <inheritdoc cref="SharedStructReader{T}.Has"/>
    public bool Has(string field)
    {
        ArgumentNullException.ThrowIfNull(field);
        _client.ThrowIfDisposed();
        return _client.LastMemory.Compatibility.Has(field);
    }

    /// <summary>
    /// The elements that have changed since then. An element that changes while one goes through them may come again the next time.
    /// </summary>
    /// <param name="since">
    /// Up to which change the table is known; afterwards, up to which it is known once one has gone through. The default value gets all
    /// elements.
    /// </param>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public TableChanges<T> TakeChanges(ref TableGeneration since) => _client.TakeChanges(ref since);

    /// <summary>Waits on this thread until there is a change that is not known. Several count as one.</summary>
    /// <param name="since">Up to which change the table is known; the default value waits for the first one.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <exception cref="PeerGoneException">The creator is gone, and <see cref="OpenOptions.Reconnect"/> is off.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public void Wait(in TableGeneration since, CancellationToken cancellationToken = default) =>
        _client.WaitForChange(since.Epoch, since.Changes, Deadline.Never, cancellationToken);

    /// <summary>As <see cref="Wait"/>, but not longer than a given time.</summary>
    /// <returns><see langword="false"/> if the time passed.</returns>
    /// <inheritdoc cref="Wait"/>
    public bool TryWait(in TableGeneration since, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        _client.WaitForChange(since.Epoch, since.Changes, Deadline.After(timeout), cancellationToken);

    /// <summary>As <see cref="Wait"/>, but occupies no thread.</summary>
    /// <inheritdoc cref="Wait"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WaitAsync(TableGeneration since, CancellationToken cancellationToken = default) =>
        await _client.WaitForChangeAsync(since.Epoch, since.Changes, Deadline.Never, cancellationToken).ConfigureAwait(false);

    /// <summary>As <see cref="TryWait"/>, but occupies no thread.</summary>
    /// <inheritdoc cref="TryWait"/>
    public ValueTask<bool> TryWaitAsync(TableGeneration since, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        _client.WaitForChangeAsync(since.Epoch, since.Changes, Deadline.After(timeout), cancellationToken);

    /// <summary>
    /// The elements that were ever written, and then those that change, as they do, each with its newest value. Whoever is slow misses
    /// values in between. Of a live table the copies may be of several moments.
    /// </summary>
    /// <inheritdoc cref="Wait" path="/exception"/>
    public async IAsyncEnumerable<(int Index, T Value)> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        TableGeneration known = default;
        while (true)
        {
            foreach (int index in Changed(ref known))
            {
                // Contended: it is written just now, and found again by the next look.
                if (TryRead(index, out T value, out long version) && version > 0)
                    yield return (index, value);
            }

            await _client.WaitForChangeAsync(known.Epoch, known.Changes, Deadline.Never, cancellationToken).ConfigureAwait(false);
        }
    }

    PollResult ISharedWaitable.Poll() => _client.Poll();

    private List<int> Changed(ref TableGeneration since)
    {
        List<int> changed = [];
        foreach (int index in TakeChanges(ref since))
            changed.Add(index);
        return changed;
    }

    [DoesNotReturn]
    private static void ThrowContended(int index) => throw new SharedMemoryException($"Contention: element {index} was written during each "
        + "of 64 or more attempts to copy it, for at least a millisecond. Write it less often, or use TryRead and try again later.");
}
