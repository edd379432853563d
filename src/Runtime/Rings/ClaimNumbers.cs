using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace TypedShm.Rings;

/// <summary>Tells the open claim of a writer from those that are over. A field of the writer, for its thread.</summary>
/// <remarks>
/// <para>
/// Each claim has a number of its own, so that one that is over is told from the next one at the same place: one more than were committed
/// before it, claims and writes, and given up. Whatever ends a claim makes one of the two grow, so the numbers of claims that are over are
/// smaller than that of the open one, or of the next.
/// </para>
/// <para>
/// So nothing is stored when a claim begins, and nothing but the writer's own count when it is committed: while a line of a queue is on its
/// way, all stores after it wait, and there is room for some 50 of them.
/// </para>
/// </remarks>
internal struct ClaimNumbers
{
    private ulong _aborted;

    /// <summary>The number of the open claim; if none is open, of the next one. Never 0.</summary>
    /// <param name="committed">How many claims and writes were committed.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong After(ulong committed) => committed + _aborted + 1;

    /// <summary>The open claim was given up.</summary>
    public void Abort() => _aborted++;

    /// <exception cref="InvalidOperationException">The claim is not the open one.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Check(ulong claim, ulong committed)
    {
        if (claim != After(committed))
            ThrowNotOpen();
    }

    [DoesNotReturn]
    private static void ThrowNotOpen() =>
        throw new InvalidOperationException("The claim is not open any more: it was committed, or disposed. Claim again.");
}
