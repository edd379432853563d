using System.Globalization;
using TypedShm.TestMessages;
using Xunit;

namespace TypedShm.Channels.Tests.Producers;

/// <summary>Queues whose producers, or whose reader, are killed and started again: nothing is lost, and none comes twice unsaid.</summary>
public sealed class ResumeTests
{
    private const int Restarts = 8;

    private static readonly SharedQueueOptions s_small = new() { Capacity = 16 };
    private static readonly OpenOptions s_producer = new() { Producer = "shop", Reconnect = true, Timeout = Until.Patience };
    private static readonly Random s_random = new(11);

    private readonly string _name = NamesDirectory.NewName("resume");

    [Fact]
    public async Task A_producer_that_is_killed_again_and_again_loses_nothing_and_doubles_nothing()
    {
        using SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(_name, new() { Capacity = 64 });
        long next = 0;
        for (int i = 0; i < Restarts; i++)
        {
            using Peer producer = ChannelPeer.Start("produce", _name, "shop");
            long begun = long.Parse(producer.Read()!, CultureInfo.InvariantCulture);
            Assert.InRange(begun, next, next + 64);
            await Until.Holds(() => (next = ReadAll(reader, next)) > begun + 100, "the producer writes");
            await Task.Delay(s_random.Next(10));
            producer.Kill();

            // Every other time the successor comes while a lane full of messages of the one before has not been read.
            if (i % 2 == 0)
                await Until.Holds(() => (next = ReadAll(reader, next)) >= 0 && reader.Peers.Count == 0, "the death is noticed");
        }

        await Until.Holds(() => reader.Peers.Count == 0, "the last one is gone");
        next = ReadAll(reader, next);
        using SharedQueueWriter<Quote> last = SharedQueue.OpenWriter<Quote>(_name, s_producer);
        Assert.Equal(next, last.Position);
        Assert.Equal(next, reader.Position);
    }

    [Fact]
    public async Task A_reader_that_is_killed_again_and_again_gets_everything_and_is_told_what_came_before()
    {
        using SharedQueueWriter<Quote> writer = await Opened();
        using CancellationTokenSource enough = new();
        Task writes = Task.Factory.StartNew(
            () =>
            {
                while (!enough.IsCancellationRequested)
                    writer.Write(Quote.Of(writer.Position), enough.Token);
            },
            TaskCreationOptions.LongRunning);
        long seen = -1;
        int again = 0;
        for (int i = 0; i < Restarts; i++)
        {
            using Peer reader = ChannelPeer.Start("consume", _name);
            long until = seen + s_random.Next(20, 60);
            bool first = true;
            while (seen < until)
                seen = Check(reader.Read()!, seen, ref first, ref again);

            // What it has said before it was killed counts.
            reader.Kill();
            while (reader.Read() is { } line)
                seen = Check(line, seen, ref first, ref again);
            await Until.Holds(() => writer.State != ConnectionState.Connected, "the death is noticed");
        }

        // Whether any of those had a message when it was killed is a matter of chance; this one has.
        using Peer holder = ChannelPeer.Start("consume-one", _name);
        bool isHeldFirst = true;
        seen = Check(holder.Read()!, seen, ref isHeldFirst, ref again);
        holder.Kill();
        again = 0;
        await Until.Holds(() => writer.State != ConnectionState.Connected, "the last death is noticed");

        enough.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writes);
        Assert.Equal(0, writer.Lost);

        // The end is kept too.
        writer.Complete();
        using Peer last = ChannelPeer.Start("consume", _name);
        bool isFirst = true;
        string? said;
        while ((said = last.Read()) != "complete")
            seen = Check(said!, seen, ref isFirst, ref again);
        Assert.Equal(writer.Position - 1, seen);
        Assert.True(again > 0, "no message came again");
        last.Kill();
    }

    [Fact]
    public void What_a_producer_had_not_committed_was_never_there()
    {
        using SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(_name, s_small);
        using Peer half = ChannelPeer.Start("produce-half", _name, "shop");
        half.Expect("half");
        half.Kill();
        using SharedQueueWriter<Quote> writer = SharedQueue.OpenWriter<Quote>(_name, s_producer);
        Assert.Equal(3, writer.Position);
        writer.Write(Quote.Of(3));
        Assert.Equal(4, ReadAll(reader, 0));
    }

    [Fact]
    public async Task A_stopped_producer_keeps_its_name()
    {
        using SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(_name, s_small);
        using Peer producer = ChannelPeer.Start("produce", _name, "shop");
        producer.Expect("0");
        await producer.Stop();
        PeerRefusedException refused = Assert.Throws<PeerRefusedException>(() => SharedQueue.OpenWriter<Quote>(_name, s_producer));
        Assert.Equal(RefusalReason.ProducerInUse, refused.Reason);
        Assert.Contains($"{producer.Id}", refused.Message, StringComparison.Ordinal);
        Assert.Single(reader.Peers);
        producer.Kill();
        using SharedQueueWriter<Quote> writer = SharedQueue.OpenWriter<Quote>(_name, s_producer);
        Assert.InRange(writer.Position, 0, 16);
    }

    // A message is new if no reader has said it; one that is not new was marked.
    private static long Check(string line, long seen, ref bool first, ref int again)
    {
        string[] words = line.Split(' ');
        long number = long.Parse(words[0], CultureInfo.InvariantCulture);
        bool isRedelivery = words[1] == "again";
        again += isRedelivery && number <= seen ? 1 : 0;

        // A reader begins with the first message that was not given back, and misses none.
        if (!first)
            Assert.True(number <= seen + 1, $"message {number} came after {seen}");
        else
            Assert.InRange(number, 0, seen + 1);
        first = false;
        Assert.True(isRedelivery || number == seen + 1, $"'{line}' came after {seen}");
        return Math.Max(seen, number);
    }

    private static long ReadAll(SharedQueueReader<Quote> reader, long next)
    {
        while (reader.TryRead(out Quote quote))
        {
            Assert.True(quote.IsWhole);
            Assert.Equal(next++, quote.Number);
        }

        return next;
    }

    // Once it has been connected, it has a lane of its own.
    private async Task<SharedQueueWriter<Quote>> Opened()
    {
        using SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(_name, s_small);
        SharedQueueWriter<Quote> writer = SharedQueue.OpenWriter<Quote>(_name, s_producer);
        reader.Dispose();
        await Until.Holds(() => writer.State == ConnectionState.Closed, "the first reader is gone");
        return writer;
    }
}
