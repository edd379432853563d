namespace TypedShm.Growth.Tests;

/// <summary>Two processes, one compiled before a struct has grown, the other after.</summary>
public sealed class TwoVersions : IDisposable
{
    private const string Telemetry = nameof(Telemetry);
    private const string Padded = nameof(Padded);
    private const string Framed = nameof(Framed);
    private const string Changed = nameof(Changed);

    private readonly string _name = $"engine-{Guid.NewGuid():N}";
    private readonly List<Peer> _peers = [];

    public void Dispose() => _peers.ForEach(peer => peer.Dispose());

    [Theory]
    [InlineData(Telemetry, "7 14")]
    [InlineData(Padded, "7 7")]
    [InlineData(Framed, "7 7")]
    public void An_old_reader_reads_a_new_writer_by_reference(string type, string expected)
    {
        (Peer writer, Peer reader) = Connect("New", "Old", type);
        writer.Ask("write 7");
        Assert.Equal("signalled", reader.Ask("wait"));
        Assert.Equal("True", reader.Ask("by-reference"));
        Assert.Equal(expected, reader.Ask("value"));
        Assert.Equal(expected, reader.Ask("read"));
        Assert.Equal("True", reader.Ask("has Tick"));
        Assert.Equal(writer.Ask("inode"), reader.Ask("inode"));
    }

    [Theory]
    [InlineData(Telemetry, "7 14 0 ''")]
    [InlineData(Padded, "7 7 0")]
    [InlineData(Framed, "7 7 0")]
    public void A_new_reader_reads_an_old_writer_by_copy_and_what_is_absent_is_zero(string type, string expected)
    {
        (Peer writer, Peer reader) = Connect("Old", "New", type);
        writer.Ask("write 7");
        Assert.Equal("signalled", reader.Ask("wait"));
        Assert.Equal("False", reader.Ask("by-reference"));
        Assert.Equal(expected, reader.Ask("read"));
    }

    [Theory]
    [InlineData(Telemetry, "-1 NaN 0 ''")]
    [InlineData(Padded, "-1 -1 0")]
    [InlineData(Framed, "-1 -1 0")]
    public void What_is_absent_is_zero_whatever_the_old_writer_has_in_its_padding(string type, string expected)
    {
        (Peer writer, Peer reader) = Connect("Old", "New", type);
        writer.Ask("fill 255");
        Assert.Equal(expected, reader.Ask("read"));
    }

    [Theory]
    [InlineData(Telemetry, "Tick Rpm", "Faults Unit")]
    [InlineData(Padded, "Tick Low", "High")]
    [InlineData(Framed, "Tick Tail.One", "Tail Tail.Two")]
    public void A_reader_can_ask_which_fields_the_writer_has(string type, string present, string absent)
    {
        (_, Peer reader) = Connect("Old", "New", type);
        Assert.All(present.Split(' '), field => Assert.Equal("True", reader.Ask($"has {field}")));
        Assert.All(absent.Split(' '), field => Assert.Equal("False", reader.Ask($"has {field}")));

        using Peer other = GrowthPeer("New", type);
        string name = _name + "-new";
        other.Ask($"create {name}");
        using Peer equal = GrowthPeer("New", type);
        equal.Ask($"open {name}");
        Assert.All($"{present} {absent}".Split(' '), field => Assert.Equal("True", equal.Ask($"has {field}")));
    }

