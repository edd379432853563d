using TypedShm.Ends;
using TypedShm.TestMessages;
using TypedShm.Transport;
using Xunit;

namespace TypedShm.Channels.Tests.Observing;

/// <summary>Looking does not disturb, and observers are held to the rules of peers.</summary>
public sealed class ObserverConductTests : ObserverTest
{
    [Theory]
    [InlineData("struct")]
    [InlineData("state")]
    [InlineData("table")]
    [InlineData("inbox")]
    [InlineData("lossless")]
    [InlineData("call")]
    public void The_creator_hears_nothing_of_an_observer(string kind)
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Offer(name, kind);

        using (SharedInspector inspector = SharedInspector.Open(name))
        {
            Assert.Equal("joined 0, refused 0, peers 0", peer.Ask("told"));
            Assert.Equal(0, inspector.ReadCounts()!.Peers);
        }

        Assert.Equal("joined 0, refused 0, peers 0", peer.Ask("told"));
    }

    /// <summary>More messages than there are slots: if the writer waited for the observer, it would never answer.</summary>
    [Fact]
    public void A_lossless_broadcast_does_not_wait_for_an_observer()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Offer(name, "lossless");
        using SharedInspector inspector = SharedInspector.Open(name);

        Assert.Equal("1000", peer.Ask("1000"));
        Assert.Equal(1000, inspector.Published);
    }

    [Fact]
    public void A_policy_that_refuses_peers_refuses_observers()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Offer(name, "nobody");

        PeerRefusedException refused = Assert.Throws<PeerRefusedException>(() => SharedInspector.Open(name));
        Assert.Equal(RefusalReason.NotAllowed, refused.Reason);
    }

    [Fact]
    public void An_observer_may_refuse_the_creator()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Offer(name, "state");

        PeerRefusedException refused = Assert.Throws<PeerRefusedException>(
            () => SharedInspector.Open(name, new() { AllowedOwner = PeerPolicy.Where("nobody", _ => false) }));
        Assert.Equal(RefusalReason.NotAllowed, refused.Reason);
    }

    [Fact]
    public void Sixteen_observers_are_let_in()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Offer(name, "state");
        List<SharedInspector> observers = [.. Enumerable.Range(0, 16).Select(_ => SharedInspector.Open(name))];

        PeerRefusedException full = Assert.Throws<PeerRefusedException>(() => SharedInspector.Open(name));
        Assert.Equal(RefusalReason.Full, full.Reason);
        observers.ForEach(observer => observer.Dispose());
    }

    /// <summary>What an observer may leave out, a reader may not: it would map what its type does not fit.</summary>
    [Theory]
    [InlineData((ushort)PeerRole.Reader, RefusalReason.KindMismatch)]
    [InlineData((ushort)PeerRole.Writer, RefusalReason.KindMismatch)]
    public void Nobody_else_comes_in_without_a_kind_and_a_layout(ushort role, RefusalReason expected)
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Offer(name, "state");

        PeerRefusedException refused = Assert.Throws<PeerRefusedException>(() => Opening.Open(name, new OpenOptions(), Request,
            static opened => opened.Result, default));
        Assert.Equal(expected, refused.Reason);

        ConnectRequest Request(EndpointName endpoint, OpenOptions options) =>
            new(ChannelKind.None, (PeerRole)role, [], options, (_, _) => throw new InvalidOperationException("It was let in."))
            {
                TakesAny = true,
                MakePlaceholder = () => throw new InvalidOperationException(),
            };
    }

    [Fact]
    public async Task What_a_killed_creator_wrote_last_can_still_be_seen()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Offer(name, "state");
        using SharedInspector inspector = SharedInspector.Open(name);
        peer.Ask("5");
        peer.Kill();

        await Until.Holds(() => !inspector.IsConnected);
        Assert.Equal("5", inspector.Read()!["Number"].ToString());
        Assert.Null(inspector.ReadCounts());
        Assert.False(SharedInspector.TryOpen(name, out _));
    }

    [Fact]
    public void A_disposed_inspector_says_so()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Offer(name, "state");
        SharedInspector inspector = SharedInspector.Open(name);
        inspector.Dispose();
        inspector.Dispose();

        Assert.Throws<ObjectDisposedException>(() => inspector.Read());
        Assert.Throws<ObjectDisposedException>(() => inspector.Published);
        Assert.Null(inspector.ReadCounts());
    }

    [Fact]
    public void Reads_and_a_dispose_meet_on_several_threads()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Offer(name, "state");
        peer.Ask("1");
        for (int i = 0; i < 50; i++)
        {
            SharedInspector inspector = SharedInspector.Open(name);
            using Barrier start = new(3);
            Thread[] readers = [.. Enumerable.Range(0, 2).Select(_ => new Thread(() => ReadUntilDisposed(inspector, start)))];
            Array.ForEach(readers, reader => reader.Start());
            start.SignalAndWait();
            inspector.Dispose();
            Assert.All(readers, reader => Assert.True(reader.Join(Until.Patience)));
        }

        static void ReadUntilDisposed(SharedInspector inspector, Barrier start)
        {
            start.SignalAndWait();
            try
            {
                while (true)
                {
                    // Zeros would be memory that was given up.
                    if (inspector.Read() is { } snapshot && snapshot["Number"].ToString() != "1")
                        Environment.FailFast($"read {snapshot}");
                }
            }
            catch (ObjectDisposedException)
            {
                // As it has to be.
            }
        }
    }
}
