using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace TypedShm.HostilePeer.Raw;

/// <summary>
/// A region as a peer makes it from the document alone. Its creator keeps the mapping that writes: what it says it can change at any time.
/// </summary>
internal sealed unsafe class RawRegion : IDisposable
{
    private const int KeepSize = 1;
    private const int AddSeals = 1033;
    private const uint MemfdFlags = 0x1 | 0x2;
    private const uint HugePages = 0x4;

    private RawRegion(int descriptor, byte* address, long size, RawShape shape)
    {
        Descriptor = descriptor;
        Address = address;
        Size = size;
        Shape = shape;
    }

    public int Descriptor { get; private set; }

    public byte* Address { get; private set; }

    public long Size { get; }

    public RawShape Shape { get; }

    public byte* ControlWords => Address + ControlOffset(Shape);

    public byte* Data => Address + DataOffset(Shape);

    /// <summary>What a message says of it.</summary>
    public RawInfo Info => new(Shape.Kind, 0, Size);

    /// <summary>A region that keeps every rule, unless it is told not to.</summary>
    /// <param name="shape">What it holds.</param>
    /// <param name="seals">The seals that it gets.</param>
    /// <param name="lie">Changes the header or what follows it, before the seals.</param>
    /// <param name="surplus">Bytes that it is longer than what it holds.</param>
    public static RawRegion Make(RawShape shape, int seals = Sys.AllSeals, Action<nint>? lie = null, long surplus = 0)
    {
        long size = SizeOf(shape) + surplus;
        int descriptor = Memfd();
        Check(Sys.ftruncate(descriptor, size), "ftruncate");
        Check(Sys.fallocate(descriptor, 0, 0, size), "fallocate");
        byte* address = (byte*)Sys.mmap(null, (nint)size, Sys.ReadWrite, 1, descriptor, 0);
        if (address == (byte*)-1)
            throw new IOException($"mmap: errno {Sys.Errno}");
        WriteHeader(new Span<byte>(address, 128), shape, size);
        shape.Layout?.Json.CopyTo(new Span<byte>(address + 128, shape.Layout.Json.Length));
        if (shape.Kind == RawShape.ControlKind)
            *(uint*)(address + ControlOffset(shape) + 384) = 1;
        lie?.Invoke((nint)address);
        if (seals != 0)
            Check(Sys.fcntl(descriptor, AddSeals, seals), "fcntl");
        return new RawRegion(descriptor, address, size, shape);
    }

    /// <summary>Data that several may write: no header, and no seal against it.</summary>
    public static RawRegion MakeBare(long size)
    {
        int descriptor = Memfd();
        Check(Sys.ftruncate(descriptor, size), "ftruncate");
        Check(Sys.fallocate(descriptor, 0, 0, size), "fallocate");
        byte* address = (byte*)Sys.mmap(null, (nint)size, Sys.ReadWrite, 1, descriptor, 0);
        Check(Sys.fcntl(descriptor, AddSeals, Sys.SealSeal | Sys.SealShrink | Sys.SealGrow), "fcntl");
        return new RawRegion(descriptor, address, size, RawShape.Control() with { Kind = 0 });
    }

    /// <summary>A sealed memfd of that size with nothing in it.</summary>
    public static int MakeSparse(long size, long allocatedFrom = long.MaxValue)
    {
        int descriptor = Memfd();
        Check(Sys.ftruncate(descriptor, size), "ftruncate");
        if (allocatedFrom < size)
            Check(Sys.fallocate(descriptor, 0, allocatedFrom, size - allocatedFrom), "fallocate");
        Check(Sys.fcntl(descriptor, AddSeals, Sys.AllSeals), "fcntl");
        return descriptor;
    }

    /// <summary>A hole in front, and as many blocks behind the end as are missing: by its blocks it is allocated as a whole.</summary>
    public static int MakeDeceptive(long size)
    {
        int descriptor = Memfd();
        Check(Sys.ftruncate(descriptor, size), "ftruncate");
        Check(Sys.fallocate(descriptor, KeepSize, size, size), "fallocate");
        Check(Sys.fcntl(descriptor, AddSeals, Sys.AllSeals), "fcntl");
        return descriptor;
    }

