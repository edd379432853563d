using TypedShm.Interop;
using TypedShm.Memory;
using TypedShm.Rings;
using TypedShm.TestMessages;
using TypedShm.Transport;
using TypedShm.Waiting;
using Xunit;

namespace TypedShm.Channels.Tests;

public class LaneTests
{
    // Of a connection that has ended, zero pages are left.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_lane_is_read_to_its_end_however_long_ago_its_connection_ended(bool held)
    {
        (LaneWriter<Quote> writer, LaneReader<Quote> reader, WaiterTests.DeadLink link) = Make();
        for (int i = 0; i < 3; i++)
            Assert.True(writer.TryWrite(Quote.Of(i)));
        ulong position = held ? reader.Hold() : 0;
        link.Dispose();
        for (int i = held ? 1 : 0; i < 3; i++)
        {
            Assert.True(reader.TryTake(out Quote quote));
            Assert.Equal(i, quote.Number);
        }

        if (held)
            reader.Release(position);
        reader.DisposeWhenReleased();
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void A_lane_whose_writer_has_completed_it_and_gone_is_complete_also_if_it_was_full(int messages)
    {
        (LaneWriter<Quote> writer, LaneReader<Quote> reader, WaiterTests.DeadLink link) = Make();
        for (int i = 0; i < messages; i++)
            Assert.True(writer.TryWrite(Quote.Of(i)));
        Assert.True(writer.TryComplete(null));
        link.Dispose();
        for (int i = 0; i < messages; i++)
        {
            Assert.False(reader.IsOver(out _, out _));
            Assert.True(reader.TryTake(out _));
        }

        Assert.True(reader.IsOver(out SharedMemoryException? error, out bool completed));
        Assert.True(completed);
        Assert.Null(error);
        reader.DisposeWhenReleased();
    }

    [Fact]
    public void A_writer_may_ask_for_room_however_long_ago_its_connection_ended()
    {
        (LaneWriter<Quote> writer, _, WaiterTests.DeadLink link) = Make();
        writer.Suspend();
        link.Dispose();
        Assert.False(writer.TryWrite(Quote.Of(1)));
        Assert.Equal(PollResult.Pending, writer.PollSpace(1));
        writer.Close(new PeerGoneException("gone", wasClosed: false));
        Assert.Throws<PeerGoneException>(() => writer.TryWrite(Quote.Of(1)));
        Assert.Equal(PollResult.Completed, writer.PollSpace(1));
        writer.Lane.Dispose();
    }

    [Fact]
    public void A_claim_may_be_committed_however_long_ago_its_reader_went()
    {
        Lane lane = Lane.Create<Quote>("test", new MessageShape(4, 0, 16, PublishTimes: false));
        WaiterTests.DeadLink link = new(ControlWords.Create("test"), ControlWords.Create("test"), WaitAbilities.Parks);
        LaneWriter<Quote> writer = new(lane, Publisher.To(link));
        writer.Connect(link);
        Assert.True(writer.TryBegin(1));
        ulong claim = writer.ClaimNumber;
        link.Start(new WaiterTests.Handler(writer.Disconnect));
        writer.Suspend();
        link.Dispose();
        writer.CommitClaim(claim, 0);
        Assert.Equal(1u, writer.Written);
        lane.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_broadcast_says_how_it_ended_however_long_ago_that_was(bool cut)
    {
        WaiterTests.DeadLink link = new(ControlWords.Create("test"), ControlWords.Create("test"));
        Ring ring = Ring.Create<Quote>("test", new RingShape(new MessageShape(4, 0, 16, PublishTimes: false), true));
        RingReader<Quote> reader = new(ring, link, 0);
        link.Peer.Cut = cut ? 1u : 0;
        Assert.False(reader.IsOver(out _, out _));
        link.Start(new WaiterTests.Handler(reader.OnEnded));
        link.Dispose();
        Assert.True(reader.IsOver(out SharedMemoryException? error, out _));
        Assert.Equal(cut, error!.Message.Contains("cut", StringComparison.Ordinal));
        ring.Dispose();
    }

    private static (LaneWriter<Quote> Writer, LaneReader<Quote> Reader, WaiterTests.DeadLink Link) Make()
    {
        Lane lane = Lane.Create<Quote>("test", new MessageShape(4, 0, 16, PublishTimes: false));
        WaiterTests.DeadLink link = new(ControlWords.Create("test"), ControlWords.Create("test"));
        LaneWriter<Quote> writer = new(lane, new Publisher());
        writer.Connect(link);
        return (writer, new LaneReader<Quote>(lane, link, 0), link);
    }
}
