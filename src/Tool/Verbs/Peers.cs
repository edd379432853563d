using System.CommandLine;
using Spectre.Console;
using TypedShm.Tool.Output;

namespace TypedShm.Tool.Verbs;

/// <summary><c>peers</c>: who is connected to a channel, by the memory that processes share.</summary>
internal static class Peers
{
    public static Command Create()
    {
        Argument<string> name = Arguments.Name();
        Option<bool> json = Arguments.Json();
        Command command = new(
            "peers",
            """
            Lists the processes that are connected to a channel: those that share its memory with its creator.

            Example:
              typedshm peers engine
            """)
        {
            name, json,
        };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(name), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string name, bool json)
    {
        using SharedInspector inspector = Arguments.Open(name);
        PeerIdentity owner = inspector.Owner!;
        int connected = inspector.ReadCounts()?.Peers ?? 0;
        SharedEndpointScan scan = SharedEndpoints.Scan();
        string region = RegionName(name, scan);
        Peer[] peers = [.. Find(scan, region, owner.ProcessId)];
        if (json)
        {
            foreach (Peer peer in peers)
            {
                JsonLines.Write(writer =>
                {
                    writer.WriteNumber("pid", peer.ProcessId);
                    writer.WriteString("command", peer.Command);
                    writer.WriteString("user", Users.OfProcess(peer.ProcessId));
                    writer.WriteString("role", peer.Role);
                    writer.WriteNumber("connections", peer.Connections);
                });
            }

            return ExitCode.Ok;
        }

        Table table = Screen.Table("PID", "COMMAND", "USER", "ROLE", "CONNECTIONS");
        foreach (Peer peer in peers)
            table.AddRow(new Text(Format.Invariant($"{peer.ProcessId}")), new Text(peer.Command),
                new Text(Users.OfProcess(peer.ProcessId)), new Text(peer.Role), new Text(Format.Invariant($"{peer.Connections}")));
        Screen.Write(table);
        int seen = peers.Where(peer => peer.ProcessId != owner.ProcessId).Sum(peer => peer.Connections);
        if (seen < connected)
            Console.Out.WriteLine(
                $"The creator counts {connected} peers; {connected - seen} of them may not be looked at, or are ends of its own process.");
        return ExitCode.Ok;
    }

    // Each connection has two regions of control words, one written by each end, that nobody else maps. Those of observers, of which this
    // process is one, have another name.
    private static IEnumerable<Peer> Find(SharedEndpointScan scan, string region, int owner)
    {
        SharedMapping[] mappings = [.. scan.Mappings.Where(mapping => mapping.Region == region
            || mapping.Region.StartsWith($"{region}:", StringComparison.Ordinal))];
        HashSet<long> ownersControl =
            [.. mappings.Where(mapping => mapping.ProcessId == owner && IsControl(mapping)).Select(mapping => mapping.Inode)];
        yield return new Peer(owner, "creator", 0);
        foreach (IGrouping<int, SharedMapping> process in mappings.GroupBy(mapping => mapping.ProcessId).OrderBy(process => process.Key))
        {
            int shared = process.Where(mapping => IsControl(mapping) && ownersControl.Contains(mapping.Inode))
                .DistinctBy(mapping => mapping.Inode).Count();
            if (process.Key == owner || shared == 0)
                continue;
            bool writes = process.Any(mapping => !IsControl(mapping) && mapping.CanWrite);
            yield return new Peer(process.Key, writes ? "writer" : "reader", shared / 2);
        }
    }

    private static bool IsControl(SharedMapping mapping) => mapping.Region.EndsWith(":control", StringComparison.Ordinal);

    private static string RegionName(string name, SharedEndpointScan scan) =>
        scan.Endpoints.FirstOrDefault(endpoint => endpoint.Name == name)?.RegionName
            ?? (name[0] == '@' ? name[1..] : Path.GetFileName(name));

    private sealed record Peer(int ProcessId, string Role, int Connections)
    {
        public string Command { get; } = CommandOf(ProcessId);

        private static string CommandOf(int process)
        {
            try
            {
                // Its own account: what would disturb a terminal is left out.
                return string.Concat(File.ReadAllText($"/proc/{process}/comm").Where(c => !char.IsControl(c)));
            }
            catch (IOException)
            {
                return "?";
            }
        }
    }
}