    /// <returns>A memfd on huge pages, sealed; -1 where the machine has none.</returns>
    public static int MakeHuge()
    {
        int descriptor = Sys.memfd_create("typedshm:hostile-huge", MemfdFlags | HugePages);
        if (descriptor < 0)
            return -1;
        if (Sys.ftruncate(descriptor, 2 << 20) < 0 || Sys.fcntl(descriptor, AddSeals, Sys.AllSeals) < 0)
        {
            _ = Sys.close(descriptor);
            return -1;
        }

        return descriptor;
    }

    public static long SizeOf(RawShape shape)
    {
        long end = shape.Count > 0 ? DataOffset(shape) + (shape.Stride * shape.Count) : ControlOffset(shape) + shape.ControlLength;
        return UpToPage(end);
    }

    public static long UpToPage(long size) => (size + Sys.PageSize - 1) / Sys.PageSize * Sys.PageSize;

    /// <summary>Writes a little-endian number of a few bytes.</summary>
    public static void Write(nint address, int size, ulong value) =>
        new ReadOnlySpan<byte>(&value, size).CopyTo(new Span<byte>((void*)address, size));

    public void Dispose()
    {
        CloseDescriptor();
        if (Address != null)
            _ = Sys.munmap(Address, (nint)Size);
        Address = null;
    }

    /// <summary>Closes the descriptor and keeps the mapping.</summary>
    public void CloseDescriptor()
    {
        if (Descriptor >= 0)
            _ = Sys.close(Descriptor);
        Descriptor = -1;
    }

    private static long ControlOffset(RawShape shape) => (128 + (shape.Layout?.Json.Length ?? 0) + 127) / 128 * 128;

    private static long DataOffset(RawShape shape) => UpToPage(ControlOffset(shape) + shape.ControlLength);

    private static void WriteHeader(Span<byte> header, RawShape shape, long size)
    {
        "TypedShm"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], 1);
        BinaryPrimitives.WriteUInt16LittleEndian(header[12..], shape.Kind);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], size);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], shape.Layout?.Fingerprint ?? 0);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], (ulong)Random.Shared.NextInt64());
        BinaryPrimitives.WriteInt32LittleEndian(header[40..], shape.Layout is null ? 0 : 128);
        BinaryPrimitives.WriteInt32LittleEndian(header[44..], shape.Layout?.Json.Length ?? 0);
        BinaryPrimitives.WriteInt64LittleEndian(header[48..], ControlOffset(shape));
        BinaryPrimitives.WriteInt64LittleEndian(header[56..], shape.ControlLength);
        BinaryPrimitives.WriteInt64LittleEndian(header[64..], shape.Count > 0 ? DataOffset(shape) : 0);
        BinaryPrimitives.WriteInt64LittleEndian(header[72..], shape.Count > 0 ? shape.Stride : 0);
        BinaryPrimitives.WriteInt64LittleEndian(header[80..], shape.Count);
        BinaryPrimitives.WriteInt32LittleEndian(header[88..], shape.Layout?.Size ?? 0);
        BinaryPrimitives.WriteInt32LittleEndian(header[92..], shape.Layout?.Alignment ?? 0);
        BinaryPrimitives.WriteUInt32LittleEndian(header[96..], shape.Marks);
        BinaryPrimitives.WriteInt32LittleEndian(header[100..], shape.ValueOffset);
        BinaryPrimitives.WriteInt32LittleEndian(header[104..], shape.PayloadOffset);
        BinaryPrimitives.WriteInt32LittleEndian(header[108..], shape.PayloadCapacity);
    }

    // Named as those of the library, so that a mapping of it that stays counts as a leak.
    private static int Memfd()
    {
        int descriptor = Sys.memfd_create("typedshm:hostile", MemfdFlags);
        return descriptor >= 0 ? descriptor : throw new IOException($"memfd_create: errno {Sys.Errno}");
    }

    private static void Check(int result, string call)
    {
        if (result < 0)
            throw new IOException($"{call}: errno {Marshal.GetLastPInvokeError()}");
    }
}
