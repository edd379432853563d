using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace TypedShm.Rings;

/// <summary>Which claim of a writer is open, and where its value or slot stands. A field of the writer, for its thread.</summary>
/// <remarks>Each claim has a number of its own, so that one that is over is told from the next one at the same place.</remarks>
internal unsafe struct OpenClaim
{
    private ulong _last;
    private ulong _number;
    private byte* _place;

    /// <summary>Its number; 0 if none is open.</summary>
    public readonly ulong Number => _number;

    /// <summary>Where it stands; of a batch the first slot.</summary>
    public readonly byte* Place
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _place;
    }

    /// <summary>Opens the next one.</summary>
    /// <returns>Its number.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Begin(byte* place)
    {
        _place = place;
        return _number = ++_last;
    }

    /// <summary>It is over.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void End() => _number = 0;

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
