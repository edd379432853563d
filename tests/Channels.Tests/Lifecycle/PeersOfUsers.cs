using TypedShm.TestMessages;
using Xunit;

namespace TypedShm.Channels.Tests.Lifecycle;

/// <summary>How many peers of one user there may be.</summary>
public sealed class PeersOfUsers
{
    private const uint Stranger = 12345;

    private readonly string _name = $"@typedshm-test-{Guid.NewGuid():N}";

    [Fact]
    public void A_user_who_has_all_places_that_one_may_have_is_told_so_and_finds_room_when_one_leaves()
    {
        using SharedStateWriter<Quote> state = SharedState.Create<Quote>(_name, new() { MaxPeersPerUser = 2 });
        SharedStateReader<Quote> first = SharedState.Open<Quote>(_name);
        using SharedStateReader<Quote> second = SharedState.Open<Quote>(_name);

        PeerRefusedException error = Assert.Throws<PeerRefusedException>(() => SharedState.Open<Quote>(_name));
        Assert.Equal(RefusalReason.Full, error.Reason);
        Assert.Contains("MaxPeersPerUser", error.Message, StringComparison.Ordinal);

        first.Dispose();
        Assert.True(SpinWait.SpinUntil(() => state.Peers.Count == 1, Until.Patience));
        SharedState.Open<Quote>(_name).Dispose();
    }

    [Fact]
    public void A_writer_that_left_messages_behind_takes_the_place_of_its_user_until_they_are_read()
    {
        using SharedQueueReader<Quote> queue = SharedQueue.CreateReader<Quote>(_name, new() { MaxPeersPerUser = 1 });
        using (SharedQueueWriter<Quote> writer = SharedQueue.OpenWriter<Quote>(_name))
            writer.Write(default);
        Assert.True(SpinWait.SpinUntil(() => queue.Peers.Count == 0, Until.Patience));

        PeerRefusedException error = Assert.Throws<PeerRefusedException>(() => SharedQueue.OpenWriter<Quote>(_name));
        Assert.Equal(RefusalReason.Full, error.Reason);
        Assert.Contains("counting 1 that left messages behind", error.Message, StringComparison.Ordinal);
        Assert.Contains("MaxPeersPerUser", error.Message, StringComparison.Ordinal);

        Assert.True(queue.TryRead(out _));
        Assert.False(queue.TryRead(out _));
        SharedQueue.OpenWriter<Quote>(_name).Dispose();
    }

    [RootTheory]
    [InlineData(1)]
    public void Another_user_has_places_of_its_own(int limit)
    {
        SharedBroadcastOptions options = new() { AllowedPeers = PeerPolicy.Users(0, Stranger), MaxPeersPerUser = limit };
        using SharedBroadcastWriter<Quote> broadcast = SharedBroadcast.Create<Quote>(_name, options);
        using SharedBroadcastReader<Quote> own = SharedBroadcast.Open<Quote>(_name);

        using Peer another = ChannelPeer.Start("as-user", _name, $"{Stranger}", "broadcast", "0");
        another.Expect("open");

        Assert.Equal(2, broadcast.Peers.Count);
        Assert.Throws<PeerRefusedException>(() => SharedBroadcast.Open<Quote>(_name));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void No_peers_of_a_user_are_too_few(int limit) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SharedState.Create<Quote>(_name, new() { MaxPeersPerUser = limit }));
}
