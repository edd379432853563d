using System.Globalization;

namespace TypedShm.Memory;

/// <summary>
/// How much memory can be allocated before the kernel starts to end processes: what the machine has (MemAvailable of /proc/meminfo), and
/// what each control group above this process still allows (v2: <c>memory.max</c> and <c>memory.high</c>, v1:
/// <c>memory.limit_in_bytes</c>).
/// </summary>
/// <remarks>
/// The page cache of files counts as available in a group as it does on the machine: the kernel drops it before it ends anything. Swap does
/// not count: a region that is read from a disk is of no use to anybody.
/// </remarks>
/// <param name="proc">The directory /proc.</param>
internal sealed class AvailableMemory(string proc)
{
    // v1 has no word for "no limit", but the largest number of whole pages.
    private const long Unlimited = 1L << 60;

    private const string V2 = "cgroup2";
    private const string V1 = "cgroup";

    private readonly Lazy<(string Directory, bool IsV2)[]> _groups = new(() => FindGroups(proc));

    /// <summary>How many bytes, and whose limit it is that says so.</summary>
    public (long Bytes, string Source) Now()
    {
        (long least, string source) = (InMeminfo(), "this machine");
        foreach ((string directory, bool isV2) in _groups.Value)
        {
            if (InGroup(directory, isV2) is { } left && left < least)
                (least, source) = (left, $"the control group {directory}");
        }

        return (Math.Max(0, least), source);
    }

    private long InMeminfo()
    {
        foreach (string line in File.ReadLines(Path.Combine(proc, "meminfo")))
        {
            if (line.StartsWith("MemAvailable:", StringComparison.Ordinal))
                return long.Parse(line.AsSpan(13, line.Length - 13 - 2).Trim(), CultureInfo.InvariantCulture) * 1024;
        }

        return long.MaxValue;
    }

    // Null without a limit.
    private static long? InGroup(string directory, bool isV2)
    {
        long limit = isV2
            ? Math.Min(Number(directory, "memory.max"), Number(directory, "memory.high"))
            : Number(directory, "memory.limit_in_bytes");
        if (limit >= Unlimited)
            return null;
        long used = Number(directory, isV2 ? "memory.current" : "memory.usage_in_bytes");
        return limit - used + PageCache(directory, isV2);
    }

    private static long PageCache(string directory, bool isV2)
    {
        string prefix = isV2 ? "" : "total_";
        long cache = 0;
        foreach (string line in Lines(directory, "memory.stat"))
        {
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            if (space > 0 && (Is("inactive_file") || Is("active_file")))
                cache += long.Parse(line.AsSpan(space + 1), CultureInfo.InvariantCulture);

            bool Is(string name) => space == prefix.Length + name.Length && line.StartsWith(prefix, StringComparison.Ordinal)
                && line.AsSpan(prefix.Length, name.Length).SequenceEqual(name);
        }

        return cache;
    }

    // A file that is missing, as in the root of the hierarchy, or "max": no limit.
    private static long Number(string directory, string file) =>
        Lines(directory, file) is [var text] && long.TryParse(text, CultureInfo.InvariantCulture, out long number) ? number : long.MaxValue;

    private static string[] Lines(string directory, string file)
    {
        try
        {
            return File.ReadAllLines(Path.Combine(directory, file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // The groups that hold this process, from the innermost to the outermost that is mounted.
    private static (string Directory, bool IsV2)[] FindGroups(string proc)
    {
        List<(string, bool)> groups = [];
        string[] memberships = Lines(proc, "self/cgroup");
        foreach (string mount in Lines(proc, "self/mountinfo"))
        {
            // 31 30 0:28 /root /mount/point options … - type source options
            string[] fields = mount.Split(' ');
            int separator = Array.IndexOf(fields, "-");
            if (separator < 5 || fields.Length < separator + 4)
                continue;
            bool isV2 = fields[separator + 1] == V2;
            if (!isV2 && (fields[separator + 1] != V1 || !fields[separator + 3].Split(',').Contains("memory")))
                continue;
            foreach (string membership in memberships)
            {
                // 4:memory:/path, or 0::/path
                string[] parts = membership.Split(':', 3);
                if (parts.Length == 3 && (isV2 ? parts[0] == "0" && parts[1].Length == 0 : parts[1].Split(',').Contains("memory")))
                    Add(Unescape(fields[3]), Unescape(fields[4]), parts[2], isV2);
            }
        }

        return [.. groups];

        void Add(string root, string mountPoint, string path, bool isV2)
        {
            // In a container the group's own directory may be what is mounted.
            if (root != "/" && (path == root || path.StartsWith(root + "/", StringComparison.Ordinal)))
                path = path[root.Length..];
            string directory = mountPoint + (path == "/" ? "" : path.TrimEnd('/'));
            while (directory.Length >= mountPoint.Length)
            {
                groups.Add((directory, isV2));
                directory = directory.Length == mountPoint.Length ? "" : directory[..directory.LastIndexOf('/')];
            }
        }
    }

    // A space in a path is \040 there.
    private static string Unescape(string field) =>
        field.Replace(@"\040", " ", StringComparison.Ordinal)
            .Replace(@"\011", "\t", StringComparison.Ordinal)
            .Replace(@"\134", @"\", StringComparison.Ordinal);
}
