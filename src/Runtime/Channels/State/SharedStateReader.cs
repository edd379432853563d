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
public sealed class SharedStateReader<T> : ISharedWaitable, IDisposable
    where T : unmanaged, ISharedLayout<T>
{
    private readonly StateClient<T> _client;

    internal SharedStateReader(StateClient<T> client)
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

    /// <summary>The region that holds the state, for interoperation with native code.</summary>
    public SharedRegion Region => _client.LastMemory.Region;

    /// <summary>The process that created the state; none while it is not connected.</summary>
    public IReadOnlyList<SharedPeer> Peers => _client.Peers;

    /// <summary>Whether the creator is there.</summary>
    public ConnectionState State => _client.State;

    WaitSource ISharedWaitable.WaitSource => _client.Source;

    WaitMode ISharedWaitable.WaitMode => _client.WaitMode;

    /// <summary>A copy of the newest value; zeros if nothing was published yet.</summary>
    /// <exception cref="SharedMemoryException">The writer overtook all attempts, 64 or more in at least a millisecond, which no honest writer does: it wants to keep readers from reading.</exception>
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

    /// <summary>As <see cref="Read(out StateGeneration)"/>, but does not throw if the state is contended.</summary>
    /// <returns><see langword="false"/> if it is.</returns>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public bool TryRead(out T value, out StateGeneration generation) => _client.TryRead(out value, out generation);

    /// <summary>The newest value in place, see <see cref="StateLease{T}"/>.</summary>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public StateLease<T> Lease() => _client.Lease();

    /// <summary>Whether a newer value was published. One load from memory.</summary>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public bool HasChanged(in StateGeneration since) => _client.HasChanged(since.Epoch, since.Version);

    /// <summary>Waits on this thread until there is a newer value. Several changes count as one. For the very first value, pass what <see cref="Read(out StateGeneration)"/> gave before it.</summary>
    /// <param name="since">The value that is known.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <exception cref="PeerGoneException">The creator is gone, and <see cref="OpenOptions.Reconnect"/> is off.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public void Wait(in StateGeneration since, CancellationToken cancellationToken = default) => _client.WaitForChange(since.Epoch, since.Version, Deadline.Never, cancellationToken);

    /// <summary>As <see cref="Wait(in StateGeneration, CancellationToken)"/>, but not longer than a given time.</summary>
    /// <returns><see langword="false"/> if the time passed.</returns>
    /// <inheritdoc cref="Wait(in StateGeneration, CancellationToken)" path="/exception"/>
    public bool Wait(in StateGeneration since, TimeSpan timeout, CancellationToken cancellationToken = default) => _client.WaitForChange(since.Epoch, since.Version, Deadline.After(timeout), cancellationToken);

    /// <summary>As <see cref="Wait(in StateGeneration, CancellationToken)"/>, but occupies no thread.</summary>
    /// <inheritdoc cref="Wait(in StateGeneration, CancellationToken)" path="/exception"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WaitAsync(StateGeneration since, CancellationToken cancellationToken = default) =>
        await _client.WaitForChangeAsync(since.Epoch, since.Version, Deadline.Never, cancellationToken).ConfigureAwait(false);

    /// <summary>As <see cref="Wait(in StateGeneration, TimeSpan, CancellationToken)"/>, but occupies no thread.</summary>
    /// <returns><see langword="false"/> if the time passed.</returns>
    /// <inheritdoc cref="Wait(in StateGeneration, CancellationToken)" path="/exception"/>
    public ValueTask<bool> WaitAsync(StateGeneration since, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        _client.WaitForChangeAsync(since.Epoch, since.Version, Deadline.After(timeout), cancellationToken);

    /// <summary>The newest value, if there is one yet, and then the newest one after each change. Whoever is slow misses those in between.</summary>
    /// <inheritdoc cref="Wait(in StateGeneration, CancellationToken)" path="/exception"/>
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

    /// <summary>Closes this end: ends waits with <see cref="ObjectDisposedException"/>, tells the creator, and gives the mapping up. Idempotent and thread-safe.</summary>
    public void Dispose() => _client.Dispose();

    PollResult ISharedWaitable.Poll() => _client.Poll();

    [DoesNotReturn]
    private static void ThrowContended() => throw new SharedMemoryException("Contention: the writer overwrote every cell during each of 64 or more attempts to copy one, for at least a millisecond. Write less often, or use TryRead and try again later.");
}
