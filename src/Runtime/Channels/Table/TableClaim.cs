using System.Diagnostics;
using TypedShm.Channels;

namespace TypedShm;

/// <summary>
/// The next value of an element of a table, to be changed or filled in in place. <see cref="Commit"/> publishes it; without that
/// nobody ever sees it, unless the table is live: then what is changed is seen at once, and the commit marks it as changed.
/// </summary>
/// <example>
/// <code>
/// using TableClaim&lt;Sensor&gt; claim = table.Update(17);
/// claim.View.Value += 0.5;
/// claim.Commit();
/// </code>
/// </example>
[DebuggerDisplay("{Value}")]
public readonly ref struct TableClaim<T> : ISharedReference<T>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly TableHost<T> _host;
    private readonly int _index;
    private readonly ulong _word;
    private readonly bool _announce;

    internal TableClaim(TableHost<T> host, int index, bool announce, bool copy = true)
    {
        host.BeginClaim(index, copy, out _word);
        _host = host;
        _index = index;
        _announce = announce;
    }

    /// <summary>The value, in shared memory.</summary>
    /// <exception cref="InvalidOperationException">The claim was committed, or the element was written in another way.</exception>
    public unsafe ref T Value => ref *(T*)_host.ClaimedValue(_index, _word);

    /// <summary>Publishes the value.</summary>
    /// <exception cref="InvalidOperationException">The claim was committed, or the element was written in another way.</exception>
    /// <exception cref="ObjectDisposedException">The table was disposed.</exception>
    public void Commit() => _host.CommitClaim(_index, _word, _announce);

    /// <summary>Gives the claim up, unless it was committed.</summary>
    public void Dispose()
    {
        // Nothing to undo: the next claim begins with a copy again.
    }
}
