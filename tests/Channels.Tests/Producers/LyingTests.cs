using TypedShm.Channels;
using TypedShm.Memory;
using TypedShm.Rings;
using TypedShm.TestMessages;
using TypedShm.Transport;
using Xunit;

namespace TypedShm.Channels.Tests.Producers;

/// <summary>A producer that lies about its lane, and a reader that lies about what it has, hurt nobody but themselves.</summary>
public sealed class LyingTests
{
    private static readonly MessageShape s_shape = new(8, 0, 16, PublishTimes: false);
    private static readonly SharedQueueOptions s_small = new() { Capacity = 8 };
    private static readonly OpenOptions s_producer = new() { Producer = "shop" };

    [Theory]
    [InlineData(1ul, 0ul)]
    [InlineData(0ul, 9ul)]
    [InlineData(ulong.MaxValue, ulong.MaxValue)]
    [InlineData((1ul << 62) + 1, (1ul << 62) + 1)]
    [InlineData(0ul, ulong.MaxValue)]
    public void A_producer_whose_lane_cannot_stand_there_is_refused(ulong head, ulong delivered)
    {
        using SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(NamesDirectory.NewName("liar"), s_small);
        Assert.Throws<ProtocolException>(() => reader.Host!.Pair(Lying("shop", head, delivered)));
        Assert.Empty(reader.Peers);
        using SharedQueueWriter<Quote> honest = SharedQueue.OpenWriter<Quote>(reader.Name, s_producer);
        Assert.Equal(0, honest.Position);
        honest.Write(Quote.Of(0));
        Assert.Equal(0, reader.Read().Number);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(0)]
    public async Task A_producer_that_tells_another_story_than_the_reader_knows_is_refused(int head)
    {
        using SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(NamesDirectory.NewName("liar"), s_small);
        using (SharedQueueWriter<Quote> first = SharedQueue.OpenWriter<Quote>(reader.Name, s_producer))
        {
            for (int i = 0; i < (head == 0 ? 10 : 2); i++)
            {
                first.Write(Quote.Of(i));
                Assert.Equal(i, reader.Read().Number);
            }
        }

        await Until.Holds(() => reader.Host!.Inbox.LaneCount == 0 && reader.Position > 0, "all that the producer left was given back");
        Assert.Contains("two processes have used the name", Assert.Throws<ProtocolException>(
            () => reader.Host!.Pair(Lying("shop", (ulong)head, (ulong)head))).Message, StringComparison.Ordinal);
        using SharedQueueWriter<Quote> honest = SharedQueue.OpenWriter<Quote>(reader.Name, s_producer);
        Assert.Equal(head == 0 ? 10 : 2, honest.Position);
    }

    [Fact]
    public void A_writer_without_a_name_has_kept_nothing()
    {
        using SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(NamesDirectory.NewName("liar"), s_small);
        Assert.Throws<ProtocolException>(() => reader.Host!.Pair(Lying(null, 0, 0)));
    }

    [Fact]
    public void A_reader_that_wants_to_begin_where_nobody_comes_is_left()
    {
        ConnectRequest request = QueueWriterClient<Quote>.Request(EndpointName.Parse("@liar"), s_producer);
        using ReceivedRegions none = new([]);
        using Lane lane = Lane.Create<Quote>("test", s_shape);
        request.AttachReady(none, new ReadyMessage(1ul << 62, []), lane);
        Assert.Throws<ProtocolException>(() => request.AttachReady(none, new ReadyMessage((1ul << 62) + 1, []), lane));
    }

    [Theory]
    [InlineData(0ul, 0ul, 0ul, 0ul)]
    [InlineData(2ul, 1ul, 2ul, 2ul)]
    [InlineData(1ul, 3ul, 1ul, 3ul)]
    [InlineData(3ul, 4ul, 3ul, 3ul)]
    [InlineData(4ul, 2ul, 0ul, 2ul)]
    [InlineData(ulong.MaxValue, ulong.MaxValue, 0ul, 3ul)]
    public void Of_what_a_reader_says_only_what_can_be_is_noted(ulong head, ulong delivered, ulong notedHead, ulong notedDelivered)
    {
        (LaneWriter<Quote> writer, WaiterTests.DeadLink link) = Writer();
        Say(link, head, delivered);
        writer.Disconnect();
        Assert.Equal(new LanePosition(notedHead, notedDelivered), writer.Position);

        // Nothing goes backward.
        Say(link, 0, 0);
        writer.Disconnect();
        Assert.Equal(new LanePosition(notedHead, notedDelivered), writer.Position);
        writer.Lane.Dispose();
    }

