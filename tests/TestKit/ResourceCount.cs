namespace TypedShm.TestKit;

/// <summary>
/// What this process holds: descriptors by kind, shared mappings, and threads other than those of the .NET runtime, and those of the
/// library that wait for work, which come and go, as do the assemblies that it loads. The zero pages that stand in for disposed mappings
/// are no shared mappings and do not count.
/// </summary>
public sealed class ResourceCount
{
    private readonly Dictionary<string, int> _counts;

    private ResourceCount() => _counts =
        Directory.EnumerateFileSystemEntries("/proc/self/fd").Select(DescriptorKind)
            .Concat(Directory.EnumerateDirectories("/proc/self/task").Select(ThreadKind))
            .Concat(File.ReadLines("/proc/self/maps").Select(MappingKind))
            .OfType<string>().CountBy(kind => kind).ToDictionary();

    /// <summary>What is held now.</summary>
    public static ResourceCount Now() => new();

    /// <summary>How many shared mappings there are.</summary>
    public int Mappings => Count("mapping");

    /// <summary>How many descriptors there are.</summary>
    public int Descriptors => Count("descriptor");

    /// <summary>Waits until nothing more is held than when this was counted, and fails if that never comes.</summary>
    /// <param name="what">After what, for the exception.</param>
    public async Task Returns(string what = "the test")
    {
        List<string> more = [];
        try
        {
            await Until.Holds(() => (more = MoreThan(Now())).Count == 0, "everything was given back").ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException($"After {what} more is held than before: {string.Join("; ", more)}.");
        }
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(Environment.NewLine, _counts.Select(pair => $"{pair.Value} {pair.Key}"));

    private int Count(string kind) => _counts.Where(pair => pair.Key.StartsWith(kind, StringComparison.Ordinal)).Sum(pair => pair.Value);

    private List<string> MoreThan(ResourceCount now) =>
        [.. now._counts.Where(pair => pair.Value > _counts.GetValueOrDefault(pair.Key))
            .Select(pair => $"{pair.Key}: {_counts.GetValueOrDefault(pair.Key)} before, {pair.Value} now")];

    private static string? DescriptorKind(string path)
    {
        string? target = LinkTarget(path);
        if (target is null || target.StartsWith("/proc/", StringComparison.Ordinal) || Path.GetExtension(target) is ".dll" or ".pdb")
            return null;
        int inode = target.IndexOf(":[", StringComparison.Ordinal);
        return "descriptor of " + (inode < 0 ? target : target[..inode]);
    }

    private static string? MappingKind(string line)
    {
        int name = line.IndexOf("/memfd:typedshm", StringComparison.Ordinal);
        return name < 0 ? null : "mapping of " + line[name..];
    }

    private static string? ThreadKind(string path)
    {
        try
        {
            string name = File.ReadAllText(path + "/comm").TrimEnd();
            return name.StartsWith(".NET", StringComparison.Ordinal) || name == "TypedShm idle" ? null : "thread " + name;
        }
        catch (IOException)
        {
            return null;
        }
    }

    // What is listed but closed by now was that which listed it.
    private static string? LinkTarget(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
