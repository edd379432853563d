using System.Runtime.CompilerServices;

namespace TypedShm.Ends;

/// <summary>
/// Which memory an end uses at the moment: that of another connection may take its place, or it is revoked when the end is disposed. Held
/// as a field, so that it costs no load of its own.
/// </summary>
/// <remarks>
/// Memory is taken out of use before its pages become zeros. So whoever loads something from it asks before (<see cref="Get"/>) and, with
/// a barrier in between, after (<see cref="IsCurrent"/>): if it is still in use then, what was loaded was no zero page.
/// </remarks>
internal struct CurrentMemory<TMemory>
    where TMemory : class
{
    private TMemory? _memory;
    private TMemory? _last;

    /// <summary>The memory in use; the last one, if it was revoked.</summary>
    public readonly TMemory Last => Volatile.Read(in _last)!;

    /// <summary>The memory in use.</summary>
    /// <exception cref="ObjectDisposedException">The end was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TMemory Get(ChannelEnd end)
    {
        // Nothing but Dispose revokes, and it sets the end's flag before.
        TMemory? memory = Volatile.Read(in _memory);
        if (memory is null)
            end.ThrowDisposed();
        return memory;
    }

    /// <summary>The memory in use; null if it was revoked.</summary>
    public readonly TMemory? GetOrNull() => Volatile.Read(in _memory);

    /// <summary>Whether it is still in use.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool IsCurrent(TMemory memory) => Volatile.Read(in _memory) == memory;

    /// <summary>Uses another memory from now on; the one before is disposed after this.</summary>
    public void SwitchTo(TMemory memory)
    {
        Volatile.Write(ref _last, memory);
        Volatile.Write(ref _memory, memory);
    }

    /// <summary>Takes the memory out of use; it is disposed after this.</summary>
    public void Revoke() => Volatile.Write(ref _memory, null);
}
