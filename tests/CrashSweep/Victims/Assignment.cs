using System.Globalization;
using TypedShm.Interop;

namespace TypedShm.CrashSweep.Victims;

/// <summary>What becomes of a victim at its point.</summary>
internal enum Ending
{
    /// <summary>It is not touched, and counts the points that it comes by.</summary>
    None,

    /// <summary>It is ended there (SIGKILL).</summary>
    Kill,

    /// <summary>It is stopped there (SIGSTOP), and ended later.</summary>
    Stop,

    /// <summary>It is ended at any moment.</summary>
    AnyTime,
}

/// <summary>What a victim is to do, as a line.</summary>
/// <param name="Scene">The scene.</param>
/// <param name="Name">The endpoint.</param>
/// <param name="Journal">The file of the journal.</param>
/// <param name="Ending">How it ends.</param>
/// <param name="Step">The point.</param>
/// <param name="Occurrence">At which time that it comes there.</param>
/// <param name="Fault">What it does wrong.</param>
internal sealed record Assignment(string Scene, string Name, string Journal, Ending Ending, CrashStep Step, int Occurrence, Fault Fault)
{
    public static Assignment Parse(string line)
    {
        string[] parts = line.Split('\t');
        return new(
            parts[0], parts[1], parts[2], Enum.Parse<Ending>(parts[3]), Enum.Parse<CrashStep>(parts[4]),
            int.Parse(parts[5], CultureInfo.InvariantCulture), Enum.Parse<Fault>(parts[6]));
    }

    public override string ToString() =>
        string.Join('\t', Scene, Name, Journal, Ending, Step, Occurrence.ToString(CultureInfo.InvariantCulture), Fault);
}
