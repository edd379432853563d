namespace TypedShm;

/// <summary>
/// What is asked of the memory of a channel beside being there, <see cref="ChannelOptions.Memory"/> and <see cref="OpenOptions.Memory"/>.
/// Applies to the regions that the end itself creates, for all that have mapped them, since their pages exist once. What the machine does
/// not grant is an exception of <c>Create</c> or <c>Open</c>, but for <see cref="HugePages"/>, which is advice.
/// </summary>
public sealed record MemoryOptions
{
    private const int MaxNodes = 1024;

    internal static MemoryOptions Default { get; } = new();

    /// <summary>
    /// Whether all pages are mapped at once. The memory is allocated in any case; unless this is set, the first store to each page of
    /// 4 KiB takes a page fault, some 0.5 µs, which otherwise is paid when the channel is created. Readers need nothing: they map all
    /// pages when they open a channel. Not with <see cref="MessageOptions.SparsePayloads"/>.
    /// </summary>
    public bool Prefault { get; init; }

    /// <summary>
    /// Whether the pages stay in memory, for this process and for its peers, so that none is ever swapped out: mlock(2), which maps them
    /// too. Takes <c>RLIMIT_MEMLOCK</c> (<c>ulimit -l</c>, <c>LimitMEMLOCK=</c> of systemd) or the capability CAP_IPC_LOCK. Not with
    /// <see cref="MessageOptions.SparsePayloads"/>.
    /// </summary>
    public bool Lock { get; init; }

    /// <summary>
    /// Whether to advise the kernel to use transparent huge pages for regions of 2 MiB and more: fewer misses of the TLB where much memory
    /// is used in no order. The kernel may or may not follow, see <c>/sys/kernel/mm/transparent_hugepage/shmem_enabled</c>; nothing else
    /// changes. Not with <see cref="MessageOptions.SparsePayloads"/>.
    /// </summary>
    public bool HugePages { get; init; }

    /// <summary>
    /// The NUMA node from which all pages come; unless set, each comes from the node of the thread that creates the channel. If the
    /// two sides are on different ones, that of the reader is the better choice: a store need not wait for memory, but a load has to.
    /// </summary>
    public int? NumaNode { get; init; }

    /// <summary>Throws if a value is not one that memory can be had with.</summary>
    /// <exception cref="ArgumentException">Says which value, and what it may be.</exception>
    public void Validate()
    {
        if (NumaNode is not { } node)
            return;
        ArgumentOutOfRangeException.ThrowIfNegative(node, nameof(NumaNode));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(node, MaxNodes, nameof(NumaNode));
    }

    internal string? FaultWithSparsePayloads => this switch
    {
        { Prefault: true } => Fault(nameof(Prefault)),
        { Lock: true } => Fault(nameof(Lock)),
        { HugePages: true } => Fault(nameof(HugePages)),
        _ => null,
    };

    private static string Fault(string option) =>
        $"Memory.{option} and SparsePayloads exclude each other: the one needs all pages, the other allocates them as messages need them.";
}
