namespace TypedShm.Tests.Transport;

/// <summary>A server that has no memory for what a client needs turns the client away, and goes on.</summary>
public sealed class MemoryRefusals(ITestOutputHelper output) : SharingTest(output)
{
    private readonly MemoryBudget _budget = MemoryBudget.Process;

    public override Task DisposeAsync()
    {
        MemoryBudget.Process = _budget;
        return base.DisposeAsync();
    }

    [Fact]
    public async Task A_client_for_whose_lane_the_server_has_no_memory_is_told_and_so_is_the_server()
    {
        string name = NewName();
        using SharedCallServer<Telemetry, Telemetry> server =
            SharedCall.Create<Telemetry, Telemetry>(name, new() { Capacity = 1024, PayloadCapacity = 4096 });
        TaskCompletionSource<PeerRefusedEventArgs> refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
        server.PeerRefused += (_, refusal) => refused.TrySetResult(refusal);
        using (SharedCall.Open<Telemetry, Telemetry>(name))
        {
        }

        await Until(() => server.Peers.Count == 0, "the first client has left");
        ResourceCount before = ResourceCount.Now();

        // The client is in the same process; it is the server's thread that there is no memory for.
        MemoryBudget.Process = new MemoryBudget(
            () => (Thread.CurrentThread.Name == "TypedShm handshake" ? 1 << 20 : long.MaxValue, "the little machine of a test"));
        PeerRefusedException error = Assert.Throws<PeerRefusedException>(() => SharedCall.Open<Telemetry, Telemetry>(name));

        Assert.Equal(RefusalReason.Full, error.Reason);
        Assert.Contains("are needed", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("little machine", error.Message, StringComparison.Ordinal);
        MemoryLimitException reason = Assert.IsType<MemoryLimitException>((await Soon(refused.Task)).Reason);
        Assert.Contains("little machine", reason.Message, StringComparison.Ordinal);
        Assert.Empty(server.Peers);
        await before.Returns();

        MemoryBudget.Process = _budget;
        using SharedCallClient<Telemetry, Telemetry> next = SharedCall.Open<Telemetry, Telemetry>(name);
    }

    [Fact]
    public async Task Clients_in_the_middle_of_a_handshake_cost_a_server_no_lane()
    {
        string name = NewName();
        SharedCallOptions options = new() { MaxPeers = 1, Capacity = 1024, PayloadCapacity = 4096 };
        using SharedCallServer<Telemetry, Telemetry> server = SharedCall.Create<Telemetry, Telemetry>(name, options);
        LayoutAdvertisement layout = LayoutAdvertisement.Of<Telemetry>();
        byte[] hello = HandshakeCodec.Encode(new HelloMessage(ChannelKind.Call, PeerRole.Writer, 0, [layout, layout]));
        List<RawEnd> clients = [];
        for (int i = 0; i < HalfOpenHandshakes.MaxPerProcess; i++)
        {
            clients.Add(RawEnd.Connect(name));
            clients[i].Send(hello);
            (byte[] welcome, SafeDescriptor[] descriptors) = await clients[i].Receive();
            Array.ForEach(descriptors, descriptor => descriptor.Dispose());
            WelcomeMessage.Decode(welcome);
        }

        Assert.Equal(0, Lanes());
        using (SharedCall.Open<Telemetry, Telemetry>(name))
        {
            // Two of this one, each mapped by both sides.
            Assert.Equal(4, Lanes());
        }

        clients.ForEach(client => client.Dispose());

        int Lanes() => File.ReadLines("/proc/self/maps")
            .Count(line => line.Contains($"/memfd:typedshm:{name}:lane", StringComparison.Ordinal));
    }
}
