using TypedShm.TestMessages;
using Xunit;

namespace TypedShm.Channels.Tests.Observing;

/// <summary>Finding the channels of the machine.</summary>
public sealed class ScanTests : ObserverTest
{
    [Fact]
    public void An_endpoint_is_found_with_its_owner_and_its_regions()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Offer(name, "state");
        using SharedStateReader<Quote> reader = SharedState.Open<Quote>(name);

        SharedEndpointScan scan = SharedEndpoints.Scan();

        SharedEndpoint found = Assert.Single(scan.Endpoints, endpoint => endpoint.Name == name);
        Assert.Equal((peer.Id, name), (found.ProcessId, found.RegionName));
        SharedMapping written = Assert.Single(scan.Mappings, mapping => mapping.ProcessId == peer.Id && mapping.Region == name);
        SharedMapping read = Assert.Single(scan.Mappings, mapping => mapping.ProcessId == Environment.ProcessId && mapping.Region == name);
        Assert.Equal((true, false), (written.CanWrite, read.CanWrite));
        Assert.Equal((written.Inode, written.Size), (read.Inode, read.Size));

        // Each end writes the control words of its own. Other processes of the machine may use the same name, in other directories.
        Assert.Equal(4, scan.Mappings.Count(mapping =>
            mapping.Region == $"{name}:control" && (mapping.ProcessId == peer.Id || mapping.ProcessId == Environment.ProcessId)));
    }

    [Fact]
    public void A_path_and_an_abstract_name_are_found_too()
    {
        string directory = Directory.CreateTempSubdirectory("typedshm-scan-").FullName;
        string path = Path.Combine(directory, "engine");
        string hidden = $"@scan-{Environment.ProcessId}";
        using Peer atPath = Offer(path, "state");
        using Peer atName = Offer(hidden, "state");

        SharedEndpointScan scan = SharedEndpoints.Scan();

        Assert.Equal(atPath.Id, Assert.Single(scan.Endpoints, endpoint => endpoint.Name == path).ProcessId);
        Assert.Equal(atName.Id, Assert.Single(scan.Endpoints, endpoint => endpoint.Name == hidden).ProcessId);
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public void A_name_that_a_killed_process_left_has_no_owner()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Offer(name, "state");
        peer.Kill();

        Assert.All(SharedEndpoints.Scan().Endpoints.Where(endpoint => endpoint.Name == name),
            endpoint => Assert.Equal(0, endpoint.ProcessId));
    }
}
