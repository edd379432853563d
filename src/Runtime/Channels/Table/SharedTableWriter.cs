using TypedShm.Channels;

namespace TypedShm;

/// <summary>A table of this process, which alone writes it.</summary>
/// <typeparam name="T">The <c>[SharedLayout]</c> struct.</typeparam>
/// <remarks>
/// Thread-safe: different elements can be written by different threads at the same time. One element is for one thread at a time, unless
/// it is written by <see cref="Write"/> alone.
/// </remarks>
public sealed class SharedTableWriter<T> : SharedEnd
    where T : unmanaged, ISharedLayout<T>
{
    private readonly TableHost<T> _host;

    internal SharedTableWriter(TableHost<T> host)
        : base(host) => _host = host;

    /// <summary>How many elements there are.</summary>
    public int Count => _host.Shape.Count;

    /// <summary>Whether elements are written and read in place, see <see cref="SharedTableOptions.Live"/>.</summary>
    public bool IsLive => _host.Shape.IsLive;

    /// <summary>The region that holds the table, for interoperation with native code.</summary>
    public SharedRegion Region => _host.Region;

    /// <summary>Up to which change the table is known to its writer: how many changes there were.</summary>
    /// <exception cref="ObjectDisposedException">The table was disposed.</exception>
    public TableGeneration Generation => _host.Generation;

    /// <summary>An element of a live table, in place.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    /// <exception cref="InvalidOperationException">The table is not live.</exception>
    /// <exception cref="ObjectDisposedException">The table was disposed.</exception>
    public LiveElement<T> this[int index] => new(_host, index);

    /// <summary>
    /// Writes an element, gives it a new version, and tells everyone who waits. Some tens of nanoseconds, if nobody does.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    /// <exception cref="ObjectDisposedException">The table was disposed.</exception>
    public void Write(int index, in T value) => _host.Write(index, in value, announce: true);

    /// <summary>A copy of an element, as it was published last; zeros if it was never written.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    /// <exception cref="ObjectDisposedException">The table was disposed.</exception>
    public T Read(int index) => Read(index, out _);

    /// <summary>As <see cref="Read(int)"/>, and says which value it is.</summary>
    /// <param name="index">Which element.</param>
    /// <param name="version">The number of the change that it came with, in the whole table; 0 if it was never written.</param>
    /// <inheritdoc cref="Read(int)"/>
    public T Read(int index, out long version) => _host.Read(index, out version);

    /// <summary>Opens an element to be changed in place.</summary>
    /// <returns>Its next value, see <see cref="TableClaim{T}"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    /// <exception cref="ObjectDisposedException">The table was disposed.</exception>
    public TableClaim<T> Update(int index) => new(_host, index, announce: true);

    /// <summary>
    /// As <see cref="Update"/>, but without a copy, to be filled in in place, every field: it holds what an older value left there. The
    /// elements of a live table have one place alone, which shows the current value.
    /// </summary>
    /// <inheritdoc cref="Update"/>
    public TableClaim<T> Replace(int index) => new(_host, index, announce: true, copy: false);

    /// <summary>Begins changes that are announced together, see <see cref="TableBatch{T}"/>.</summary>
    /// <returns>The batch; dispose it.</returns>
    public TableBatch<T> Batch() => new(_host);

    /// <summary>For further readers in this process.</summary>
    internal TableHost<T> Host => _host;
}
