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
/// or view that outlives <see cref="SharedEnd.Dispose"/> reads zeros. An object that is never disposed lives until the process ends.
/// </remarks>
public sealed class SharedStructWriter<T> : SharedEnd, ISharedReference<T>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly IStructEnd<T> _end;
    private readonly CurrentStruct<T> _current;

    internal SharedStructWriter(StructHost<T> host)
        : base(host)
    {
        _end = host;
        _current = host.CurrentStruct;
    }

    internal SharedStructWriter(StructClient<T> client)
        : base(client)
    {
        _end = client;
        _current = client.CurrentStruct;
        client.Start();
    }

    /// <summary>The struct itself, in shared memory.</summary>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public unsafe ref T Value => ref *(T*)_current.Address;

    /// <summary>The region that holds the struct, for interoperation with native code.</summary>
    public SharedRegion Region => _current.Memory.Data;

    /// <summary>A copy of the struct. Each field is whole; which fields are of the same moment is up to the writers.</summary>
    /// <exception cref="ObjectDisposedException">This object was disposed, perhaps while the copy was made.</exception>
    public T Read() => _current.Read();

    /// <summary>
    /// Tells everyone who waits, in any process, that the struct has changed. Costs a few nanoseconds when nobody
    /// waits; for a writer that is not the creator it is a message to the creator.
    /// </summary>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public void Signal() => _end.Signal();

    /// <inheritdoc cref="SharedStructReader{T}.Wait"/>
    public void Wait(CancellationToken cancellationToken = default) => _end.Wait(Deadline.Never, cancellationToken);

    /// <inheritdoc cref="SharedStructReader{T}.TryWait"/>
    public bool TryWait(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        _end.Wait(Deadline.After(timeout), cancellationToken);

    /// <inheritdoc cref="SharedStructReader{T}.WaitAsync"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WaitAsync(CancellationToken cancellationToken = default) =>
        await _end.WaitAsync(Deadline.Never, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc cref="SharedStructReader{T}.TryWaitAsync"/>
    public ValueTask<bool> TryWaitAsync(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        _end.WaitAsync(Deadline.After(timeout), cancellationToken);
}
