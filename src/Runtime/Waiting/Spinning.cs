using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace TypedShm.Waiting;

/// <summary>Looking again and again without sleeping.</summary>
internal static class Spinning
{
    /// <summary>Whether to spin at all: on the only core the peer could not run meanwhile.</summary>
    public static readonly bool IsUseful = Environment.ProcessorCount > 1;

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
            for (int pause = 0; pause < TCondition.SpinsPerPoll; pause++)
                Pause();
        }

        return condition.Poll();
    }
}
