using TypedShm.Interop;

namespace TypedShm.Memory;

/// <summary>
/// What a region that a peer sends must be, and the rules for its header (<c>docs/format.md</c>, <i>What a receiver checks</i>).
/// </summary>
/// <param name="Name">What it is received as, for messages.</param>
/// <param name="Kind">What it must hold.</param>
/// <param name="Layout">The layout that both sides agreed on, or null for a region without one.</param>
/// <param name="ControlLength">The least control words that it must have.</param>
/// <param name="Count">The number of elements of data that it must have.</param>
/// <param name="Slot">What must stand where in an element, and how long it must be, if it is more than the struct.</param>
/// <param name="IsSparse">Whether it need not be allocated as a whole, which both sides have asked for.</param>
internal sealed record RegionTerms(
    string Name, RegionKind Kind, LayoutDescriptor? Layout, int ControlLength, long Count,
    (SlotLayout Layout, long Stride)? Slot, bool IsSparse)
{
    // More than any header, control words and alignment take; that a later version may add to.
    private const long Overhead = 1L << 20;

    /// <summary>No region that keeps the rules is larger: checked before it is mapped.</summary>
    public long MostBytes
    {
        get
        {
            long overhead = Overhead + LayoutDescriptor.MaxJsonLength + ControlLength;
            return MostStride > 0 && Count > (long.MaxValue - overhead) / MostStride ? long.MaxValue : (Count * MostStride) + overhead;
        }
    }

    private long MostStride => Slot?.Stride ?? Align.UpToPage(Layout?.Size ?? 0);

    /// <summary>Checks a private copy of the header.</summary>
    /// <param name="header">The copy.</param>
    /// <param name="size">The size of the memfd.</param>
    /// <exception cref="RegionInvalidException">It breaks a rule.</exception>
    public void Check(in RegionHeader header, long size)
    {
        CheckFormat(header, size);
        CheckLayout(header);
        CheckPlaces(header, size);
        CheckElements(header);
        CheckEnd(header, size);
    }

    /// <summary>Makes the exception for a rule that is broken.</summary>
    public RegionInvalidException Invalid(string what, string found, string expected) =>
        new($"The region {Name} that the peer sent {what}: found {found}, expected {expected}. It has been closed.");

    private void CheckFormat(in RegionHeader header, long size)
    {
        if (size < RegionHeader.Length || header.Magic != RegionHeader.ExpectedMagic)
            throw Invalid("does not begin with the magic number", $"0x{header.Magic:x}", $"0x{RegionHeader.ExpectedMagic:x}");
        if (header.Major != RegionHeader.CurrentMajor)
            throw Invalid("is of another version of the format", $"{header.Major}.{header.Minor}", $"{RegionHeader.CurrentMajor}");
        if (header.Kind != Kind)
            throw Invalid("is of another kind", $"{header.Kind}", $"{Kind}");
        if (header.RegionSize != size)
            throw Invalid("states another size", $"{header.RegionSize}", $"{size}");
    }

    private void CheckLayout(in RegionHeader header)
    {
        (ulong fingerprint, int size, int alignment) = Layout is null ? default : (Layout.Fingerprint, Layout.Size, Layout.Alignment);
        if (header.Fingerprint != fingerprint || header.ValueSize != size || header.ValueAlignment != alignment)
        {
            throw Invalid(
                "states another layout",
                $"fingerprint {header.Fingerprint:x16}, {header.ValueSize} bytes", $"fingerprint {fingerprint:x16}, {size} bytes");
        }
    }

    // Each part lies behind the header and within the region.
    private void CheckPlaces(in RegionHeader header, long size)
    {
        if (header.ControlLength < ControlLength || !Contains(size, header.ControlOffset, header.ControlLength, ControlWords.Spacing))
        {
            throw Invalid(
                "has its control words in an impossible place",
                $"{header.ControlLength} bytes at {header.ControlOffset}",
                $"at least {ControlLength} within the {size} bytes of the region");
        }

        if (Layout is not null && !Contains(size, header.LayoutOffset, header.LayoutLength, 1))
        {
            throw Invalid(
                "has its layout in an impossible place",
                $"{header.LayoutLength} bytes at {header.LayoutOffset}", $"within the {size} bytes of the region");
        }

        if (header.Count != Count)
            throw Invalid("has another number of elements", $"{header.Count}", $"{Count}");
        if (Count > 0
            && (header.Stride < header.ValueSize
                || header.Stride > size / Count
                || !Contains(size, header.DataOffset, header.Stride * Count, Native.PageSize)))
        {
            throw Invalid(
                "has its data in an impossible place",
                $"{Count} times {header.Stride} bytes at {header.DataOffset}", $"within the {size} bytes of the region");
        }
    }

    private void CheckElements(in RegionHeader header)
    {
        if (Slot is { } slot && (header.Slot != slot.Layout || header.Stride != slot.Stride))
            throw Invalid("states other slots", $"{header.Slot} every {header.Stride} bytes", $"{slot.Layout} every {slot.Stride}");
        if (Count > 0 && header.Stride > MostStride)
            throw Invalid("has its elements too far apart", $"{header.Stride} bytes", $"at most {MostStride}");
    }

    // A sparse region costs its sender nothing, whatever its size, but addresses and page tables of this process.
    private void CheckEnd(in RegionHeader header, long size)
    {
        long end = header.ControlOffset + header.ControlLength;
        if (Layout is not null)
            end = Math.Max(end, (long)header.LayoutOffset + header.LayoutLength);
        if (Count > 0)
            end = Math.Max(end, header.DataOffset + (header.Stride * Count));
        if (size > Align.UpToPage(end))
            throw Invalid("is larger than what it holds", $"{size} bytes", $"{Align.UpToPage(end)}");
    }

    // No sum that could overflow: the length is compared with what is left behind the offset.
    private static bool Contains(long size, long offset, long length, long alignment) =>
        offset >= RegionHeader.Length && length >= 0 && offset <= size && length <= size - offset && offset % alignment == 0;
}
