using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace TypedShm.Waiting;

/// <summary>Looking again and again without sleeping.</summary>
internal static class Spinning
{
    /// <summary>Whether to spin at all: on the only core the peer could not run meanwhile.</summary>
    public static readonly bool IsUseful = Environment.ProcessorCount > 1;

    // A pause takes up to 45 ns, by which a message that comes just then is seen late. Looks without any take the line away from the
    // writer: between two processes on two caches a round trip took 460 ns with 8 to 32 of these, 510 with none and 700 without pauses.
    private const int LooksWithoutPause = 16;

    /// <summary>Tells the processor that this is a spin loop: one instruction, unlike <see cref="Thread.SpinWait"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pause()
    {
        if (X86Base.IsSupported)
            X86Base.Pause();
        else if (ArmBase.IsSupported)
            ArmBase.Yield();
    }

    /// <summary>Looks at the data again and again, for as long as <paramref name="pauses"/> pauses take, then polls.</summary>
    public static PollResult Poll<TCondition>(ref TCondition condition, int pauses)
        where TCondition : struct, ICondition
    {
        for (int i = 0; i < pauses && !condition.MayBeReady(); i += TCondition.SpinsPerPoll)
        {
            if (TCondition.SpinsPerPoll == 1 && i < LooksWithoutPause)
                continue;
            for (int pause = 0; pause < TCondition.SpinsPerPoll; pause++)
                Pause();
        }

        return condition.Poll();
    }
}
