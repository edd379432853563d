namespace TypedShm.Tests.Transport;

/// <summary>The end of a link reaches, exactly once, everybody who was told of its beginning, whatever comes first.</summary>
public sealed class LinkEnds
{
    private const int Rounds = 2_000;

    [Fact]
    public void A_link_that_has_ended_before_it_is_started_tells_its_end_at_once()
    {
        (PairLink link, PairLink other) = Pair();
        Handler handler = new();

        link.OnPeerHungUp();
        link.Start(handler);

        Assert.Equal(1, handler.Ends);
        Assert.True(link.HasEnded);
        other.Dispose();
        link.Dispose();
        Assert.Equal(1, handler.Ends);
    }

    [Fact]
    public void A_link_that_was_disposed_before_it_is_started_tells_its_end_at_once()
    {
        (PairLink link, PairLink other) = Pair();
        Handler handler = new();

        link.Dispose();
        link.Start(handler);

        Assert.Equal(1, handler.Ends);
        other.Dispose();
    }

    [Fact]
    public async Task Start_and_end_at_the_same_moment_tell_the_end_once()
    {
        ResourceCount before = ResourceCount.Now();
        using Barrier barrier = new(2);
        Handler[] handlers = [.. Enumerable.Range(0, Rounds).Select(_ => new Handler())];
        (PairLink Link, PairLink Other)[] pairs = new (PairLink, PairLink)[Rounds];
        Thread ending = new(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                barrier.SignalAndWait();
                if (i % 2 == 0)
                    pairs[i].Link.OnPeerHungUp();
                else
                    pairs[i].Link.Dispose();
                barrier.SignalAndWait();
            }
        });
        ending.Start();

        for (int i = 0; i < Rounds; i++)
        {
            pairs[i] = Pair();
            barrier.SignalAndWait();
            pairs[i].Link.Start(handlers[i]);
            barrier.SignalAndWait();
            pairs[i].Other.Dispose();
        }

        ending.Join();
        Assert.All(handlers, handler => Assert.Equal(1, handler.Ends));
        await before.Returns();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_link_that_nobody_was_told_of_releases_its_words_when_it_is_disposed(bool hungUpBefore)
    {
        ResourceCount before = ResourceCount.Now();
        (PairLink link, PairLink other) = Pair();

        if (hungUpBefore)
            link.OnPeerHungUp();
        link.Dispose();
        other.Dispose();

        await before.Returns();
    }

    [Fact]
    public unsafe void Who_ends_a_link_itself_is_not_told_that_its_peer_has_closed_it()
    {
        (PairLink link, PairLink other) = Pair();
        link.Start(new Handler());

        // Both at once: the peer has said that it closes, and has not hung up yet.
        Volatile.Write(ref other.Own.Closed, 1);
        link.Dispose();

        Assert.True(link.HasEnded);
        Assert.False(link.WasClosed);
        other.Dispose();
    }

    private static (PairLink Link, PairLink Other) Pair() =>
        PairLink.Create("link-ends", PeerRole.Reader, WaitAbilities.None, WaitAbilities.None);

    private sealed class Handler : ILinkHandler
    {
        private int _ends;

        public int Ends => Volatile.Read(ref _ends);

        public void Received(Link link, LinkMessage message, ulong argument)
        {
        }

        public void Ended(Link link) => Interlocked.Increment(ref _ends);
    }
}
