namespace TypedShm.HostilePeer.Raw;

/// <summary>A region that came from the other side, mapped for reading.</summary>
internal sealed unsafe class RawMapping : IDisposable
{
    private readonly long _size;

    public RawMapping(int descriptor, RawInfo info)
    {
        Descriptor = descriptor;
        Info = info;
        _size = RawRegion.UpToPage(info.Size);
        int protection = info.Kind == 0 && info.Access == 1 ? Sys.ReadWrite : Sys.ReadOnly;
        void* address = _size > 0 ? Sys.mmap(null, (nint)_size, protection, 1, descriptor, 0) : (void*)-1;
        Address = address == (void*)-1 ? null : (byte*)address;
    }

    public int Descriptor { get; }

    public RawInfo Info { get; }

    /// <summary>Null if it could not be mapped.</summary>
    public byte* Address { get; private set; }

    /// <summary>The control words.</summary>
    public byte* ControlWords => Address + *(long*)(Address + 48);

    public void Dispose()
    {
        if (Address != null)
            _ = Sys.munmap(Address, (nint)_size);
        Address = null;
        _ = Sys.close(Descriptor);
    }
}
