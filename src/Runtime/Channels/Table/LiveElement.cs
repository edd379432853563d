using System.Diagnostics;
using TypedShm.Channels;
using TypedShm.Rings;

namespace TypedShm;

/// <summary>An element of a live table of this process, in place.</summary>
/// <example>
/// <code>
/// LiveElement&lt;Sensor&gt; sensor = table[17];
/// sensor.View.Value = 20.5;
/// sensor.MarkChanged();
/// </code>
/// </example>
[DebuggerDisplay("{Value}")]
public readonly ref struct LiveElement<T> : ISharedReference<T>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly TableHost<T> _host;
    private readonly int _index;
    private readonly ref T _value;

    internal unsafe LiveElement(TableHost<T> host, int index)
    {
        TableMemory<T> memory = host.Memory;
        memory.CheckIndex(index);
        if (!host.Shape.IsLive)
            throw new InvalidOperationException("The elements of this table are never torn, so they are not written in place: use "
                + "Write, or Update and Commit. For live elements create the table with SharedTableOptions.Live.");
        _host = host;
        _index = index;
        _value = ref *(T*)memory.ValueOf(index, 0);
    }

    /// <summary>The element, in shared memory.</summary>
    public ref T Value => ref _value;

    /// <summary>Gives the element a new version, and tells everyone who waits that it has changed.</summary>
    /// <exception cref="ObjectDisposedException">The table was disposed.</exception>
    public void MarkChanged() => _host.MarkChanged(_index, announce: true);
}
