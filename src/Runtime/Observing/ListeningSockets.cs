using System.Globalization;
using TypedShm.Transport;

namespace TypedShm.Observing;

/// <summary>The sockets of <c>/proc/net/unix</c> that can be endpoints: SOCK_SEQPACKET, and listening.</summary>
internal sealed class ListeningSockets
{
    private const int Flags = 3;
    private const int Type = 4;
    private const int Inode = 6;
    private const int Name = 7;
    private const uint AcceptsConnections = 0x10000;
    private const string SeqPacket = "0005";

    private readonly Dictionary<long, string> _abstract = [];

    private ListeningSockets()
    {
    }

    /// <summary>Where sockets were made as endpoints are.</summary>
    public HashSet<string> Directories { get; } = [];

    public static ListeningSockets Read()
    {
        ListeningSockets found = new();
        foreach (string line in ProcFile.Lines("/proc/net/unix"))
        {
            string[] parts = line.Split(' ', Name + 1, StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length > Name && parts[Type] == SeqPacket
                && uint.TryParse(parts[Flags], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out uint flags)
                    && (flags & AcceptsConnections) != 0
                && long.TryParse(parts[Inode], CultureInfo.InvariantCulture, out long inode))
                found.Add(parts[Name], inode);
        }

        return found;
    }

    /// <summary>The abstract names that some processes listen at.</summary>
    public List<(string Name, int Process)> AbstractNames(IEnumerable<int> processes)
    {
        List<(string, int)> names = [];
        if (_abstract.Count == 0)
            return names;
        foreach (int process in processes)
        {
            foreach (long inode in ProcFile.SocketsOf(process))
            {
                if (_abstract.TryGetValue(inode, out string? name))
                    names.Add((name, process));
            }
        }

        return names;
    }

    private void Add(string name, long inode)
    {
        if (name[0] == '@')
            _abstract[inode] = name;
        else if (Path.GetFileName(name) is ['.', ..] and { Length: EndpointSocket.TemporaryNameLength }
            && Path.GetDirectoryName(name) is { } directory)
            Directories.Add(directory);
    }
}
