namespace TypedShm.Tests.Transport;

/// <summary>Processes whose thread pool does nothing any more. They let peers in, connect, and notice deaths all the same.</summary>
public sealed class BlockedPools(ITestOutputHelper output) : SharingTest(output)
{
    [Fact]
    public void A_creator_lets_peers_in_and_notices_that_they_leave()
    {
        string name = NewName();
        Peer creator = StartPeer();
        creator.Ask("block-pool");
        creator.Ask($"create {name}");
        Peer dying = StartPeer();

        dying.Ask($"open {name}");
        using (SharedStruct.Open<Telemetry>(name, new OpenOptions { Timeout = Peer.Patience }))
            creator.Ask("await-peers 2");
        creator.Ask("await-peers 1");
        dying.Kill();

        creator.Ask("await-peers 0");
    }

    [Fact]
    public void A_client_connects_notices_a_death_and_connects_again()
    {
        string name = NewName();
        Peer client = StartPeer();
        client.Ask("block-pool");
        Peer creator = StartPeer();
        creator.Ask($"create {name}");
        client.Ask($"open-reconnecting {name}");
        creator.Kill();
        client.Ask("await-state Lost");

        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(name);
        client.Ask("await-state Connected");
    }
}
