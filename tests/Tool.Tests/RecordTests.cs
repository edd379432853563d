using System.Diagnostics;
using System.Text.Json;
using Apache.Arrow;
using Apache.Arrow.Arrays;
using Apache.Arrow.Types;
using TypedShm.TestKit;
using Xunit;

namespace TypedShm.Tool.Tests;

/// <summary><c>record</c>: what is in the file, and that it is whole whatever becomes of the recorder.</summary>
public sealed class RecordTests
{
    [Fact]
    public async Task Messages_are_rows_with_their_payloads_and_the_schema_describes_the_channel()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "broadcast");
        peer.Ask("40");

        string path = await Recordings.Of(name, 40);

        (Schema schema, RecordBatch[] batches) = Recordings.Read(path);
        Assert.Equal(
            ["_received", "_sequence", "_lost", "Number", "Twice", "Price", "Square", "Spare", "Negative", "_payload"],
            schema.FieldsList.Select(field => field.Name));
        Assert.Equal(("broadcast", name, "1024", "16", "false"),
            (schema.Metadata["typedshm.kind"], schema.Metadata["typedshm.name"], schema.Metadata["typedshm.count"],
                schema.Metadata["typedshm.payload_capacity"], schema.Metadata["typedshm.publish_times"]));
        JsonElement layout = Assert.Single((await Command.Run("layout", name, "--json")).Objects);
        Assert.Equal(layout.GetProperty("fingerprint").GetString(), schema.Metadata["typedshm.fingerprint"]);
        Assert.Equal("Quote", JsonDocument.Parse(schema.Metadata["typedshm.layout"]).RootElement.GetProperty("name").GetString());
        RecordBatch batch = Assert.Single(batches);
        Assert.Equal(Enumerable.Range(0, 40).Select(i => (long)i), Recordings.Numbers(path, "_sequence"));
        Assert.Equal(Enumerable.Range(1, 40).Select(i => (long)i * i), Recordings.Numbers(path, "Square"));
        Assert.All(Recordings.Numbers(path, "_lost"), lost => Assert.Equal(0, lost));
        Assert.Equal(1.0, ((DoubleArray)batch.Column("Price")).GetValue(0));
        Assert.Equal(BitConverter.GetBytes(40L), ((BinaryArray)batch.Column("_payload")).GetBytes(39).ToArray());
        DateTimeOffset received = ((TimestampArray)batch.Column("_received")).GetTimestamp(0)!.Value;
        Assert.True((DateTimeOffset.UtcNow - received).Duration() < TimeSpan.FromHours(1), $"received at {received:O}");
    }

    [Fact]
    public async Task Each_kind_of_field_has_a_type_that_others_know()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "everything");
        peer.Ask("3");

        (Schema schema, RecordBatch[] batches) = Recordings.Read(await Recordings.Of(name, 3));

        RecordBatch batch = Assert.Single(batches);
        Assert.Equal(ArrowTypeId.Timestamp, schema.GetFieldByName("_published").DataType.TypeId);
        Assert.Equal([true, false, true], Enumerable.Range(0, 3).Select(i => ((BooleanArray)batch.Column("Bool")).GetValue(i)!.Value));
        Assert.Equal(new DateOnly(1969, 12, 25), ((Date32Array)batch.Column("Date")).GetDateOnly(0));
        Assert.Equal("-9228162515.123456780", ((StringArray)batch.Column("Decimal")).GetString(0));
        Assert.Equal("\"Zoë\", 2", ((StringArray)batch.Column("Text")).GetString(1));
        Assert.Equal("""{"Red":0,"Green":1,"Blue":-1}""", schema.GetFieldByName("Colour").Metadata["typedshm.enum"]);
        Assert.Equal(TimeSpan.FromTicks(-1_234_568), ((DurationArray)batch.Column("Span")).GetTimeSpan(0));
        FixedSizeListArray vectors = (FixedSizeListArray)batch.Column("Vector3");
        Assert.Equal([1.25f, 1, 2, 2.25f, 1, 2, 3.25f, 1, 2], ((FloatArray)vectors.Values).Values.ToArray());
        StructArray inner = (StructArray)batch.Column("Inner");
        Assert.Equal("in 3", ((StringArray)inner.Fields[1]).GetString(2));
        StructArray inners = (StructArray)((FixedSizeListArray)batch.Column("Inners")).Values;
        Assert.Equal([1, 2, 2, 3, 3, 4], ((Int32Array)inners.Fields[0]).Values.ToArray());
        Assert.Equal(new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
            new Guid(((FixedSizeBinaryArray)batch.Column("Guid")).GetBytes(0), bigEndian: true));
    }

    [Theory]
    [InlineData("state")]
    [InlineData("table")]
    [InlineData("struct")]
    public async Task Values_are_rows_and_what_was_overwritten_is_counted(string kind)
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, kind);
        peer.Ask("7");

        string path = await Recordings.Of(name, 1);

        long expected = kind == "table" ? 1 : 7;
        Assert.Equal([expected], Recordings.Numbers(path, "Number"));
        if (kind == "state")
            Assert.Equal([7L, 6L], [.. Recordings.Numbers(path, "_sequence"), .. Recordings.Numbers(path, "_lost")]);
        Assert.Equal(kind == "table", Recordings.Read(path).Schema.GetFieldByName("_element") is not null);
    }

    [Fact]
    public async Task A_recording_is_whole_while_it_grows_and_when_its_recorder_is_killed()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "broadcast");
        peer.Ask("hot");
        long last = 0;
        for (int i = 0; i < 8; i++)
        {
            string path = Recordings.NewPath();
            using Process recorder = Command.Start("record", name, "-o", path);
            long read = 0;
            await Until.Holds(() => File.Exists(path) && (read = CheckWhole(path)) > 1000 * (i + 1));

            recorder.Kill();
            await Until.Soon(recorder.WaitForExitAsync());

            long left = CheckWhole(path);
            Assert.True(left >= read, $"{left} rows were left of a recording of which {read} were read before");
            last = left;
        }

        Assert.True(last > 0);
        peer.Ask("1");
    }

    [Fact]
    public async Task A_recorder_ends_with_its_channel_or_when_it_is_told_to()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "broadcast");
        peer.Ask("5");
        (string interrupted, string orphaned, string timed) = (Recordings.NewPath(), Recordings.NewPath(), Recordings.NewPath());
        using Process first = Command.Start("record", name, "-o", interrupted, "--from-start");
        using Process second = Command.Start("record", name, "-o", orphaned, "--from-start", "--json");
        await Until.Holds(() => File.Exists(interrupted) && Recordings.Numbers(interrupted, "Number").Length == 5);
        await Until.Holds(() => File.Exists(orphaned) && Recordings.Numbers(orphaned, "Number").Length == 5);

        // What was there before the time was over is recorded, however short it was.
        Outcome third = await Command.Run("record", name, "-o", timed, "--from-start", "--duration", "0.000001");
        Command.Interrupt(first);
        Outcome stopped = await Command.End(first);
        peer.Kill();
        Outcome ended = await Command.End(second);

        Assert.Equal((0, 0, 0), (third.ExitCode, stopped.ExitCode, ended.ExitCode));
        Assert.StartsWith($"{interrupted}: 5 rows, 0 lost, ", stopped.Output, StringComparison.Ordinal);
        Assert.Equal(5, ended.Objects[^1].GetProperty("rows").GetInt64());
        Assert.True(ended.Objects[^1].GetProperty("over").GetBoolean());
        Assert.Equal(5, Recordings.Numbers(timed, "Number").Length);
    }

    [Fact]
    public async Task A_recording_has_at_most_the_size_that_it_may_have_and_a_batch()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "broadcast");
        peer.Ask("hot");
        string path = Recordings.NewPath();

        Outcome outcome = await Command.Run("record", name, "-o", path, "--max-size", "3M");

        peer.Ask("1");
        Assert.Equal(0, outcome.ExitCode);
        Assert.InRange(new FileInfo(path).Length, 3L << 20, 5L << 20);
        CheckWhole(path);
    }

    [Fact]
    public async Task A_file_that_is_there_is_replaced_only_if_that_is_wanted()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "broadcast");
        peer.Ask("2");
        string path = Recordings.NewPath();
        await File.WriteAllTextAsync(path, "mine");

        Outcome refused = await Command.Run("record", name, "-o", path, "--from-start", "--count", "2");

        Assert.Equal((1, "mine"), (refused.ExitCode, await File.ReadAllTextAsync(path)));
        Assert.Contains("--force", refused.Errors, StringComparison.Ordinal);
        Assert.Equal(0, (await Command.Run("record", name, "-o", path, "--from-start", "--count", "2", "--force")).ExitCode);
        Assert.Equal(2, Recordings.Numbers(path, "Number").Length);
    }

    [Theory]
    [InlineData(1, "queue")]
    [InlineData(1, "call")]
    [InlineData(4, "nobody")]
    public async Task What_cannot_be_seen_cannot_be_recorded(int code, string kind)
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, kind);
        string path = Recordings.NewPath();

        Assert.Equal(code, (await Command.Run("record", name, "-o", path)).ExitCode);
        Assert.False(File.Exists(path));
    }

    [Theory]
    [InlineData(2, "record", "name")]
    [InlineData(2, "record", "name", "-o", "file", "--max-size", "much")]
    [InlineData(2, "record", "name", "-o", "file", "--duration", "0")]
    [InlineData(3, "record", "not-there", "-o", "file")]
    public async Task Wrong_usage_and_missing_channels_have_their_exit_codes(int code, params string[] arguments) =>
        Assert.Equal(code, (await Command.Run(arguments)).ExitCode);

    // Each row is one message, whole, and those between were counted as lost.
    private static long CheckWhole(string path)
    {
        long rows = 0;
        long next = -1;
        foreach (RecordBatch batch in Recordings.Read(path).Batches)
        {
            using (batch)
            {
                for (int i = 0; i < batch.Length; i++)
                {
                    long Value(string column) => ((Int64Array)batch.Column(column)).GetValue(i)!.Value;
                    long number = Value("Number");
                    Assert.Equal((2 * number, number * number, -number), (Value("Twice"), Value("Square"), Value("Negative")));
                    Assert.Equal(number - 1, Value("_sequence"));
                    if (next >= 0)
                        Assert.Equal(number - 1, next + Value("_lost"));
                    next = number;
                }

                rows += batch.Length;
            }
        }

        return rows;
    }
}
