using System.Diagnostics;

namespace TypedShm;

/// <summary>What the creator of a channel has counted, as it says itself.</summary>
/// <param name="written">See <see cref="Written"/>.</param>
/// <param name="read">See <see cref="Read"/>.</param>
/// <param name="peers">See <see cref="Peers"/>.</param>
[DebuggerDisplay("{Written} written, {Read} read, {Peers} peers")]
public sealed class SharedCounts(long written, long read, int peers)
{
    /// <summary>How many messages were written in all: to a queue, a broadcast, or as requests of calls.</summary>
    public long Written { get; } = written;

    /// <summary>How many of them were read; of a lossless broadcast by its slowest reader.</summary>
    public long Read { get; } = read;

    /// <summary>How many are there that were not read yet: the depth of a queue.</summary>
    public long Depth => Math.Max(0, Written - Read);

    /// <summary>How many peers are connected to the creator, observers not counted.</summary>
    public int Peers { get; } = peers;
}
