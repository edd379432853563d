using System.Diagnostics.CodeAnalysis;
using TypedShm.Memory;
using TypedShm.Transport;

namespace TypedShm.Channels;

/// <summary>One end of a shared struct, of the process that created it or of one that opened it.</summary>
internal abstract class StructEnd<T> : IDisposable
    where T : unmanaged, ISharedLayout<T>
{
    private StructMemory<T>? _memory;
    private nint _address;
    private int _disposed;

    /// <summary>The public object, for the sender of events.</summary>
    public object Owner { get; set; } = null!;

    public EventQueue Events { get; } = new();

    public bool IsDisposed => Volatile.Read(ref _disposed) != 0;

    public abstract IReadOnlyList<SharedPeer> Peers { get; }

    /// <summary>The memory in use; the last one, if disposed.</summary>
    public StructMemory<T> Memory => Volatile.Read(ref _memory!);

    /// <summary>The address of the struct.</summary>
    /// <exception cref="ObjectDisposedException">This end was disposed.</exception>
    public nint Address
    {
        get
        {
            nint address = Volatile.Read(ref _address);
            if (address == 0)
                ThrowDisposed();
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

    public abstract void Signal();

    /// <returns>False if the deadline passed.</returns>
    public abstract bool Wait(Deadline deadline, CancellationToken cancellationToken);

    public abstract ValueTask<bool> WaitAsync(Deadline deadline, CancellationToken cancellationToken);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        Close();
        Undisposed.Remove(this);
    }

    /// <summary>Calls <see cref="Revoke"/>, then closes. Called once.</summary>
    protected abstract void Close();

    /// <summary>Makes this the memory in use. Not to be called once disposed.</summary>
    protected void Use(StructMemory<T> memory)
    {
        Volatile.Write(ref _memory, memory);
        Volatile.Write(ref _address, memory.Value);
    }

    /// <summary>Makes every later access throw. Comes before the memory is disposed.</summary>
    protected void Revoke() => Volatile.Write(ref _address, 0);

    protected void ThrowIfDisposed()
    {
        if (IsDisposed)
            ThrowDisposed();
    }

    [DoesNotReturn]
    private void ThrowDisposed() => throw new ObjectDisposedException(Owner.GetType().FullName);
}
