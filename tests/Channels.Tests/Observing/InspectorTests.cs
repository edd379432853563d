using System.Text.Json;
using TypedShm.TestMessages;
using TypedShm.Transport;
using Xunit;

namespace TypedShm.Channels.Tests.Observing;

/// <summary>What an observer sees of a channel of another process, without its type.</summary>
public sealed class InspectorTests : ObserverTest
{
    [Theory]
    [InlineData("struct", ChannelKind.Struct, 1)]
    [InlineData("writable", ChannelKind.Struct, 1)]
    [InlineData("state", ChannelKind.State, 1)]
    [InlineData("table", ChannelKind.Table, 100)]
    [InlineData("live-table", ChannelKind.Table, 10)]
    [InlineData("queue", ChannelKind.Queue, 64)]
    [InlineData("inbox", ChannelKind.Queue, 64)]
    [InlineData("broadcast", ChannelKind.Broadcast, 1024)]
    [InlineData("call", ChannelKind.Call, 16)]
    public void A_channel_describes_itself(string kind, ChannelKind expected, int count)
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Offer(name, kind);

        using SharedInspector inspector = SharedInspector.Open(name);

        Assert.Equal((expected, count, name), (inspector.Kind, inspector.Count, inspector.Name));
        Assert.Equal(LayoutDescriptor.Of<Quote>().Fingerprint, inspector.Layout.Fingerprint);
        Assert.Equal(kind == "call" ? "Answer" : null, inspector.ResponseLayout?.Name);
        Assert.Equal(peer.Id, inspector.Owner!.ProcessId);
        Assert.True(inspector.IsConnected);
        Assert.Equal((kind is "struct" or "writable" or "live-table", kind == "writable"), (inspector.IsLive, inspector.PeersMayWrite));
    }

    [Theory]
    [InlineData("struct")]
    [InlineData("writable")]
    [InlineData("state")]
    [InlineData("table")]
    [InlineData("live-table")]
    public void Values_are_read_by_field_name(string kind)
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Offer(name, kind);
        using SharedInspector inspector = SharedInspector.Open(name);
        peer.Ask("7");

        SharedSnapshot seven = inspector.Read(kind.EndsWith("table", StringComparison.Ordinal) ? 7 : 0)!;

        Assert.Equal("7", seven["Number"].ToString());
        AssertWhole(seven);
        Assert.True(seven["Price"].TryGetNumber(out double price) && price == 7);
        Assert.Equal("Quote { Number = 7, Twice = 14, Price = 7, Square = 49, Spare = 0, Negative = -7 }", seven.ToString());
        Assert.Equal(["Number", "Twice", "Price", "Square", "Spare", "Negative"], seven.Fields.Select(field => field.Path));
        Assert.Equal(kind switch { "struct" or "state" or "table" or "live-table" => 7, _ => 0 }, seven.Number);
        Assert.Equal(kind == "state", seven.Age is { } age && age > TimeSpan.Zero);
        KeyNotFoundException missing = Assert.Throws<KeyNotFoundException>(() => seven["Nothing"]);
        Assert.Equal("There is no field 'Nothing': 'Quote' has the fields Number, Twice, Price, Square, Spare, Negative.", missing.Message);
    }

    [Fact]
    public void A_snapshot_is_written_as_JSON()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Offer(name, "state");
        using SharedInspector inspector = SharedInspector.Open(name);
        peer.Ask("3");
        using MemoryStream json = new();
        using (Utf8JsonWriter writer = new(json))
            inspector.Read()!.WriteTo(writer);

        JsonElement root = JsonDocument.Parse(json.ToArray()).RootElement;

        Assert.Equal((3, 9.0), (root.GetProperty("Number").GetInt64(), root.GetProperty("Square").GetDouble()));
    }

    [Fact]
    public void What_a_restless_writer_publishes_is_whole()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Offer(name, "state");
        using SharedInspector inspector = SharedInspector.Open(name);
        peer.Ask("hot");
        long last = 0;
        long begun = Environment.TickCount64;
        for (int i = 0; i < 20_000 || last < 20_000; i++)
        {
            Assert.True(Environment.TickCount64 - begun < Until.Patience.TotalMilliseconds, $"Only {last} values were seen.");
            if (inspector.Read() is not { } snapshot)
                continue;
            AssertWhole(snapshot);
            Assert.True(snapshot.Number >= last && NumberIn(snapshot, "Number") == snapshot.Number);
            last = snapshot.Number;
        }

        peer.Ask("");
    }

    [Fact]
    public async Task Messages_of_a_broadcast_are_seen_or_counted_as_lost()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Offer(name, "broadcast");
        using SharedInspector inspector = SharedInspector.Open(name);
        peer.Ask("hot");
        long position = inspector.FirstMessage;
        long seen = 0;
        long begun = Environment.TickCount64;
        while (seen < 5_000)
        {
            Assert.True(Environment.TickCount64 - begun < Until.Patience.TotalMilliseconds, $"Only {seen} messages were seen.");
            long wanted = position;
            if (!inspector.TryReadMessage(ref position, out SharedSnapshot? message))
                continue;
            AssertWhole(message);
            Assert.True(message.Number >= wanted && position == message.Number + 1);
            Assert.Equal(message.Number + 1, NumberIn(message, "Number"));
            Assert.Equal(message.Number + 1, BitConverter.ToInt64(message.Payload.Span));
            seen++;
        }

        long written = long.Parse(peer.Ask(""), null);
        await Until.Holds(() => !inspector.TryReadMessage(ref position, out _), "the last message was read");
        Assert.Equal((written, written), (position, inspector.Published));
    }

    [Theory]
    [InlineData("queue")]
    [InlineData("inbox")]
    public void Messages_of_a_queue_are_counted_and_not_shown(string kind)
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Offer(name, kind);
        using SharedInspector inspector = SharedInspector.Open(name);
        long position = 0;
        Assert.Throws<InvalidOperationException>(() => inspector.TryReadMessage(ref position, out _));
        Assert.Throws<InvalidOperationException>(() => inspector.Read());

        if (kind == "queue")
        {
            using SharedQueueReader<Quote> reader = SharedQueue.OpenReader<Quote>(name);
            peer.Ask("10");
            for (int i = 0; i < 4; i++)
                reader.Read();
            AssertCounts(inspector, 10, 4, 1);
        }
        else
        {
            using (SharedQueueWriter<Quote> first = SharedQueue.OpenWriter<Quote>(name))
            {
                for (int i = 0; i < 5; i++)
                    first.Write(Quote.Of(i));
                peer.Ask("5");
            }

            // The lane of one that is gone counts on.
            using SharedQueueWriter<Quote> second = SharedQueue.OpenWriter<Quote>(name);
            for (int i = 0; i < 64; i++)
                second.Write(Quote.Of(i));
            peer.Ask("3");
            AssertCounts(inspector, 69, 8, 1);
        }
    }

    [Fact]
    public void The_slowest_reader_of_a_lossless_broadcast_is_told()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Offer(name, "lossless");
        using SharedInspector inspector = SharedInspector.Open(name);
        using SharedBroadcastReader<Quote> fast = SharedBroadcast.Open<Quote>(name);
        using SharedBroadcastReader<Quote> slow = SharedBroadcast.Open<Quote>(name);
        peer.Ask("20");
        for (int i = 0; i < 20; i++)
            fast.Read();
        slow.Read();

        AssertCounts(inspector, 20, 1, 2);
    }

    [Fact]
    public async Task Calls_are_counted()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Offer(name, "call");
        using SharedInspector inspector = SharedInspector.Open(name);
        using SharedCallClient<Quote, Answer> client = SharedCall.Open<Quote, Answer>(name);
        Task<Answer>[] calls = [.. Enumerable.Range(0, 3).Select(i => client.CallAsync(Quote.Of(i)).AsTask())];
        peer.Ask("2");

        AssertCounts(inspector, 3, 2, 1);
        peer.Ask("1");
        await Until.Soon(Task.WhenAll(calls));
    }

    private static void AssertCounts(SharedInspector inspector, long written, long read, int peers)
    {
        SharedCounts counts = inspector.ReadCounts()!;
        Assert.Equal((written, read, written - read, peers), (counts.Written, counts.Read, counts.Depth, counts.Peers));
    }
}
