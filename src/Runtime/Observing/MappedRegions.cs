using System.Globalization;
using TypedShm.Interop;

namespace TypedShm.Observing;

/// <summary>The regions that processes have mapped, by the names of their memory in <c>/proc/PID/maps</c>.</summary>
internal static class MappedRegions
{
    private const string Mark = "/memfd:typedshm:";
    private const string Deleted = " (deleted)";
    private const int MaxName = 128;
    private const int Addresses = 0;
    private const int Access = 1;
    private const int Inode = 4;
    private const int Fields = 5;

    /// <param name="hidden">What may not be looked at is added to it.</param>
    public static List<SharedMapping> Read(List<string> hidden)
    {
        List<SharedMapping> found = [];
        int closed = 0;
        foreach (int process in ProcFile.Processes())
        {
            try
            {
                found.AddRange(ProcFile.Lines($"/proc/{process}/maps").Where(line => line.Contains(Mark, StringComparison.Ordinal))
                    .Select(line => Parse(process, line)).OfType<SharedMapping>());
            }
            catch (UnauthorizedAccessException)
            {
                closed++;
            }
        }

        if (closed > 0)
            hidden.Add($"{closed} {(closed == 1 ? "process is" : "processes are")} of other users, so that user {Native.UserId} may "
                + "not see what they map.");
        return found;
    }

    // "7f0e1c000000-7f0e1c003000 r--s 00000000 00:01 1034    /memfd:typedshm:engine (deleted)"
    private static SharedMapping? Parse(int process, string line)
    {
        string[] parts = line.Split(' ', Fields + 1, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length <= Fields || parts[Addresses].Split('-') is not [var from, var to]
            || !ulong.TryParse(from, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong start)
            || !ulong.TryParse(to, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong end)
            || !long.TryParse(parts[Inode], CultureInfo.InvariantCulture, out long inode))
            return null;
        string name = parts[Fields][(parts[Fields].IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..];
        if (name.EndsWith(Deleted, StringComparison.Ordinal))
            name = name[..^Deleted.Length];
        return new SharedMapping(process, UntrustedText.Of(name, MaxName), inode, (long)(end - start), parts[Access].Contains('w'));
    }
}
