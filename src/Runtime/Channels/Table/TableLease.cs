using System.Diagnostics;
using TypedShm.Channels;
using TypedShm.Rings;

namespace TypedShm;

/// <summary>
/// The newest value of an element of a table, read in place. The writer does not wait for its readers: what was read counts only if
/// <see cref="IsIntact"/> is true afterwards. In a live table that says no more than that no change was marked meanwhile.
/// </summary>
[DebuggerDisplay("{Value}, intact: {IsIntact}")]
public readonly ref struct TableLease<T> : IReadOnlySharedReference<T>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly TableClient<T> _client;
    private readonly TableMemory<T> _memory;
    private readonly int _index;
    private readonly ulong _word;

    internal TableLease(TableClient<T> client, int index)
    {
        _client = client;
        _memory = client.Memory;
        _memory.CheckInPlace(index);
        _index = index;
        _word = Volatile.Read(ref _memory.WordOf(index));
    }

    /// <summary>The value, in shared memory. It may be overwritten at any time.</summary>
    public unsafe ref readonly T Value => ref *(T*)_memory.ValueOf(_index, _word);

    /// <summary>The number of the change that it came with, in the whole table; 0 if it was never written.</summary>
    public long Version => (long)TableMemory<T>.VersionOf(_word);

    /// <summary>Whether all that was read until now was of one value. Only what was read before counts: ask it last.</summary>
    public bool IsIntact => _memory.IsIntact(_index, _word) && _client.IsCurrent(_memory);
}
