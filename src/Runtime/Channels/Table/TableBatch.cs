using System.Diagnostics;
using TypedShm.Channels;

namespace TypedShm;

/// <summary>
/// Changes of a table that are announced together, when the batch is disposed: who waits is woken once. Each value can be read as soon
/// as it is written, and an announcement of others announces it too.
/// </summary>
/// <example>
/// <code>
/// using (TableBatch&lt;Sensor&gt; batch = table.Batch())
/// {
///     for (int i = 0; i &lt; table.Count; i++)
///         batch.Write(i, Measure(i));
/// }
/// </code>
/// </example>
[DebuggerDisplay("{_host}")]
public readonly ref struct TableBatch<T>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly TableHost<T> _host;

    internal TableBatch(TableHost<T> host)
    {
        host.ThrowIfDisposed();
        _host = host;
    }

    /// <inheritdoc cref="SharedTableWriter{T}.Write"/>
    public void Write(int index, in T value) => _host.Write(index, in value, announce: false);

    /// <inheritdoc cref="SharedTableWriter{T}.Update"/>
    public TableClaim<T> Update(int index) => new(_host, index, announce: false);

    /// <inheritdoc cref="SharedTableWriter{T}.Replace"/>
    public TableClaim<T> Replace(int index) => new(_host, index, announce: false, copy: false);

    /// <summary>Gives an element of a live table a new version.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    /// <exception cref="ObjectDisposedException">The table was disposed.</exception>
    public void MarkChanged(int index)
    {
        _host.Memory.CheckIndex(index);
        if (!_host.Shape.IsLive)
            throw new InvalidOperationException(
                "Only the elements of a live table are marked: in this one what is written is marked at the same time.");
        _host.MarkChanged(index, announce: false);
    }

    /// <summary>Announces the changes.</summary>
    public void Dispose()
    {
        if (_host is { IsDisposed: false })
            _host.Announce();
    }
}
