using System.Runtime.CompilerServices;
using TypedShm.Channels;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm;

/// <summary>
/// A live struct of another process, for reading. The kernel refuses this process every way to write it, and so does the
/// type. <c>shared.View</c>, which the generator adds, is the way to its fields.
/// </summary>
/// <typeparam name="T">The <c>[SharedLayout]</c> struct.</typeparam>
/// <remarks>
/// Thread-safe. The peer may write at any time and may write anything: copy a value once, then check it. A reference or
/// view that outlives <see cref="SharedEnd.Dispose"/>, or a reconnect, reads zeros: take <c>shared.View</c> afresh. An object that
/// is never disposed lives until the process ends.
/// </remarks>
public sealed class SharedStructReader<T> : SharedEnd, IReadOnlySharedReference<T>, ISharedWaitable
    where T : unmanaged, ISharedLayout<T>
{
    private readonly StructClient<T> _client;
    private readonly CurrentStruct<T> _current;

    internal SharedStructReader(StructClient<T> client)
        : base(client)
    {
        _client = client;
        _current = client.CurrentStruct;
        client.Start();
    }

    /// <summary>The struct itself, in shared memory.</summary>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    /// <exception cref="InvalidOperationException">There is only a copy, see <see cref="IsByReference"/>.</exception>
    public unsafe ref readonly T Value => ref *(T*)_current.Address;

    /// <summary>
    /// Whether <see cref="Value"/> and <c>View</c> refer to shared memory. False only if the creator was compiled with an older layout of
    /// <typeparamref name="T"/> that ends before the fields that were appended since: then use <see cref="Read"/>, which sets the absent
    /// fields to zero, and <see cref="Has"/>. A reconnect may change it.
    /// </summary>
    public bool IsByReference => _current.Memory.Compatibility.IsByReference;

    /// <summary>The region that holds the struct, for interoperation with native code.</summary>
    public SharedRegion Region => _current.Memory.Data;

    WaitSource ISharedWaitable.WaitSource => _client.Source;

    WaitMode ISharedWaitable.WaitMode => _client.WaitMode;

    /// <summary>
    /// A copy of the struct. Each field is whole; which fields are of the same moment is up to the writer. Fields that the
    /// creator does not have, see <see cref="Has"/>, are zero.
    /// </summary>
    /// <exception cref="ObjectDisposedException">This object was disposed, perhaps while the copy was made.</exception>
    public T Read() => _current.Read();

    /// <summary>
    /// Whether the creator has a field, or was compiled before it was appended. Of a nested struct: all of its fields.
    /// A reconnect may change it.
    /// </summary>
    /// <param name="field">
    /// The field's name, best as <c>nameof(Telemetry.Faults)</c>; for a field of a nested struct the names joined by dots.
    /// </param>
    /// <exception cref="ArgumentException"><typeparamref name="T"/> has no such field.</exception>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    /// <example>
    /// <code>
    /// Telemetry now = shared.Read();
    /// int? faults = shared.Has(nameof(Telemetry.Faults)) ? now.Faults : null;
    /// </code>
    /// </example>
    public bool Has(string field)
    {
        ArgumentNullException.ThrowIfNull(field);
        _client.ThrowIfDisposed();
        return _current.Memory.Compatibility.Has(field);
    }

    /// <summary>
    /// Waits on this thread until the writer has signalled since this object's last wait ended, or since it was opened.
    /// Several signals in between count as one. Several threads that wait at once all return.
    /// </summary>
    /// <exception cref="PeerGoneException">The creator is gone, and <see cref="OpenOptions.Reconnect"/> is off.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public void Wait(CancellationToken cancellationToken = default) => _client.Wait(Deadline.Never, cancellationToken);

    /// <summary>As <see cref="Wait"/>, but not longer than a given time.</summary>
    /// <returns><see langword="false"/> if the time passed without a signal.</returns>
    /// <inheritdoc cref="Wait" path="/exception"/>
    public bool TryWait(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        _client.Wait(Deadline.After(timeout), cancellationToken);

    /// <summary>As <see cref="Wait"/>, but occupies no thread.</summary>
    /// <inheritdoc cref="Wait" path="/exception"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WaitAsync(CancellationToken cancellationToken = default) =>
        await _client.WaitAsync(Deadline.Never, cancellationToken).ConfigureAwait(false);

    /// <summary>As <see cref="TryWait"/>, but occupies no thread.</summary>
    /// <inheritdoc cref="TryWait"/>
    public ValueTask<bool> TryWaitAsync(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        _client.WaitAsync(Deadline.After(timeout), cancellationToken);

    /// <summary>A copy of the struct after each signal. Whoever is slow misses what lies between.</summary>
    /// <inheritdoc cref="Wait" path="/exception"/>
    public async IAsyncEnumerable<T> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (true)
        {
            await WaitAsync(cancellationToken).ConfigureAwait(false);
            yield return Read();
        }
    }

    PollResult ISharedWaitable.Poll() => _client.Poll();
}
