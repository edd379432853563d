namespace TypedShm.Growth.Tests;

/// <summary>Two processes on a channel, one compiled before its struct has grown, the other after.</summary>
public sealed class ChannelVersions : IDisposable
{
    private const string Telemetry = nameof(Telemetry);
    private const string Padded = nameof(Padded);
    private const string Framed = nameof(Framed);
    private const string Queue = nameof(Queue);

    private readonly string _name = $"engine-{Guid.NewGuid():N}";
    private readonly List<Peer> _peers = [];

    /// <summary>Every kind of channel that has readers, with each of its ways to lay its memory out.</summary>
    public static TheoryData<string> Kinds => ["State", "TimedState", "Table", "LiveTable", Queue, "WritersQueue", "Broadcast", "Lossless"];

    public static TheoryData<string> KindsOfMessages => [Queue, "WritersQueue", "Broadcast", "Lossless"];

    public static TheoryData<string> KindsOfValues => ["State", "TimedState", "Table", "LiveTable"];

    public void Dispose() => _peers.ForEach(peer => peer.Dispose());

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_old_reader_reads_a_new_writer_in_place(string kind)
    {
        (Peer writer, Peer reader) = Connect(kind, "New", "Old", Telemetry);
        Assert.Equal("True", reader.Ask("by-reference"));
        Assert.Equal("True", reader.Ask("has Tick"));

        // More of them than there are cells or slots, so that each is used again.
        for (int number = 1; number <= 20; number++)
        {
            writer.Ask($"write {number}");
            Assert.Equal(Of(kind, $"{number} {2 * number}", number), reader.Ask(number % 2 == 0 ? "read" : "lease"));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_new_reader_reads_an_old_writer_by_copy_and_what_is_absent_is_zero(string kind)
    {
        (Peer writer, Peer reader) = Connect(kind, "Old", "New", Telemetry);
        Assert.Equal("False", reader.Ask("by-reference"));
        Assert.Equal("True", reader.Ask("has Rpm"));
        Assert.Equal("False", reader.Ask("has Faults"));
        for (int number = 1; number <= 20; number++)
        {
            writer.Ask($"write {number}");
            Assert.Equal(Of(kind, $"{number} {2 * number} 0 ''", number), reader.Ask("read"));
        }
    }

    [Theory]
    [InlineData("State", Padded, "7 7 0")]
    [InlineData("Table", Framed, "7 7 0")]
    [InlineData("Queue", Padded, "7 7 0")]
    [InlineData("Broadcast", Framed, "7 7 0")]
    public void A_struct_may_have_grown_within_its_size(string kind, string type, string expected)
    {
        (Peer writer, Peer reader) = Connect(kind, "Old", "New", type);
        writer.Ask("write 7");
        Assert.Equal(Of(kind, expected, 7), reader.Ask("read"));
        Assert.Equal("False", reader.Ask("by-reference"));
    }

    [Theory]
    [MemberData(nameof(KindsOfValues))]
    public void What_an_old_writer_writes_is_not_leased(string kind)
    {
        (Peer writer, Peer reader) = Connect(kind, "Old", "New", Telemetry);
        writer.Ask("write 7");
        AssertNoReference(reader.AskInVain("lease"));
        if (kind == "LiveTable")
            AssertNoReference(reader.AskInVain("element"));
        Assert.Equal("7 14 0 ''", reader.Ask("read"));
    }

    [Theory]
    [MemberData(nameof(KindsOfMessages))]
    public async Task A_message_of_an_old_writer_is_leased_for_its_payload(string kind)
    {
        (Peer writer, Peer reader) = Connect(kind, "Old", "New", Telemetry);
        writer.Ask("write 7");
        writer.Ask("write 8");
        writer.Ask("write 9");
        Assert.Equal("7 14 0 ''", reader.Ask("peek"));
        AssertNoReference(reader.AskInVain("lease"));
        Assert.Equal("8", reader.Ask("lease-payload"));
        Assert.Equal("9 18 0 ''", reader.Ask("read-plain"));
        Task<string> later = reader.Begin("read-async");
        writer.Ask("write 10");
        Assert.Equal("10 20 0 ''", await later);
    }

    [Theory]
    [InlineData("Old", "New", "7 14 0 '', 8 16 0 ''")]
    [InlineData("New", "Old", "7 14, 8 16")]
    public void Messages_are_copied_out_of_a_batch(string writerVersion, string readerVersion, string expected)
    {
        (Peer writer, Peer reader) = Connect(Queue, writerVersion, readerVersion, Telemetry);
        writer.Ask("write 7");
        writer.Ask("write 8");
        Assert.Equal(expected, reader.Ask("batch 2"));
        writer.Ask("write 9");
        if (readerVersion == "New")
            AssertNoReference(reader.AskInVain("hold"));
        else
            Assert.Equal("9 18 with 9", reader.Ask("hold"));
    }

    [Fact]
    public async Task A_queue_takes_writers_of_both_versions_at_once()
    {
        Peer reader = Start("New", Telemetry, Queue);
        reader.Ask($"reader {_name}");
        Assert.Equal("True", reader.Ask("has Faults"));
        Peer old = Start("Old", Telemetry, Queue);
        Peer young = Start("New", Telemetry, Queue);
        old.Ask($"writer {_name}");
        young.Ask($"writer {_name}");
        Assert.Equal("False", reader.Ask("by-reference"));
        Assert.Equal("False", reader.Ask("has Faults"));

        for (int number = 1; number <= 10; number++)
        {
            old.Ask($"write {number}");
            Assert.Equal($"{number} {2 * number} 0 '' False", reader.Ask("read-of Faults"));
            young.Ask($"write {number}");
            Assert.Equal($"{number} {2 * number} 77 'rpm' True", reader.Ask("read-of Faults"));
        }

        old.Ask("dispose");
        await Until.Holds(() => reader.Ask("by-reference") == "True", "the lane of the old writer is gone");
        Assert.Equal("True", reader.Ask("has Faults"));
        Assert.StartsWith("ArgumentException: 'Telemetry' has no field 'Fault'.", reader.AskInVain("has Fault"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("State")]
    [InlineData("Table")]
    [InlineData("Broadcast")]
    public void A_reader_follows_its_writer_through_an_update_and_back(string kind)
    {
        Peer writer = Start("Old", Telemetry, kind);
        Peer reader = Start("New", Telemetry, kind);
        writer.Ask($"writer {_name}");
        reader.Ask($"reader {_name}");
        writer.Ask("write 1");
        Assert.Equal(Of(kind, "1 2 0 ''", 1), reader.Ask("read"));

        Hand("New");
        writer.Ask("write 2");
        Assert.Equal(Of(kind, "2 4 77 'rpm'", 2), reader.Ask("lease"));
        Assert.Equal("True", reader.Ask("by-reference"));
        Assert.Equal("True", reader.Ask("has Faults"));

        Hand("Old");
        writer.Ask("write 3");
        Assert.Equal(Of(kind, "3 6 0 ''", 3), reader.Ask("read"));
        Assert.Equal("False", reader.Ask("has Faults"));

        void Hand(string version)
        {
            writer.Ask("dispose");
            reader.Ask("await-state Closed");
            writer = Start(version, Telemetry, kind);
            writer.Ask($"writer {_name}");
            reader.Ask("await-state Connected");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Any_other_difference_is_a_mismatch(string kind)
    {
        Peer reader = Start("New", nameof(Changed), kind);
        Peer writer = Start("Old", nameof(Changed), kind);
        (Peer creates, string created, Peer opens, string opened) =
            kind == Queue ? (reader, "reader", writer, "writer") : (writer, "writer", reader, "reader");
        creates.Ask($"{created} {_name}");
        Assert.StartsWith("LayoutMismatchException: ", opens.AskInVain($"{opened} {_name}"), StringComparison.Ordinal);
    }

    private static string Changed => nameof(Changed);

    // A message comes with a payload.
    private static string Of(string kind, string value, long number) => KindsOfMessages.Contains(kind) ? $"{value} with {number}" : value;

    private static void AssertNoReference(string error)
    {
        Assert.StartsWith("InvalidOperationException: There is no reference", error, StringComparison.Ordinal);
        Assert.Contains("16 bytes", error, StringComparison.Ordinal);
        Assert.Contains("56", error, StringComparison.Ordinal);
    }

    private Peer Start(string version, string type, string kind)
    {
        Peer peer = Peer.Start(Path.Combine(AppContext.BaseDirectory, $"GrowthPeer.{version}.dll"), [type, kind]);
        _peers.Add(peer);
        return peer;
    }

    // Whoever owns the name comes first.
    private (Peer Writer, Peer Reader) Connect(string kind, string writerVersion, string readerVersion, string type)
    {
        Peer writer = Start(writerVersion, type, kind);
        Peer reader = Start(readerVersion, type, kind);
        if (kind == Queue)
            reader.Ask($"reader {_name}");
        writer.Ask($"writer {_name}");
        if (kind != Queue)
            reader.Ask($"reader {_name}");
        return (writer, reader);
    }
}