    [Fact]
    public void Asking_for_a_field_that_is_none_is_an_error()
    {
        (_, Peer reader) = Connect("Old", "New", Framed);
        string error = reader.AskInVain("has Tial");
        Assert.StartsWith("ArgumentException: 'Framed' has no field 'Tial'. It has: Tick, Tail.", error, StringComparison.Ordinal);
        Assert.Contains("'Tail' has: One, Two.", reader.AskInVain("has Tail.Three"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_reference_to_a_struct_that_is_too_short_is_an_error_that_says_what_to_do()
    {
        (_, Peer reader) = Connect("Old", "New", Telemetry);
        string error = reader.AskInVain("value");
        Assert.StartsWith("InvalidOperationException: ", error, StringComparison.Ordinal);
        Assert.Contains("16 bytes", error, StringComparison.Ordinal);
        Assert.Contains("56", error, StringComparison.Ordinal);
        Assert.Contains("Read()", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Old", "New")]
    [InlineData("New", "Old")]
    public void Any_other_difference_is_a_mismatch(string writerVersion, string readerVersion)
    {
        using Peer writer = GrowthPeer(writerVersion, Changed);
        using Peer reader = GrowthPeer(readerVersion, Changed);
        writer.Ask($"create {_name}");
        string error = reader.AskInVain($"open {_name}");
        Assert.StartsWith("LayoutMismatchException: ", error, StringComparison.Ordinal);
        Assert.Matches(@"\n \* +8 +Low (int32|float32) ", error);
        Assert.Matches(@"\n   +0 +Tick int64 ", error);
    }

    [Theory]
    [InlineData("Old", "New")]
    [InlineData("New", "Old")]
    public void Those_who_write_have_to_have_the_same_layout(string creatorVersion, string writerVersion)
    {
        using Peer creator = GrowthPeer(creatorVersion, Padded);
        using Peer writer = GrowthPeer(writerVersion, Padded);
        creator.Ask($"create-writable {_name}");
        string error = writer.AskInVain($"open-writable {_name}");
        Assert.StartsWith("LayoutMismatchException: ", error, StringComparison.Ordinal);
        Assert.Contains("enough for a reader; here both have to be the same", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Old", "New", "-1 -1 0", "False")]
    [InlineData("New", "Old", "-1 -1", "True")]
    public void What_several_may_write_can_be_read_by_another_version(
        string creatorVersion, string readerVersion, string expected, string byReference)
    {
        using Peer creator = GrowthPeer(creatorVersion, Padded);
        using Peer reader = GrowthPeer(readerVersion, Padded);
        creator.Ask($"create-writable {_name}");
        reader.Ask($"open {_name}");
        creator.Ask("fill 255");
        Assert.Equal(byReference, reader.Ask("by-reference"));
        Assert.Equal(expected, reader.Ask("read"));
    }

    [Fact]
    public void A_reader_follows_its_writer_through_an_update_and_back()
    {
        Peer reader = Start("New", Telemetry);
        Peer first = Start("Old", Telemetry);
        first.Ask($"create {_name}");
        reader.Ask($"open-reconnecting {_name}");
        first.Ask("write 1");
        Assert.Equal("1 2 0 ''", reader.Ask("read"));

        Hand(first, "New", "write 2", out Peer second);
        Assert.Equal("True", reader.Ask("by-reference"));
        Assert.Equal("True", reader.Ask("has Faults"));
        Assert.Equal("2 4 77 'rpm'", reader.Ask("value"));

        Hand(second, "Old", "write 3", out _);
        Assert.Equal("False", reader.Ask("by-reference"));
        Assert.Equal("False", reader.Ask("has Faults"));
        Assert.Equal("3 6 0 ''", reader.Ask("read"));
        Assert.StartsWith("InvalidOperationException", reader.AskInVain("value"), StringComparison.Ordinal);

        reader.Ask("dispose");
        Assert.StartsWith("ObjectDisposedException", reader.AskInVain("read"), StringComparison.Ordinal);
        Assert.StartsWith("ObjectDisposedException", reader.AskInVain("value"), StringComparison.Ordinal);

        void Hand(Peer last, string version, string command, out Peer next)
        {
            last.Ask("dispose");
            reader.Ask("await-state Closed");
            next = Start(version, Telemetry);
            next.Ask($"create {_name}");
            reader.Ask("await-state Connected");
            next.Ask(command);
        }
    }

    /// <summary>Starts another process, compiled before or after the structs have grown; see tests/GrowthPeer.</summary>
    /// <param name="version"><c>Old</c> or <c>New</c>.</param>
    /// <param name="type">The struct that it shares.</param>
    private static Peer GrowthPeer(string version, string type) =>
        Peer.Start(Path.Combine(AppContext.BaseDirectory, $"GrowthPeer.{version}.dll"), [type]);

    private Peer Start(string version, string type)
    {
        Peer peer = GrowthPeer(version, type);
        _peers.Add(peer);
        return peer;
    }

    private (Peer Writer, Peer Reader) Connect(string writerVersion, string readerVersion, string type)
    {
        Peer writer = Start(writerVersion, type);
        Peer reader = Start(readerVersion, type);
        writer.Ask($"create {_name}");
        reader.Ask($"open {_name}");
        return (writer, reader);
    }
}
