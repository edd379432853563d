using System.Globalization;

namespace TypedShm.Observing;

/// <summary>Who holds which file lock, by <c>/proc/locks</c>: so the owner of a name is known without a connection.</summary>
internal static class FileLocks
{
    private const int Kind = 1;
    private const int Process = 4;
    private const int File = 5;

    /// <returns>
    /// By the file's inode number, its holder. The device is left out: what the file says of it is not what stat says on every file system.
    /// </returns>
    public static Dictionary<ulong, int> Read()
    {
        Dictionary<ulong, int> holders = [];
        foreach (string line in ProcFile.Lines("/proc/locks"))
        {
            // "1: FLOCK  ADVISORY  WRITE 9433 fe:00:1064964 0 EOF"
            string[] parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length > File && parts[Kind] == "FLOCK" && int.TryParse(parts[Process], CultureInfo.InvariantCulture, out int process)
                && ulong.TryParse(parts[File].Split(':')[^1], CultureInfo.InvariantCulture, out ulong inode))
                holders[inode] = Math.Max(0, process);
        }

        return holders;
    }
}
