using System.Diagnostics;
using System.Globalization;

namespace TypedShm.CrossProcess.Measuring;

/// <summary>
/// How near the two cores are to each other, and whether somebody else wanted them. A host moves the cores of a virtual machine every few
/// seconds: figures compare only if they come from the same placement.
/// </summary>
internal static class Placement
{
    /// <summary>The share of a sample for which one of its threads may have waited for its core.</summary>
    public const double MostWaited = 0.03;

    private const string Pressure = "/proc/pressure/cpu";
    private const string OfThisThread = "/proc/thread-self/schedstat";

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

    /// <summary>Takes a sample, and tells for what share of its time was waited, by a clock of those who wait.</summary>
    public static double Watch(Func<double> sample, Func<long> waited, out double share)
    {
        long before = waited();
        long start = Stopwatch.GetTimestamp();
        double value = sample();
        share = (waited() - before) / Stopwatch.GetElapsedTime(start).TotalNanoseconds;
        return value;
    }

    /// <summary>For how long any thread of the machine has waited for a core, in nanoseconds; 0 where the kernel does not say.</summary>
    public static long WaitedByAny()
    {
        if (!File.Exists(Pressure))
            return 0;
        string total = File.ReadLines(Pressure).First().Split("total=")[1];
        return 1000 * long.Parse(total, CultureInfo.InvariantCulture);
    }

    /// <summary>For how long this thread has waited for a core, in nanoseconds; 0 where the kernel does not say.</summary>
    public static long WaitedByThisThread() =>
        File.Exists(OfThisThread) ? long.Parse(File.ReadAllText(OfThisThread).Split(' ')[1], CultureInfo.InvariantCulture) : 0;
}
