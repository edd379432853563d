using System.Diagnostics;

namespace TypedShm.Tests.Transport;

/// <summary>How often a user may connect.</summary>
public sealed class ConnectRates(ITestOutputHelper output) : SharingTest(output)
{
    private const uint Someone = 1;
    private const long Second = 1_000_000_000; // As Stopwatch counts on Linux.

    private readonly ConnectRate _rate = new(10);
    private long _now = 7 * Second;

    [Fact]
    public void A_user_may_connect_so_often_at_once_and_then_at_that_rate()
    {
        Assert.Equal(Second, Stopwatch.Frequency);
        Assert.Equal(10, Taken(Someone, 20));
        _now += Second / 10;
        Assert.Equal(1, Taken(Someone, 5));
        _now += Second * 3 / 10;
        Assert.Equal(3, Taken(Someone, 5));

        // No more than that is saved up, however long the user is silent.
        _now += 1000 * Second;
        Assert.Equal(10, Taken(Someone, 20));
    }

    [Fact]
    public void Users_do_not_take_from_each_other_and_many_are_forgotten_but_none_who_has_just_been_here()
    {
        for (uint user = 100; user < 1100; user++)
            Assert.Equal(10, Taken(user, 11));
        Assert.Equal(0, Taken(100, 1));
        _now += 2 * Second;
        Assert.Equal(10, Taken(Someone, 20));
        for (uint user = 2000; user < 3000; user++)
            Assert.Equal(1, Taken(user, 1));
        Assert.Equal(0, Taken(Someone, 1));
    }

    [Fact]
    public void Of_those_that_are_too_many_one_a_second_is_the_first()
    {
        Taken(Someone, 10);
        Assert.False(_rate.TryTake(Someone, _now, out bool isFirst));
        Assert.True(isFirst);
        for (int i = 0; i < 9; i++)
        {
            _now += Second / 100;
            Assert.False(_rate.TryTake(Someone, _now, out isFirst));
            Assert.False(isFirst);
        }

        _now += Second * 95 / 100;
        Assert.Equal(10, Taken(Someone, 10));
        Assert.False(_rate.TryTake(Someone, _now, out isFirst));
        Assert.True(isFirst);
    }

    [Fact]
    public async Task Who_connects_too_often_is_told_so_and_so_is_the_creator_and_the_next_second_lets_in()
    {
        string name = NewName();
        List<SharedStructReader<Telemetry>> readers = [];
        int told = 0;
        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(name, new() { MaxConnectsPerUser = 1 });
        shared.PeerRefused += (_, refused) => told += refused.Reason is PeerRefusedException { Reason: RefusalReason.Full } ? 1 : 0;

        // Where this takes longer than a second each time, none is too many.
        PeerRefusedException? refused = null;
        while (refused is null && readers.Count < 60)
            refused = TryOpen();
        Assert.NotNull(refused);
        Assert.Equal(RefusalReason.Full, refused.Reason);
        Assert.Contains("MaxConnectsPerUser", refused.Message, StringComparison.Ordinal);
        await Until(() => Volatile.Read(ref told) > 0, "the creator is told");

        await Until(() => TryOpen() is null, "it is let in");
        Assert.Equal(readers.Count, shared.Peers.Count);
        readers.ForEach(reader => reader.Dispose());

        PeerRefusedException? TryOpen()
        {
            try
            {
                readers.Add(SharedStruct.Open<Telemetry>(name, new() { Timeout = Peer.Patience }));
                return null;
            }
            catch (PeerRefusedException error)
            {
                return error;
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void No_connection_at_all_is_too_few(int limit) => Assert.Throws<ArgumentOutOfRangeException>(
        () => SharedStruct.Create<Telemetry>(NewName(), new() { MaxConnectsPerUser = limit }));

    private int Taken(uint user, int tries) => Enumerable.Range(0, tries).Count(_ => _rate.TryTake(user, _now, out bool _));
}
