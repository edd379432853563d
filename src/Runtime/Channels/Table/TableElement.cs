using System.Diagnostics;
using TypedShm.Rings;

namespace TypedShm;

/// <summary>An element of a live table of another process, in place. Fields are seen as they are written, one by one.</summary>
[DebuggerDisplay("{Value}, version {Version}")]
public readonly ref struct TableElement<T> : IReadOnlySharedReference<T>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly TableMemory<T> _memory;
    private readonly int _index;
    private readonly ref readonly T _value;

    internal unsafe TableElement(TableMemory<T> memory, int index)
    {
        memory.CheckInPlace(index);
        if (!memory.Shape.IsLive)
            throw new InvalidOperationException("The elements of this table are never torn, so they are not read in place without a "
                + "check: use Read, TryRead or Lease. For live elements let its creator set SharedTableOptions.Live.");
        _memory = memory;
        _index = index;
        _value = ref *(T*)memory.ValueOf(index, 0);
    }

    /// <summary>The element, in shared memory.</summary>
    public ref readonly T Value => ref _value;

    /// <summary>The number of the last change that its writer has marked, in the whole table; 0 if there was none.</summary>
    public long Version => (long)TableMemory<T>.VersionOf(Volatile.Read(ref _memory.WordOf(_index)));
}