    [Fact]
    public void The_next_reader_cannot_go_back_nor_beyond_what_is_written()
    {
        (LaneWriter<Quote> writer, WaiterTests.DeadLink link) = Writer();
        Say(link, 2, 2);
        writer.Disconnect();
        Assert.Throws<ProtocolException>(() => writer.CheckStart(1));
        Assert.Throws<ProtocolException>(() => writer.CheckStart(4));
        Assert.Throws<ProtocolException>(() => writer.CheckStart(ulong.MaxValue));
        writer.CheckStart(2);
        writer.CheckStart(3);

        // A handshake that broke off: the reader may have it all, and may read on until it is gone.
        writer.NoteOffered();
        Assert.Equal(new LanePosition(2, 3), writer.Position);
        Assert.True(writer.TryWrite(Quote.Of(3)));
        Assert.Equal(new LanePosition(2, 4), writer.Position);

        // The next one has said how far that was.
        writer.Resume(link, 3);
        Assert.True(writer.TryWrite(Quote.Of(4)));
        Assert.Equal(new LanePosition(3, 3), writer.Position);
        writer.Lane.Dispose();
    }

    [Fact]
    public void What_is_written_to_a_lane_after_it_was_taken_over_is_not_read()
    {
        (LaneWriter<Quote> writer, WaiterTests.DeadLink link) = Writer();
        LaneReader<Quote> reader = LaneReader<Quote>.OfProducer(writer.Lane, link, new LanePosition(0, 2));
        Assert.True(reader.IsRedelivery(1));
        Assert.False(reader.IsRedelivery(2));
        link.Dispose();
        Assert.True(reader.TryTake(out _));
        Assert.Equal(3ul, reader.EndHere());
        Assert.True(writer.TryWrite(Quote.Of(3)));
        Assert.True(reader.TryTake(out _));
        Assert.True(reader.TryTake(out Quote last));
        Assert.Equal(2, last.Number);
        Assert.False(reader.HasMessage);
        Assert.True(reader.IsOver(out _, out bool completed));
        Assert.False(completed);
        reader.DisposeWhenReleased();
    }

    [Theory]
    [InlineData("shop", true)]
    [InlineData("a.B-9_", true)]
    [InlineData("two words", false)]
    [InlineData("", false)]
    [InlineData("\0", false)]
    public void The_name_in_a_packet_is_checked(string name, bool isName)
    {
        byte[] packet = HandshakeCodec.Encode(new HelloMessage(ChannelKind.Queue, PeerRole.Writer, 0, []) { Producer = name });
        if (isName)
            Assert.Equal(name, HelloMessage.Decode(packet).Producer);
        else
            Assert.Throws<ProtocolException>(() => HelloMessage.Decode(packet));
    }

    [Fact]
    public void A_reader_knows_so_many_names_and_no_more()
    {
        using SharedQueueReader<Quote> reader =
            SharedQueue.CreateReader<Quote>(NamesDirectory.NewName("names"), new() { Capacity = 1, MaxPeers = 2_000 });
        for (int i = 0; i < 1024; i++)
            reader.Host!.Pair(Honest($"name-{i}")).Dispose();
        PeerRefusedException refused =
            Assert.Throws<PeerRefusedException>(() => SharedQueue.OpenWriter<Quote>(reader.Name, s_producer with { Producer = "another" }));
        Assert.Equal(RefusalReason.Full, refused.Reason);
        using SharedQueueWriter<Quote> known = SharedQueue.OpenWriter<Quote>(reader.Name, s_producer with { Producer = "name-7" });
        Assert.Equal(0, known.Position);
    }

    private static ConnectRequest Honest(string name) =>
        QueueWriterClient<Quote>.Request(EndpointName.Parse("@liar"), s_producer with { Producer = name });

    private static ConnectRequest Lying(string? name, ulong head, ulong delivered)
    {
        ConnectRequest honest = Honest("shop");
        return honest with
        {
            Producer = name is null ? null : honest.Producer,
            Attach = (received, welcome) => honest.Attach(received, welcome) with { Kept = new Liar(new LanePosition(head, delivered)) },
        };
    }

    private static (LaneWriter<Quote> Writer, WaiterTests.DeadLink Link) Writer()
    {
        LaneWriter<Quote> writer = LaneWriter<Quote>.OfProducer(Lane.Create<Quote>("test", s_shape), 0, isKept: true, isExact: false);
        WaiterTests.DeadLink link = new(ControlWords.Create("test"), ControlWords.Create("test"));
        writer.Resume(link, 0);
        for (int i = 0; i < 3; i++)
            Assert.True(writer.TryWrite(Quote.Of(i)));
        return (writer, link);
    }

    private static unsafe void Say(WaiterTests.DeadLink link, ulong head, ulong delivered)
    {
        *link.Peer.Head = head;
        link.Peer.Delivered = delivered;
    }

    private sealed record Liar(LanePosition Position) : IKeptLane
    {
        public void NoteOffered()
        {
        }
    }
}
