using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using TypedShm.Channels;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm;

/// <summary>A state of another process, for reading. Every read is the newest value, and whole.</summary>
/// <typeparam name="T">The <c>[SharedLayout]</c> struct.</typeparam>
/// <remarks>
/// Thread-safe. The writer never waits for readers, and they need no right to write. If it is gone, the last value it published can
/// still be read, even if it was killed while it wrote the next.
/// </remarks>
public sealed class SharedStateReader<T> : SharedEnd, ISharedWaitable
    where T : unmanaged, ISharedLayout<T>
{
    private readonly StateClient<T> _client;

    internal SharedStateReader(StateClient<T> client)
        : base(client)
    {
        _client = client;
        client.Start();
    }

    /// <summary>Whether a value was published yet: before that, reads give zeros.</summary>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public bool HasValue => _client.HasValue;

    /// <summary>
    /// Whether values can be read in place, in shared memory. False only if the creator was compiled with an older layout of
    /// <typeparamref name="T"/> that ends before the fields that were appended since: then
    /// only <see cref="Read()"/> and <see cref="TryRead(out T)"/> work, and the absent fields are zero, see <see cref="Has"/>. A reconnect
    /// may change it.
    /// </summary>
    public bool IsByReference => _client.LastMemory.Compatibility.IsByReference;

    /// <summary>The region that holds the state, for interoperation with native code.</summary>
    public SharedRegion Region => _client.LastMemory.Region;

    WaitSource ISharedWaitable.WaitSource => _client.Source;

    WaitMode ISharedWaitable.WaitMode => _client.WaitMode;

    /// <summary>
    /// A copy of the newest value; zeros if nothing was published yet. Fields that the creator does not have, see <see cref="Has"/>, are
    /// zero.
    /// </summary>
    /// <exception cref="SharedMemoryException">
    /// The writer overtook all attempts, 64 or more in at least a millisecond, which no honest writer does: it wants to keep readers from
    /// reading.
    /// </exception>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public T Read() => Read(out _);

    /// <summary>As <see cref="Read()"/>, and says which value it is.</summary>
    /// <inheritdoc cref="Read()"/>
    public T Read(out StateGeneration generation)
    {
        if (!_client.TryRead(out T value, out generation))
            ThrowContended();
        return value;
    }

    /// <summary>As <see cref="Read()"/>, but does not throw if the state is contended.</summary>
    /// <returns><see langword="false"/> if it is.</returns>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public bool TryRead(out T value) => _client.TryRead(out value, out _);

    /// <summary>As <see cref="Read(out StateGeneration)"/>, but does not throw if the state is contended.</summary>
    /// <inheritdoc cref="TryRead(out T)"/>
    public bool TryRead(out T value, out StateGeneration generation) => _client.TryRead(out value, out generation);

    /// <summary>The newest value in place, see <see cref="StateLease{T}"/>.</summary>
    /// <exception cref="InvalidOperationException">There are only copies, see <see cref="IsByReference"/>.</exception>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public StateLease<T> Lease() => _client.Lease();

    /// <inheritdoc cref="SharedStructReader{T}.Has"/>
    public bool Has(string field)
    {
        ArgumentNullException.ThrowIfNull(field);
        _client.ThrowIfDisposed();
        return _client.LastMemory.Compatibility.Has(field);
    }

    /// <summary>Whether a newer value was published. One load from memory.</summary>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public bool HasChanged(in StateGeneration since) => _client.HasChanged(since.Epoch, since.Version);

    /// <summary>Waits on this thread until there is a newer value. Several changes count as one.</summary>
    /// <param name="since">The value that is known; the default value if none is, which waits for the first one.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <exception cref="PeerGoneException">The creator is gone, and <see cref="OpenOptions.Reconnect"/> is off.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public void Wait(in StateGeneration since, CancellationToken cancellationToken = default) =>
        _client.WaitForChange(since.Epoch, since.Version, Deadline.Never, cancellationToken);

    /// <summary>As <see cref="Wait"/>, but not longer than a given time.</summary>
    /// <returns><see langword="false"/> if the time passed.</returns>
    /// <inheritdoc cref="Wait"/>
    public bool TryWait(in StateGeneration since, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        _client.WaitForChange(since.Epoch, since.Version, Deadline.After(timeout), cancellationToken);

    /// <summary>As <see cref="Wait"/>, but occupies no thread.</summary>
    /// <inheritdoc cref="Wait"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WaitAsync(StateGeneration since, CancellationToken cancellationToken = default) =>
        await _client.WaitForChangeAsync(since.Epoch, since.Version, Deadline.Never, cancellationToken).ConfigureAwait(false);

    /// <summary>As <see cref="TryWait"/>, but occupies no thread.</summary>
    /// <inheritdoc cref="TryWait"/>
    public ValueTask<bool> TryWaitAsync(StateGeneration since, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        _client.WaitForChangeAsync(since.Epoch, since.Version, Deadline.After(timeout), cancellationToken);

    /// <summary>
    /// The newest value, if there is one yet, and then the newest one after each change. Whoever is slow misses those in between.
    /// </summary>
    /// <inheritdoc cref="Wait" path="/exception"/>
    public async IAsyncEnumerable<T> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        T value = Read(out StateGeneration generation);
        if (generation.Version > 0)
            yield return value;
        while (true)
        {
            await _client.WaitForChangeAsync(generation.Epoch, generation.Version, Deadline.Never, cancellationToken).ConfigureAwait(false);
            yield return Read(out generation);
        }
    }

    PollResult ISharedWaitable.Poll() => _client.Poll();

    [DoesNotReturn]
    private static void ThrowContended() => throw new SharedMemoryException("Contention: the writer overwrote every cell during each "
        + "of 64 or more attempts to copy one, for at least a millisecond. Write less often, or use TryRead and try again later.");
}
