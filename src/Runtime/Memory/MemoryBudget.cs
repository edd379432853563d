using TypedShm.Interop;

namespace TypedShm.Memory;

/// <summary>
/// Allocates the pages of regions, and refuses what the machine, or a control group above this process, has no memory for. The kernel would
/// not refuse: it would end processes until there is enough, others first, since the pages of a memfd count as nobody's. Thread-safe.
/// </summary>
/// <remarks>
/// What is available is looked up before the first page and again between steps, because others allocate at the same time. A small
/// allocation is not worth the look (some 50 µs); those are added up until they are.
/// </remarks>
/// <param name="available">How many bytes there are, and whose limit says so.</param>
internal sealed class MemoryBudget(Func<(long Bytes, string Source)> available)
{
    /// <summary>How much is allocated between two looks at what is available.</summary>
    internal const long Step = 64L << 20;

    /// <summary>Below that sum nobody looks.</summary>
    internal const long Small = 1L << 20;

    /// <summary>One in so many of the bytes that are available is left to others.</summary>
    private const int Rest = 16;

    private long _notLookedAt;

    /// <summary>That of the process; a test replaces it.</summary>
    public static MemoryBudget Process { get; set; } = new(new AvailableMemory("/proc").Now);

    /// <summary>Gives a memfd pages, all or none that are new.</summary>
    /// <param name="file">The memfd. It may be disposed meanwhile.</param>
    /// <param name="offset">Where in it.</param>
    /// <param name="length">How many bytes.</param>
    /// <param name="use">What for.</param>
    /// <exception cref="MemoryLimitException">There is not so much memory.</exception>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Allocate(SafeDescriptor file, long offset, long length, in MemoryUse use)
    {
        Require(length, use);
        for (long done = 0; done < length; done += Step)
        {
            if (done > 0)
                Check(length - done, use);
            Native.AllocatePages(file, offset + done, Math.Min(Step, length - done));
        }
    }

    /// <summary>Makes sure that there is memory, unless it is little.</summary>
    /// <exception cref="MemoryLimitException">There is not so much memory.</exception>
    public void Require(long length, in MemoryUse use)
    {
        if (length < Small && Interlocked.Add(ref _notLookedAt, length) < Small)
            return;
        Check(length, use);
        Interlocked.Exchange(ref _notLookedAt, 0);
    }

    private void Check(long length, in MemoryUse use)
    {
        (long bytes, string source) = available();
        bytes -= bytes / Rest;
        if (length <= bytes)
            return;
        string arithmetic = $"{char.ToUpperInvariant(use.Arithmetic[0])}{use.Arithmetic[1..]} {ByteSize.Of(length)}";
        throw new MemoryLimitException($"{arithmetic}, but {source} has {ByteSize.Of(bytes)} available. {use.Advice}", length, bytes);
    }
}
