using TypedShm.Interop;
using TypedShm.Memory;

namespace TypedShm;

public sealed unsafe partial class SharedRegion
{
    private const long HugeTlbFs = 0x958458f6;

    /// <summary>How much a receiver looks at, at once, to find out whether it is allocated: what a hole can cost it.</summary>
    private const long PopulateStep = 2L << 20;

    /// <summary>
    /// Maps a region that a peer sent, after checking everything about it that could hurt. Takes the descriptor over,
    /// whatever happens.
    /// </summary>
    /// <param name="file">The received descriptor.</param>
    /// <param name="name">What it was received as, for messages.</param>
    /// <param name="kind">What it must hold.</param>
    /// <param name="size">The size that was announced.</param>
    /// <param name="layout">The layout that both sides agreed on, or null for a region without one.</param>
    /// <param name="controlLength">The least control words that it must have.</param>
    /// <param name="count">The number of elements of data that it must have.</param>
    /// <param name="slot">What must stand where in an element, and how long it must be, if it is more than the struct.</param>
    /// <param name="sparse">Whether it need not be allocated as a whole, which both sides have asked for.</param>
    /// <exception cref="RegionInvalidException">The region breaks a rule.</exception>
    internal static SharedRegion Attach(
        SafeDescriptor file, string name, RegionKind kind, long size, LayoutDescriptor? layout, int controlLength, long count,
        (SlotLayout Layout, long Stride)? slot = null, bool sparse = false)
    {
        RegionTerms terms = new(name, kind, layout, controlLength, count, slot, sparse);
        Mapping mapping = MapReceived(file, terms, size, terms.MostBytes, writable: false, CommonSeals | Native.SealFutureWrite);
        try
        {
            // One copy of the header, checked and kept; the peer may go on changing its own.
            RegionHeader header = *(RegionHeader*)mapping.Address;
            terms.Check(header, size);
            if (layout is not null)
                CheckLayout(mapping, header, name, layout);
            return new SharedRegion(name, file, mapping, header, layout) { IsSparse = sparse };
        }
        catch
        {
            mapping.Dispose();
            file.Dispose();
            throw;
        }
    }

    /// <summary>Maps a region without header that a peer sent for several writers. Takes the descriptor over, whatever happens.</summary>
    /// <param name="file">The received descriptor.</param>
    /// <param name="name">What it was received as, for messages.</param>
    /// <param name="size">The size that was announced.</param>
    /// <param name="length">The size of what it must hold.</param>
    /// <param name="layout">The layout that both sides agreed on.</param>
    /// <param name="writable">Whether this process may write it.</param>
    /// <exception cref="RegionInvalidException">The region breaks a rule.</exception>
    internal static SharedRegion AttachForSeveralWriters(
        SafeDescriptor file, string name, long size, long length, LayoutDescriptor layout, bool writable)
    {
        RegionTerms terms = new(name, RegionKind.None, layout, 0, 1, null, IsSparse: false);
        if (size < length)
        {
            DescriptorReaper.Close(file);
            throw terms.Invalid("is too small", $"{size} bytes", $"{length}");
        }

        Mapping mapping = MapReceived(file, terms, size, Align.UpToPage(length), writable, CommonSeals);
        return new SharedRegion(name, file, mapping, default, layout) { IsForSeveralWriters = true };
    }

    /// <summary>The size of a region that somebody has kept; 0 of what is no memfd, which nothing else is asked of.</summary>
    internal static long SizeOf(SafeDescriptor file) => Native.GetSeals(file) < 0 ? 0 : Native.FileStatus(file).Size;

    private static Mapping MapReceived(SafeDescriptor file, RegionTerms terms, long size, long most, bool writable, int neededSeals)
    {
        // The seals come first: the call is answered by the kernel for any file, while fstat and even close of a file on
        // a hostile FUSE mount can hang, so until the answer has proved a memfd nothing else is asked of it.
        int seals = Native.GetSeals(file);
        if (seals < 0 || (seals & Native.SealShrink) == 0)
        {
            DescriptorReaper.Close(file);
            throw seals < 0
                ? terms.Invalid("is no memfd", "a descriptor of another kind", "one of memfd_create")
                : terms.Invalid("may be shrunk under its readers", $"the seals 0x{seals:x}", $"0x{neededSeals:x}");
        }

        try
        {
            if ((seals & neededSeals) != neededSeals)
                throw terms.Invalid("lacks seals", $"the seals 0x{seals:x}", $"0x{neededSeals:x}");
            if (Native.FileSystem(file) == HugeTlbFs)
                throw terms.Invalid("is on huge pages, which were not asked for", "hugetlbfs", "ordinary pages");

            (long actual, long allocated, bool regular, _) = Native.FileStatus(file);
            if (!regular)
                throw terms.Invalid("is no regular file", "a file of another type", "a memfd");
            if (actual != size || size <= 0)
                throw terms.Invalid("has another size than was agreed on", $"{actual} bytes", $"{size}");
            if (size > most)
                throw terms.Invalid("is larger than what it holds", $"{size} bytes", $"at most {most}");
            if (allocated < size && !terms.IsSparse)
                throw NotAllocated(terms, size, allocated);
            Mapping mapping = new(file, size, writable);
            if (!terms.IsSparse)
                Populate(file, mapping, terms, allocated);
            return mapping;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    // Blocks behind the end of the file count as allocated, too, so that those of a hole may be missing: reading it would allocate it, on
    // the account of this process, or be a SIGBUS where there is no memory. Populating finds it, in steps, so that it costs one of them at
    // most. An honest sender pays for all pages before it sends. Measured: 0.4 µs a page that was written (0.1 s a GiB), 1.6 µs one that
    // was not, since the kernel clears it only now; the page fault that this saves the first load takes 3 µs.
    private static void Populate(SafeDescriptor file, Mapping mapping, RegionTerms terms, long allocated)
    {
        try
        {
            for (long at = 0; at < mapping.Size; at += PopulateStep)
            {
                Native.Populate(mapping.Address + at, Math.Min(PopulateStep, Align.UpToPage(mapping.Size) - at));
                if (Native.FileStatus(file).Allocated is var now && now > allocated)
                    throw NotAllocated(terms, mapping.Size, mapping.Size - (now - allocated));
            }
        }
        catch
        {
            mapping.Dispose();
            throw;
        }
    }

    private static RegionInvalidException NotAllocated(RegionTerms terms, long size, long allocated) =>
        terms.Invalid("is not allocated as a whole, so that reading it would cost memory of this process", $"at most {allocated} bytes",
            $"{size}");

    private static void CheckLayout(Mapping mapping, in RegionHeader header, string name, LayoutDescriptor agreed)
    {
        ulong stated;
        try
        {
            int length = Math.Min(header.LayoutLength, LayoutDescriptor.MaxJsonLength + 1);
            stated = LayoutDescriptor.Parse(new ReadOnlySpan<byte>(mapping.Address + header.LayoutOffset, length).ToArray()).Fingerprint;
        }
        catch (FormatException error)
        {
            throw new RegionInvalidException(
                $"The region {name} that the peer sent describes itself wrongly. {error.Message} It has been closed.");
        }

        if (stated != agreed.Fingerprint)
        {
            throw new RegionInvalidException(
                $"The region {name} that the peer sent describes a layout with fingerprint {stated:x16}, "
                + $"but {agreed.Fingerprint:x16} was agreed on. It has been closed.");
        }
    }
}
