namespace TypedShm.Channels;

/// <summary>Where a live struct is at the moment: its memory can be replaced by that of another connection, or given up.</summary>
internal sealed class LiveValue<T>(ChannelEnd end)
    where T : unmanaged, ISharedLayout<T>
{
    private StructMemory<T>? _memory;
    private nint _address;

    /// <summary>The memory in use; the last one, if disposed.</summary>
    public StructMemory<T> Memory => Volatile.Read(ref _memory!);

    /// <summary>The address of the struct.</summary>
    /// <exception cref="ObjectDisposedException">The end was disposed.</exception>
    public nint Address
    {
        get
        {
            nint address = Volatile.Read(ref _address);
            if (address == 0)
                end.ThrowIfDisposed();
            return address;
        }
    }

    /// <summary>A copy of the struct, made wholly before its memory was given up.</summary>
    public unsafe T Read()
    {
        while (true)
        {
            nint address = Address;
            T copy = *(T*)address;

            // The pages may have become zeros while they were copied. The address is changed before that happens, so
            // one that is still the same, loaded after the copy, proves that they had not.
            Volatile.ReadBarrier();
            if (Volatile.Read(ref _address) == address)
                return copy;
        }
    }

    /// <summary>Makes this the memory in use, before the last one is disposed.</summary>
    public void Use(StructMemory<T> memory)
    {
        Volatile.Write(ref _memory, memory);
        Volatile.Write(ref _address, memory.Value);
    }

    /// <summary>Makes every later access throw, after the end is marked as disposed and before the memory is.</summary>
    public void Revoke() => Volatile.Write(ref _address, 0);
}
