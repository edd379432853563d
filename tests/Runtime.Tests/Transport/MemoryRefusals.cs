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
        using SharedCallServer<Telemetry, Telemetry> server = SharedCall.Create<Telemetry, Telemetry>(name, new() { Capacity = 1024, PayloadCapacity = 4096 });
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
}
