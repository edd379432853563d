using System.Globalization;

namespace TypedShm.CrossProcess.Measuring;

/// <summary>
/// How near the two cores are to each other, and whether somebody else wanted them. A host moves the cores of a virtual machine every few
/// seconds: figures compare only if they come from the same placement.
/// </summary>
internal static class Placement
{
    // Who waited for a core, of which somebody else had the use, for longer than this share of a sample: it is not one.
    private const double MostStalled = 0.03;

    private const string Pressure = "/proc/pressure/cpu";

    /// <summary>The nanoseconds of a round trip of one word, the shortest of some rounds.</summary>
    public static double Probe(int rounds) => Yardsticks.Run("probe", $"{rounds}")
        .Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Min(text => double.Parse(text, CultureInfo.InvariantCulture));

    /// <summary>Round trips cluster by what the cores share.</summary>
    public static string Name(double probe) => probe switch
    {
        < 80 => "one core's threads",
        < 200 => "one cache",
        < 900 => "two caches",
        _ => "two sockets",
    };

    /// <summary>For how long some thread has waited for a core, in microseconds; 0 where the kernel does not say.</summary>
    public static long Stalled()
    {
        if (!File.Exists(Pressure))
            return 0;
        string total = File.ReadLines(Pressure).First().Split("total=")[1];
        return long.Parse(total, CultureInfo.InvariantCulture);
    }

    /// <summary>Whether that was too long.</summary>
    public static bool IsDisturbed(long stalled, TimeSpan sample) => stalled > sample.TotalMicroseconds * MostStalled;
}
