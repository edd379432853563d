using System.Globalization;

namespace Counters;

/// <summary>What the kernel of this machine counts: some thousand numbers.</summary>
internal static class Kernel
{
    private static readonly char[] s_separators = [' ', '\t', ':'];

    /// <summary>Every number in some files of /proc, by file, first word of the line, and column.</summary>
    public static IEnumerable<(string Name, long Value)> Counters()
    {
        foreach (string file in Files())
        {
            foreach (string line in Lines(file))
            {
                string[] words = line.Split(s_separators, StringSplitOptions.RemoveEmptyEntries);
                for (int column = 1; column < words.Length; column++)
                {
                    if (long.TryParse(words[column], NumberStyles.Integer, CultureInfo.InvariantCulture, out long value))
                        yield return ($"{file} {words[0]} {column}", value);
                }
            }
        }
    }

    private static IEnumerable<string> Files() =>
    [
        "/proc/meminfo", "/proc/vmstat", "/proc/softirqs", "/proc/interrupts",
        .. Directory.EnumerateDirectories("/proc")
            .Where(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Select(process => $"{process}/status"),
    ];

    private static string[] Lines(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (IOException)
        {
            // The process has ended since its folder was listed.
            return [];
        }
    }
}
