using System.Globalization;

namespace TypedShm.Observing;

/// <summary>Files of <c>/proc</c>, which come and go with their processes.</summary>
internal static class ProcFile
{
    /// <summary>The lines of a file; none if it is gone.</summary>
    /// <exception cref="UnauthorizedAccessException">This process may not read it.</exception>
    public static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (IOException)
        {
            // The process has ended: ENOENT or ESRCH, whichever comes first.
            return [];
        }
    }

    /// <summary>The numbers of all processes of this PID namespace.</summary>
    public static IEnumerable<int> Processes() => Directory.EnumerateDirectories("/proc")
        .Select(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out int process)
            ? process
            : 0)
        .Where(process => process != 0);

    /// <summary>The inode numbers of a process's sockets; none if it may not be looked at.</summary>
    public static List<long> SocketsOf(int process)
    {
        const string Prefix = "socket:[";
        List<long> sockets = [];
        try
        {
            foreach (string descriptor in Directory.EnumerateFileSystemEntries($"/proc/{process}/fd"))
            {
                if (File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.Name is { } target
                    && target.StartsWith(Prefix, StringComparison.Ordinal)
                    && long.TryParse(target.AsSpan(Prefix.Length, target.Length - Prefix.Length - 1), CultureInfo.InvariantCulture,
                        out long inode))
                    sockets.Add(inode);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has ended, or is closed to this process, which MappedRegions tells.
        }

        return sockets;
    }
}
