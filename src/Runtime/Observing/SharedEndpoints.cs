using System.Diagnostics;
using TypedShm.Interop;
using TypedShm.Observing;
using TypedShm.Transport;

namespace TypedShm;

/// <summary>What <see cref="SharedEndpoints.Scan"/> has found. Immutable.</summary>
[DebuggerDisplay("{Endpoints.Count} endpoints, {Mappings.Count} mappings")]
public sealed class SharedEndpointScan
{
    internal SharedEndpointScan(
        IReadOnlyList<SharedEndpoint> endpoints, IReadOnlyList<SharedMapping> mappings, IReadOnlyList<string> hidden)
    {
        Endpoints = endpoints;
        Mappings = mappings;
        Hidden = hidden;
    }

    /// <summary>
    /// The endpoints, by name. One whose creator is of another PID namespace may be one that a killed process left behind.
    /// </summary>
    public IReadOnlyList<SharedEndpoint> Endpoints { get; }

    /// <summary>The regions of all processes that may be looked at.</summary>
    public IReadOnlyList<SharedMapping> Mappings { get; }

    /// <summary>What this process may not look at, a sentence each.</summary>
    public IReadOnlyList<string> Hidden { get; }
}

/// <summary>
/// Finds the channels of this machine: from the directories of sockets, <c>/proc/locks</c>, <c>/proc/net/unix</c> and the names of mapped
/// memory. Connects to nobody. Thread-safe.
/// </summary>
public static class SharedEndpoints
{
    private const string LockExtension = ".lock";

    /// <summary>Looks for endpoints and for the regions that processes have mapped. Reads a few files of each process.</summary>
    public static SharedEndpointScan Scan()
    {
        Platform.Require();
        List<string> hidden = [];
        ListeningSockets listening = ListeningSockets.Read();
        Dictionary<ulong, int> holders = FileLocks.Read();
        List<SharedMapping> mappings = MappedRegions.Read(hidden);
        SortedDictionary<string, SharedEndpoint> found = new(StringComparer.Ordinal);
        foreach (string directory in Directories(listening))
        {
            foreach (SharedEndpoint endpoint in EndpointsIn(directory, holders, hidden))
                found[endpoint.Name] = endpoint;
        }

        // Sockets of that type are other programs' too: only those of processes that share regions are ours.
        HashSet<int> sharers = [.. mappings.Select(mapping => mapping.ProcessId)];
        foreach ((string name, int process) in listening.AbstractNames(sharers))
            found[name] = new SharedEndpoint(name, null, process);
        return new SharedEndpointScan([.. found.Values], mappings, hidden);
    }

    private static SortedSet<string> Directories(ListeningSockets listening)
    {
        SortedSet<string> directories = new(listening.Directories, StringComparer.Ordinal) { EndpointName.UserDirectory() };
        if (Directory.Exists("/run/user"))
            directories.UnionWith(Directory.EnumerateDirectories("/run/user").Select(user => $"{user}/typedshm"));
        directories.UnionWith(Directory.EnumerateDirectories(Path.GetTempPath(), "typedshm-*")
            .Where(path => uint.TryParse(Path.GetFileName(path)["typedshm-".Length..], out _)));
        return directories;
    }

    private static List<SharedEndpoint> EndpointsIn(string directory, Dictionary<ulong, int> holders, List<string> hidden)
    {
        List<SharedEndpoint> found = [];
        try
        {
            // A name is its creator's by the lock beside its socket.
            foreach (string path in Directory.EnumerateFiles(directory, $"*{LockExtension}").Select(file => file[..^LockExtension.Length]))
            {
                if (Native.KindAt(path) != FileKind.Socket || Native.FileAt(path + LockExtension) is not { } file)
                    continue;
                found.Add(new SharedEndpoint(EndpointName.NameOf(path), path, holders.GetValueOrDefault(file.Inode)));
            }
        }
        catch (UnauthorizedAccessException)
        {
            hidden.Add($"The directory '{directory}' is closed to user {Native.UserId}.");
        }
        catch (DirectoryNotFoundException)
        {
            // Nobody of that user has created an endpoint yet, or the last one has just gone.
        }

        return found;
    }
}
