using TypedShm.TestMessages;
using Xunit;

namespace TypedShm.Channels.Tests.Broadcast;

/// <summary>A broadcast whose writer never waits.</summary>
public class LossyTests
{
    [Fact]
    public void Every_reader_sees_every_message_in_order_however_often_the_ring_wraps()
    {
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> first) =
            SharedBroadcast.CreatePair<Quote>(new() { Capacity = 8 });
        SharedBroadcastReader<Quote>[] readers = [first, writer.OpenReader(), writer.OpenReader()];
        for (int i = 0; i < 1000; i++)
        {
            int count = 1 + (i % 8);
            for (int k = 0; k < count; k++)
                writer.Write(Quote.Of((1000 * i) + k));
            foreach (SharedBroadcastReader<Quote> reader in readers)
            {
                for (int k = 0; k < count; k++)
                {
                    Assert.True(reader.TryRead(out Quote quote));
                    Assert.True(quote.IsWhole);
                    Assert.Equal((1000 * i) + k, quote.Number);
                }

                Assert.False(reader.TryRead(out _));
            }
        }

        Assert.All(readers, reader => Assert.Equal(0, reader.Lost));
        Assert.Equal(3, writer.Peers.Count);
        Close(writer, readers);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(64)]
    public void A_lapped_reader_learns_how_many_it_lost(int capacity)
    {
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> reader) =
            SharedBroadcast.CreatePair<Quote>(new() { Capacity = capacity });
        long number = 0;
        foreach (int burst in (int[])[capacity, capacity + 1, 3 * capacity, (100 * capacity) + 1, capacity])
        {
            for (int k = 0; k < burst; k++)
                writer.Write(Quote.Of(number++));
            long lostBefore = reader.Lost;
            long received = 0;
            while (reader.TryRead(out Quote quote, out long lost))
            {
                // A loss is reported with the message that follows it, and nowhere else.
                Assert.Equal(received == 0 ? reader.Lost - lostBefore : 0, lost);
                Assert.Equal(reader.Position - 1, quote.Number);
                received++;
            }

            Assert.Equal(burst, received + reader.Lost - lostBefore);
            Assert.Equal(burst <= capacity, reader.Lost == lostBefore);

            // Half of the ring is given up at most.
            Assert.True(received >= Math.Min(burst, capacity - (capacity / 2)));
        }

        Close(writer, reader);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(16)]
    public void Received_and_lost_make_up_the_final_count_under_a_writer_that_never_rests(int capacity)
    {
        const int Count = 300_000;
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> first) =
            SharedBroadcast.CreatePair<Quote>(new() { Capacity = capacity });
        SharedBroadcastReader<Quote>[] readers = [first, writer.OpenReader()];
        Thread writing = new(() =>
        {
            for (int i = 0; i < Count; i++)
                writer.Write(Quote.Of(i));
            writer.Complete();
        });
        long[] received = new long[readers.Length];
        Thread[] reading = [.. readers.Select((reader, index) => new Thread(() => received[index] = ReadAll(reader)))];
        foreach (Thread thread in reading)
            thread.Start();
        writing.Start();
        writing.Join();
        foreach (Thread thread in reading)
            thread.Join();

        for (int i = 0; i < readers.Length; i++)
        {
            Assert.Equal(Count, received[i] + readers[i].Lost);
            Assert.True(readers[i].Completion.IsCompletedSuccessfully);
        }

        Close(writer, readers);

        // -1 for a message that is not what it must be.
        static long ReadAll(SharedBroadcastReader<Quote> reader)
        {
            long received = 0;
            while (reader.WaitToRead())
            {
                while (reader.TryRead(out Quote quote))
                {
                    if (!quote.IsWhole || quote.Number != reader.Position - 1)
                        return -1;
                    received++;
                }
            }

            return received;
        }
    }

    [Fact]
    public void A_message_is_published_by_the_commit_of_its_claim_alone()
    {
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> reader) =
            SharedBroadcast.CreatePair<Quote>(new() { Capacity = 4 });
        using (BroadcastClaim<Quote> claim = writer.Claim())
        {
            claim.Value = Quote.Of(1);
            Assert.False(reader.TryRead(out _));
        }

        Assert.False(reader.TryRead(out _));
        using (BroadcastClaim<Quote> claim = writer.Claim())
        {
            claim.View.Number = 2;
            claim.Commit();
        }

        Assert.Equal(2, reader.Read().Number);
        Close(writer, reader);
    }

    [Fact]
    public void What_a_claim_that_was_given_up_had_overwritten_is_lost_and_counted()
    {
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> reader) =
            SharedBroadcast.CreatePair<Quote>(new() { Capacity = 4 });
        for (int i = 0; i < 4; i++)
            writer.Write(Quote.Of(i));
        using (BroadcastClaim<Quote> claim = writer.Claim())
            claim.Value = Quote.Of(-1);
        int received = 0;
        while (reader.TryRead(out Quote quote))
        {
            Assert.Equal(reader.Position - 1, quote.Number);
            received++;
        }

        Assert.Equal(4, received + reader.Lost);
        Assert.InRange(reader.Lost, 1, 2);
        writer.Write(Quote.Of(4));
        Assert.Equal(4, reader.Read().Number);
        writer.Complete();
        Assert.False(reader.WaitToRead());
        Close(writer, reader);
    }

    [Fact]
    public void A_claim_that_is_over_or_not_the_only_one_is_refused()
    {
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> reader) = SharedBroadcast.CreatePair<Quote>();
        BroadcastClaim<Quote> claim = writer.Claim();
        Assert.Throws<InvalidOperationException>(() => writer.TryWrite(Quote.Of(1)));
        Assert.Throws<InvalidOperationException>(() => writer.TryClaim(out _));
        Assert.Throws<InvalidOperationException>(() => writer.Complete());
        claim.Commit();
        claim.Dispose();
        InvalidOperationException? error = null;
        try
        {
            claim.Value = default;
        }
        catch (InvalidOperationException thrown)
        {
            error = thrown;
        }

        Assert.NotNull(error);
        Assert.True(writer.TryWrite(Quote.Of(1)));
        Close(writer, reader);
    }

    [Fact]
    public void A_lease_tells_whether_its_message_was_overwritten_meanwhile()
    {
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> reader) =
            SharedBroadcast.CreatePair<Quote>(new() { Capacity = 4, PayloadCapacity = 8, PublishTimes = true });
        writer.Write(Quote.Of(0), [1, 2, 3]);
        using (BroadcastLease<Quote> lease = reader.Lease())
        {
            Assert.Throws<InvalidOperationException>(() => reader.TryRead(out _));
            Assert.Equal(0, lease.View.Number);
            Assert.Equal([1, 2, 3], lease.Payload.ToArray());
            Assert.True(lease.Age >= TimeSpan.Zero);
            for (int i = 1; i < 4; i++)
                writer.Write(Quote.Of(i));
            Assert.True(lease.IsIntact);
            using BroadcastClaim<Quote> claim = writer.Claim();
            Assert.False(lease.IsIntact);
            claim.Commit();
        }

        Assert.Equal(1, reader.Lost);
        Assert.Equal(1, reader.Position);
        Assert.True(reader.TryRead(out Quote next));
        Assert.Equal(1, next.Number);
        Close(writer, reader);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public void A_message_that_was_read_in_place_is_lost_only_if_its_reader_was_told_so(bool asked, long lost)
    {
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> reader) =
            SharedBroadcast.CreatePair<Quote>(new() { Capacity = 2 });
        writer.Write(Quote.Of(0));
        using (BroadcastLease<Quote> lease = reader.Lease())
        {
            Assert.Equal(0, lease.Value.Number);
            if (asked)
                Assert.True(lease.IsIntact);
            writer.Write(Quote.Of(1));
            writer.Write(Quote.Of(2));
        }

        Assert.Equal(lost, reader.Lost);
        Assert.True(reader.TryRead(out Quote next));
        Assert.Equal(1, next.Number);
        Close(writer, reader);
    }

    [Fact]
    public void A_payload_travels_in_its_slot()
    {
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> reader) =
            SharedBroadcast.CreatePair<Quote>(new() { Capacity = 4, PayloadCapacity = 100, PayloadAlignment = 64 });
        using (BroadcastClaim<Quote> claim = writer.Claim())
        {
            claim.Value = Quote.Of(2);
            claim.PayloadAs<double>()[1] = 2.5;
            Assert.Equal(12, claim.PayloadAs<double>().Length);
            claim.Commit(16);
        }

        writer.Write(Quote.Of(3), [7, 8]);
        writer.Write(Quote.Of(4));
        Assert.Throws<ArgumentException>(() => writer.TryWrite(Quote.Of(5), new byte[101]));
        using (BroadcastLease<Quote> lease = reader.Lease())
        {
            Assert.Equal([0.0, 2.5], lease.PayloadAs<double>().ToArray());
            Assert.True(lease.IsIntact);
        }

        byte[] payload = new byte[100];
        Assert.Throws<ArgumentException>(() => reader.TryRead(out _, payload.AsSpan(0, 1), out _));
        Assert.True(reader.TryRead(out Quote quote, payload, out int length));
        Assert.Equal(3, quote.Number);
        Assert.Equal([7, 8], payload.AsSpan(0, length).ToArray());
        Assert.True(reader.TryRead(out _, payload, out length));
        Assert.Equal(0, length);
        Assert.False(reader.TryRead(out _, payload, out _));
        Close(writer, reader);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(false, 3)]
    [InlineData(false, 8)]
    [InlineData(true, 3)]
    [InlineData(true, 8)]
    public void Who_joins_late_gets_as_much_of_the_past_as_the_creator_gives(bool lossless, int history)
    {
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> early) =
            SharedBroadcast.CreatePair<Quote>(new() { Capacity = 8, History = history, Lossless = lossless });
        Assert.Equal(0, early.Start);
        for (int i = 0; i < 20; i++)
        {
            writer.Write(Quote.Of(i));
            early.Read();
        }

        using SharedBroadcastReader<Quote> late = writer.OpenReader();

        // A message may be in the making where the oldest stood; in a lossless broadcast nothing is promised that could be lost.
        int expected = lossless ? Math.Min(history, 7) : history;
        Assert.Equal(20 - expected, late.Start);
        for (int i = 20 - expected; i < 20; i++)
            Assert.Equal(i, late.Read().Number);
        Assert.False(late.TryRead(out _));
        writer.Write(Quote.Of(20));
        Assert.Equal(20, late.Read().Number);
        Assert.Equal(0, late.Lost);
        Close(writer, early);
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused()
    {
        SharedBroadcastOptions[] senseless =
        [
            new() { Capacity = 3 },
            new() { Capacity = 4, History = 5 },
            new() { History = -1 },
            new() { CutOffAfter = TimeSpan.FromSeconds(1) },
            new() { Lossless = true, CutOffAfter = TimeSpan.Zero },
        ];
        foreach (SharedBroadcastOptions options in senseless)
            Assert.Throws<ArgumentException>(() => SharedBroadcast.CreatePair<Quote>(options));
    }

    [Fact]
    public void Writing_and_reading_allocate_nothing()
    {
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> reader) =
            SharedBroadcast.CreatePair<Quote>(new() { Capacity = 16, PayloadCapacity = 16, PublishTimes = true });
        Round(1000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Round(10_000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Close(writer, reader);

        void Round(int count)
        {
            Span<byte> payload = stackalloc byte[16];
            for (int i = 0; i < count; i++)
            {
                writer.Write(Quote.Of(i), [1, 2, 3]);
                reader.TryRead(out _, payload, out _);
                for (int k = 0; k < 20; k++)
                    writer.Write(Quote.Of(k));
                while (reader.TryRead(out _))
                    continue;
                using (BroadcastClaim<Quote> claim = writer.Claim())
                    claim.Commit(3);
                using BroadcastLease<Quote> lease = reader.Lease();
                _ = lease.IsIntact;
            }
        }
    }

    private static void Close(SharedBroadcastWriter<Quote> writer, params SharedBroadcastReader<Quote>[] readers)
    {
        foreach (SharedBroadcastReader<Quote> reader in readers)
            reader.Dispose();
        writer.Dispose();
    }
}
