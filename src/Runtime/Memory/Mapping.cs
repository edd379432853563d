using TypedShm.Interop;

namespace TypedShm.Memory;

/// <summary>
/// One shared mapping. Disposing it puts zero pages in its place, for good (<see cref="AddressArena"/>), so that a reference into it that
/// outlives the dispose reads zeros instead of ending the process. Thread-safe.
/// </summary>
/// <remarks>
/// There is no finalizer: the JIT may let an owner be collected while a view on its memory is still in use, so a mapping
/// that nobody disposes stays until the process ends.
/// </remarks>
internal sealed unsafe class Mapping : IDisposable
{
    private readonly Place _place;
    private nint _address;

    public Mapping(SafeDescriptor file, long size, bool writable)
    {
        IsWritable = writable;
        Size = size;
        _place = Arena.Map(file, size);
        _address = _place.Address;
    }

    public long Size { get; }

    public bool IsWritable { get; }

    /// <summary>The start of the mapping, or null once it is disposed.</summary>
    public byte* Address => (byte*)_address;

    private AddressArena Arena => IsWritable ? AddressArena.Writable : AddressArena.ReadOnly;

    /// <summary>Never fails.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _address, 0) != 0)
            Arena.Retire(_place);
    }
}
