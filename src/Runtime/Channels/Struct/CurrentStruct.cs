using System.Runtime.CompilerServices;
using TypedShm.Ends;
using TypedShm.Rings;

namespace TypedShm.Channels;

/// <summary>Where a live struct is at the moment: its memory can be replaced by that of another connection, or given up.</summary>
internal sealed unsafe class CurrentStruct<T>(ChannelEnd end)
    where T : unmanaged, ISharedLayout<T>
{
    private StructMemory<T>? _memory;
    private nint _address;

    /// <summary>The memory in use; the last one, if disposed.</summary>
    public StructMemory<T> Memory => Volatile.Read(ref _memory!);

    /// <summary>The address of the struct.</summary>
    /// <exception cref="ObjectDisposedException">The end was disposed.</exception>
    /// <exception cref="InvalidOperationException">
    /// The creator's struct is shorter than <typeparamref name="T"/>, so there is no such address.
    /// </exception>
    public nint Address
    {
        get
        {
            nint address = Volatile.Read(ref _address);
            return address != 0 ? address : AddressOrThrow();
        }
    }

    /// <summary>A copy of the struct, made wholly before its memory was given up.</summary>
    public T Read()
    {
        while (true)
        {
            nint address = Volatile.Read(ref _address);
            if (address == 0)
                return ReadShared();
            T copy = *(T*)address;

            // The pages may have become zeros while they were copied. The address is changed before that happens, so
            // one that is still the same, loaded after the copy, proves that they had not.
            Volatile.ReadBarrier();
            if (Volatile.Read(ref _address) == address)
                return copy;
        }
    }

    /// <summary>Makes this the memory in use, before the last one is disposed.</summary>
    public void SwitchTo(StructMemory<T> memory)
    {
        Volatile.Write(ref _memory, memory);
        Volatile.Write(ref _address, memory.Compatibility.IsByReference ? memory.Value : 0);
    }

    /// <summary>Makes every later access throw, after the end is marked as disposed and before the memory is.</summary>
    public void Revoke() => Volatile.Write(ref _address, 0);

    /// <summary>A copy of the fields that the creator has; the others are zero.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private T ReadShared()
    {
        while (true)
        {
            end.ThrowIfDisposed();
            StructMemory<T> memory = Memory;
            T copy = memory.Compatibility.Copy<T>((byte*)memory.Value);

            // As in Read: before these pages become zeros, the end is marked as disposed or other memory is in use.
            Volatile.ReadBarrier();
            if (Memory == memory && !end.IsDisposed)
                return copy;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private nint AddressOrThrow()
    {
        end.ThrowIfDisposed();
        StructMemory<T> memory = Memory;

        // By reference after all: other memory has just come into use.
        if (!memory.Compatibility.IsByReference)
            memory.Compatibility.ThrowNoReference();
        return memory.Value;
    }
}
