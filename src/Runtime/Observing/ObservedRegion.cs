using System.Runtime.InteropServices;
using TypedShm.Layout;
using TypedShm.Memory;

namespace TypedShm.Observing;

/// <summary>Memory that an observer looks at: a region as it is mapped, or a copy of one that was read from a file.</summary>
internal sealed unsafe class ObservedRegion : IDisposable
{
    private readonly SharedRegion? _region;
    private readonly byte* _copy;
    private readonly nint _address;
    private readonly long _dataOffset;

    /// <param name="region">A region of a channel, whose header was checked when it was mapped.</param>
    public ObservedRegion(SharedRegion region)
    {
        _region = region;
        _address = region.Address;
        _dataOffset = region.DataOffset;
        Header = region.Header;
        Size = region.Size;

        // Of what is mapped nothing more is asked of the kernel: it costs no descriptor.
        region.CloseDescriptor();
    }

    private ObservedRegion(byte* copy, RegionHeader header, long size)
    {
        _copy = copy;
        _address = (nint)copy;
        _dataOffset = header.DataOffset;
        Header = header;
        Size = size;
    }

    public RegionHeader Header { get; }

    public SlotLayout Slot => Header.Slot;

    public long Size { get; }

    public byte* Control => (byte*)_address + Header.ControlOffset;

    public byte* Data => (byte*)_address + _dataOffset;

    /// <summary>Reads a copy of a region.</summary>
    /// <exception cref="RegionInvalidException">The file is none.</exception>
    public static ObservedRegion Read(string path, out LayoutDescriptor layout)
    {
        using FileStream file = File.OpenRead(path);
        long size = file.Length;
        if (size is < RegionHeader.Length or > int.MaxValue)
            throw new RegionInvalidException(
                $"The file '{path}' has {size} bytes, but a region has {RegionHeader.Length} to {int.MaxValue}.");
        byte* copy = (byte*)NativeMemory.AlignedAlloc((nuint)size, (nuint)Environment.SystemPageSize);
        try
        {
            file.ReadExactly(new Span<byte>(copy, (int)size));
            RegionHeader header = *(RegionHeader*)copy;
            layout = Check(path, header, copy, size);
            return new ObservedRegion(copy, header, size);
        }
        catch
        {
            NativeMemory.AlignedFree(copy);
            throw;
        }
    }

    /// <summary>The element of a number, which is in range.</summary>
    public byte* ElementAt(ulong index) => Data + ((nint)index * (nint)Header.Stride);

    public void Dispose()
    {
        _region?.Dispose();
        NativeMemory.AlignedFree(_copy);
    }

    // What a receiver checks, as far as it does not ask what was agreed on: nothing was.
    private static LayoutDescriptor Check(string path, in RegionHeader header, byte* copy, long size)
    {
        if (header.Magic != RegionHeader.ExpectedMagic)
            throw new RegionInvalidException($"The file '{path}' is no copy of a region: it begins with 0x{header.Magic:x}, not with "
                + $"0x{RegionHeader.ExpectedMagic:x} (\"TypedShm\").");
        if (header.LayoutOffset < RegionHeader.Length || header.LayoutLength <= 0 || header.LayoutOffset > size - header.LayoutLength)
            throw new RegionInvalidException($"The file '{path}' is a copy of a region that holds no struct ({header.Kind}).");
        LayoutDescriptor layout;
        try
        {
            layout = LayoutDescriptor.Parse(new ReadOnlySpan<byte>(copy + header.LayoutOffset, header.LayoutLength));
        }
        catch (FormatException error)
        {
            throw new RegionInvalidException($"The region in '{path}' describes itself wrongly. {error.Message}");
        }

        (SlotLayout Layout, long Stride)? slot = header.Slot.Fields == SlotFields.None ? null : (header.Slot, header.Stride);
        new RegionTerms($"in '{path}'", header.Kind, layout, ControlWords.Spacing, header.Count, slot, IsSparse: true).Check(header, size);
        if (slot is not null && !Fits(header, layout))
            throw new RegionInvalidException($"The region in '{path}' states impossible slots: {header.Slot} every {header.Stride} bytes.");
        return layout;
    }

    private static bool Fits(in RegionHeader header, LayoutDescriptor layout)
    {
        SlotLayout slot = header.Slot;
        long fields = sizeof(ulong) * int.PopCount((int)slot.Fields);
        return slot.ValueOffset >= fields && slot.ValueOffset <= header.Stride - layout.Size
            && slot.PayloadOffset >= 0 && slot.PayloadCapacity >= 0 && slot.PayloadOffset <= header.Stride - slot.PayloadCapacity;
    }
}
