using System.Runtime.CompilerServices;

namespace TypedShm.Interop;

/// <summary>
/// Places between two steps of a protocol, where a test can stop or end the process, see tests/CrashSweep. They are there in the very
/// assembly that is published, behind a switch that nobody else sets: optimized code has nothing of them, since the JIT knows the value
/// of the switch by then, and code that is trimmed or compiled ahead of time has it replaced by false (ILLink.Substitutions.xml).
/// </summary>
internal static class CrashPoint
{
    /// <summary>The feature switch.</summary>
    public const string Switch = "TypedShm.CrashPoints";

    /// <summary>Whether anybody is told. Set by the switch, when the process starts.</summary>
    public static bool IsEnabled { get; } = AppContext.TryGetSwitch(Switch, out bool isEnabled) && isEnabled;

    /// <summary>Who is told, on the thread that has come to the place.</summary>
    public static Action<CrashStep>? Reached { get; set; }

    /// <summary>The process has come to a place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Reach(CrashStep step)
    {
        if (IsEnabled)
            Reached?.Invoke(step);
    }
}
