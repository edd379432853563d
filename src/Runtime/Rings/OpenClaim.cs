using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace TypedShm.Rings;

/// <summary>Which claim of a writer is open. A field of the writer, for its thread.</summary>
/// <remarks>
/// Each claim has a number of its own, so that one that is over is told from the next one at the same place: how many claims and writes
/// were committed before it, and how many given up.
/// </remarks>
internal struct OpenClaim
{
    private ulong _aborted;
    private ulong _number;

    /// <summary>Its number; 0 if none is open.</summary>
    public readonly ulong Number => _number;

    /// <summary>Opens the next one.</summary>
    /// <param name="committed">What grows with each commit.</param>
    /// <returns>Its number.</returns>
    // One store: while a line of the queue is on its way, all stores after it wait, and there is room for some 50 of them.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Begin(ulong committed) => _number = committed + _aborted + 1;

    /// <summary>It is over, and will be committed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void End() => _number = 0;

    /// <summary>It is over, and was given up.</summary>
    public void Abort()
    {
        _aborted++;
        _number = 0;
    }

    /// <exception cref="InvalidOperationException">The claim is not the open one.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Check(ulong claim)
    {
        if (claim != _number)
            ThrowNotOpen();
    }

    [DoesNotReturn]
    private static void ThrowNotOpen() =>
        throw new InvalidOperationException("The claim is not open any more: it was committed, or disposed. Claim again.");
}
