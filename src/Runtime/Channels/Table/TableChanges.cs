using System.Diagnostics;
using TypedShm.Rings;

namespace TypedShm;

/// <summary>
/// The elements of a table that have changed: their indices, in ascending order, each once however often it has changed. What does not
/// change is skipped in blocks, so going through 10 changes of 5,000 elements costs about as much as 1,000 loads at most.
/// </summary>
[DebuggerDisplay("since {_since}")]
public ref struct TableChanges<T>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly TableMemory<T> _memory;
    private readonly long _since;
    private int _index = -1;

    internal TableChanges(TableMemory<T> memory, long since)
    {
        _memory = memory;
        _since = since;
    }

    /// <summary>The index of an element that has changed.</summary>
    public readonly int Current => _index;

    /// <summary>Goes to the next one.</summary>
    public bool MoveNext() => (_index = _memory.NextChanged(_index + 1, _since)) < _memory.Shape.Count;

    /// <summary>Goes through the changes.</summary>
    public readonly TableChanges<T> GetEnumerator() => this;
}
