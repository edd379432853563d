using TypedShm.Interop;

namespace TypedShm.Memory;

/// <summary>
/// One shared mapping. Disposing it puts zero pages in its place and hands the range to the <see cref="Quarantine"/>,
/// so that a reference into it that outlives the dispose reads zeros instead of ending the process. Thread-safe.
/// </summary>
/// <remarks>
/// There is no finalizer: the JIT may let an owner be collected while a view on its memory is still in use, so a mapping
/// that nobody disposes stays until the process ends.
/// </remarks>
internal sealed unsafe class Mapping(SafeDescriptor file, long size, bool writable) : IDisposable
{
    private nint _address = (nint)Native.Map(file, size, writable);

    public long Size => size;

    public bool IsWritable => writable;

    /// <summary>The start of the mapping, or null once it is disposed.</summary>
    public byte* Address => (byte*)_address;

    public void Dispose()
    {
        nint address = Interlocked.Exchange(ref _address, 0);
        if (address == 0)
            return;
        Native.ReplaceByZeros((byte*)address, size, writable);
        Quarantine.Add(address, size);
    }
}
