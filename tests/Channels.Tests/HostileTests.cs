using TypedShm.Memory;
using TypedShm.Rings;
using TypedShm.TestMessages;
using TypedShm.Transport;
using TypedShm.Waiting;
using Xunit;

namespace TypedShm.Channels.Tests;

/// <summary>A peer that writes what it likes into its own memory.</summary>
public sealed unsafe class HostileTests : IDisposable
{
    private const WaitAbilities Parks = WaitAbilities.Parks;

    private readonly PairLink _reader;
    private readonly PairLink _writer;
    private readonly Lane _lane = Lane.Create<Quote>("hostile", new MessageShape(4, 16, 8, PublishTimes: false));

    public HostileTests() => (_reader, _writer) = PairLink.Create("hostile", PeerRole.Writer, Parks, Parks);

    public void Dispose()
    {
        _reader.Dispose();
        _writer.Dispose();
        _lane.Dispose();
    }

    [Theory]
    [InlineData(1UL, 0UL)]
    [InlineData(3UL, 2UL)]
    [InlineData(0UL, 5UL)]
    [InlineData(0UL, ulong.MaxValue)]
    public void A_head_that_goes_backward_or_beyond_what_was_written_ends_the_connection(ulong honest, ulong hostile)
    {
        LaneWriter<Quote> writer = new(_lane, Publisher.To(_writer));
        writer.Connect(_writer);
        for (int i = 0; i < 4; i++)
            Assert.True(writer.TryWrite(Quote.Of(i)));
        *_reader.Own.Head = honest;
        for (ulong i = 0; i < honest; i++)
            Assert.True(writer.TryWrite(Quote.Of(4)));
        *_reader.Own.Head = hostile;
        Assert.Throws<ProtocolException>(() => writer.TryWrite(Quote.Of(5)));
        Assert.Throws<ProtocolException>(() => writer.TryWrite(Quote.Of(5)));
        Assert.True(_writer.HasEnded);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(2UL)]
    [InlineData(5UL)]
    [InlineData(ulong.MaxValue)]
    public void A_sequence_that_is_not_the_next_is_no_message(ulong sequence)
    {
        LaneReader<Quote> reader = new(_lane, _reader, 0);
        reader.Slots.SequenceOf(0) = sequence;
        Assert.False(reader.HasMessage);
        Assert.False(reader.TryTake(out _));
        Assert.False(reader.IsOver(out _, out _));
        reader.Slots.SequenceOf(0) = 1;
        Assert.True(reader.TryTake(out _));
    }

    [Fact]
    public void A_payload_that_is_longer_than_its_slot_ends_the_lane_but_not_the_queue()
    {
        (SharedQueueWriter<Quote> hostile, SharedQueueReader<Quote> reader) =
            SharedQueue.CreatePair<Quote>(new() { Capacity = 4, PayloadCapacity = 16 });
        using (hostile)
        using (reader)
        {
            using SharedQueueWriter<Quote> honest = hostile.AddLane();
            hostile.Write(Quote.Of(1));
            RegionHeader header = hostile.Region.Header;
            *(uint*)((byte*)hostile.Region.Address + header.DataOffset + header.Slot.LengthOffset) = 17;
            Assert.False(reader.TryLease(out _));
            honest.Write(Quote.Of(2), [3]);
            using Lease<Quote> lease = reader.Lease();
            Assert.Equal([3], lease.Payload.ToArray());
            Assert.Single(reader.Peers);
        }
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(3UL)]
    [InlineData(ulong.MaxValue)]
    public void A_final_count_that_is_not_what_was_written_is_a_fault(ulong count)
    {
        LaneReader<Quote> reader = new(_lane, _reader, 0);
        reader.Slots.SequenceOf(0) = 1;
        reader.Slots.SequenceOf(1) = 2;
        Assert.True(reader.TryTake(out _));
        Assert.True(reader.TryTake(out _));
        _lane.TotalCount = count;
        _lane.End = (ulong)CompletionState.Completed;
        Assert.True(reader.IsOver(out SharedMemoryException? error, out _));
        Assert.IsType<ProtocolException>(error);
    }

    [Fact]
    public void A_parked_word_that_changes_all_the_time_costs_at_most_a_wake_a_millisecond()
    {
        Publisher publisher = Publisher.To(_writer);
        ulong word = 0;
        long begun = Environment.TickCount64;
        for (ulong i = 1; i <= 100_000; i++)
        {
            *_reader.Own.Parked = ParkedWord.Next(*_reader.Own.Parked, onFutex: true, onSocket: false);
            publisher.Publish(ref word, i);
        }

        // 64, then one or two in each millisecond: the one that is due, and the one that was put off.
        Assert.InRange(publisher.Wakes, 64, 64 + (2 * (Environment.TickCount64 - begun + 2)));
    }

    [Fact]
    public void A_parking_is_answered_once()
    {
        Publisher publisher = Publisher.To(_writer);
        ulong word = 0;
        uint bell = *_writer.Own.Doorbell;
        *_reader.Own.Parked = ParkedWord.Next(*_reader.Own.Parked, onFutex: true, onSocket: false);
        for (ulong i = 1; i <= 100; i++)
            publisher.Publish(ref word, i);
        Assert.Equal(1, publisher.Wakes);
        Assert.Equal(bell + 1, *_writer.Own.Doorbell);
    }

    [Fact]
    public void No_two_words_share_a_cache_line_or_a_pair_of_lines()
    {
        int[] offsets = [ControlWords.HeadOffset, ControlWords.DeliveredOffset, ControlWords.ParkedOffset, ControlWords.DoorbellOffset,
            ControlWords.ClosedOffset, ControlWords.CutOffset];
        foreach (int one in offsets)
            Assert.Equal(1, offsets.Count(other => one / 128 == other / 128));
    }

    [Fact]
    public void A_version_that_goes_backward_or_runs_away_is_no_value()
    {
        (SharedStateWriter<Quote> writer, SharedStateReader<Quote> reader) = SharedState.CreatePair<Quote>();
        using (writer)
        using (reader)
        {
            writer.Write(Quote.Of(1));
            ref ulong version = ref *(ulong*)((byte*)writer.Region.Address + writer.Region.Header.ControlOffset);
            version = ulong.MaxValue;
            Assert.False(reader.TryRead(out _, out StateGeneration generation));
            Assert.Equal(0, generation.Version);
            Assert.False(reader.Lease().IsIntact);

            // A value that is in its cell, but that its writer takes back: it was never published.
            version = 1;
            ref ulong sequence =
                ref *(ulong*)((byte*)writer.Region.Address + writer.Region.Header.DataOffset + writer.Region.Header.Stride);
            Assert.Equal(2u, sequence);
            sequence = 2 * (1 + StateCells.CountIfSmall);
            Assert.False(reader.TryRead(out _, out _));
            StateLease<Quote> lease = reader.Lease();
            Assert.False(lease.IsIntact);
            version = 1 + StateCells.CountIfSmall;
            Assert.True(lease.IsIntact);
            sequence--;
            Assert.False(lease.IsIntact);
        }
    }
}
