namespace TypedShm;

/// <summary>A region that a process has mapped, as <c>/proc/PID/maps</c> has it. Immutable.</summary>
public sealed class SharedMapping
{
    internal SharedMapping(int processId, string region, long inode, long size, bool canWrite)
    {
        ProcessId = processId;
        Region = region;
        Inode = inode;
        Size = size;
        CanWrite = canWrite;
    }

    /// <summary>The process.</summary>
    public int ProcessId { get; }

    /// <summary>
    /// The name that its creator gave the region: that of the channel, and <c>:lane</c> for the messages of one writer, <c>:control</c> for
    /// what one end tells the other, <c>:observer</c> for the same if one of them is an observer, <c>:description</c> for the description
    /// of a struct that peers may write.
    /// </summary>
    public string Region { get; }

    /// <summary>The inode number: equal in all processes that share the region.</summary>
    public long Inode { get; }

    /// <summary>Its bytes.</summary>
    public long Size { get; }

    /// <summary>Whether the process may write it: it created the region, or is one of several writers of a struct.</summary>
    public bool CanWrite { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Region} ({Size:N0} bytes) in process {ProcessId}, {(CanWrite ? "writable" : "read-only")}";
}
