using System.Diagnostics;
using System.Text;
using System.Text.Json;
using TypedShm.TestKit;
using Xunit;

namespace TypedShm.Tool.Tests;

/// <summary><c>replay</c> and <c>export</c>: what was recorded is what comes back.</summary>
public sealed class ReplayTests
{
    private const int Rows = 20;

    [Theory]
    [InlineData("broadcast")]
    [InlineData("everything")]
    [InlineData("state")]
    [InlineData("table")]
    [InlineData("live-table")]
    [InlineData("writable")]
    public async Task What_is_recorded_replayed_and_recorded_again_is_the_same(string kind)
    {
        string name = NamesDirectory.NewName();
        string first = Recordings.NewPath();
        int rows;
        using (Peer peer = Command.Offer(name, kind))
        {
            peer.Ask($"{Rows}");
            rows = kind switch
            {
                "live-table" => 10,
                "state" or "writable" => 1,
                _ => Rows,
            };
            first = await Recordings.Of(name, rows);
        }

        using Process replay = Command.Start("replay", first, "--as-fast-as-possible", "--keep", "--json");
        JsonElement line;
        do
            line = JsonDocument.Parse((await Until.Soon(replay.StandardOutput.ReadLineAsync()))!).RootElement;
        while (!line.GetProperty("over").GetBoolean());
        Assert.Equal(rows, line.GetProperty("rows").GetInt32());
        string second = await Recordings.Of(name, rows);
        Command.Interrupt(replay);
        Assert.Equal(0, (await Command.End(replay)).ExitCode);

        string[] one = await Values(first);
        Assert.Equal(rows, one.Length);
        Assert.Equal(one, await Values(second));
    }

    [Fact]
    public async Task A_typed_reader_opens_what_is_replayed()
    {
        string name = NamesDirectory.NewName();
        string path;
        using (Peer peer = Command.Offer(name, "broadcast"))
        {
            peer.Ask("30");
            path = await Recordings.Of(name, 30);
        }

        using Process replay = Command.Start("replay", path, "--wait", "--speed", "1000", "--json");
        using Peer reader = Peer.Start(Command.PeerAssembly, ["read-broadcast", name]);

        reader.Expect("= 1 to 30, whole, payloads of 8");
        Assert.Equal(0, (await Command.End(replay)).ExitCode);
    }

    [Fact]
    public async Task Rows_come_at_the_recorded_pace_or_faster()
    {
        string name = NamesDirectory.NewName();
        string path = Recordings.NewPath();
        using (Peer peer = Command.Offer(name, "broadcast"))
        {
            using Process recorder = Command.Start("record", name, "-o", path, "--count", "2");
            await Until.Holds(() => File.Exists(path));
            peer.Ask("1");
            await Task.Delay(TimeSpan.FromSeconds(1));
            peer.Ask("1");
            Assert.Equal(0, (await Command.End(recorder)).ExitCode);
        }

        async Task<double> Seconds(params string[] pace) => Assert.Single((await Command.Run(["replay", path, "--json", .. pace])).Objects,
            line => line.GetProperty("over").GetBoolean()).GetProperty("seconds").GetDouble();

        // A second lay between them, and a machine that is busy is only slower.
        Assert.True(await Seconds() >= 0.9);
        Assert.True(await Seconds("--speed", "4") >= 0.2);
        Assert.True(await Seconds("--as-fast-as-possible") < 0.9);
    }

    [Fact]
    public async Task Csv_is_that_of_the_rfc()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "everything");
        peer.Ask("2");

        Outcome csv = await Command.Run("export", await Recordings.Of(name, 2), "--csv");

        Assert.Equal(0, csv.ExitCode);
        Assert.EndsWith("\r\n", csv.Output, StringComparison.Ordinal);
        List<string[]> lines = Parse(csv.Output);
        Assert.Equal(3, lines.Count);
        Assert.All(lines, line => Assert.Equal(lines[0].Length, line.Length));
        Dictionary<string, string> row = lines[0].Zip(lines[1]).ToDictionary(cell => cell.First, cell => cell.Second);
        Assert.Equal("\"Zoë\", 1", row["Text"]);
        Assert.Equal("Green", row["Colour"]);
        Assert.Equal("in 1", row["Inner.Name"]);
        Assert.Equal("2", row["Inners[1].Number"]);
        Assert.Equal("[0,1,2,3,4]", row["Numbers"]);
        Assert.Equal("[1.25,1,2]", row["Vector3"]);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$", row["_published"]);
    }

    [Fact]
    public async Task What_is_no_recording_is_said_to_be_none()
    {
        string text = Recordings.NewPath();
        await File.WriteAllTextAsync(text, "no recording, but long enough for a length of a message");
        string empty = Recordings.NewPath();
        await File.WriteAllTextAsync(empty, "");

        foreach (string path in (string[])[text, empty])
        {
            foreach (string verb in (string[])["replay", "export"])
            {
                Outcome outcome = await Command.Run(verb, path);
                Assert.Equal(1, outcome.ExitCode);
                Assert.StartsWith($"typedshm: '{path}' ", outcome.Errors, StringComparison.Ordinal);
            }
        }

        Assert.Equal(3, (await Command.Run("replay", $"{text}-not-there")).ExitCode);
        Assert.Equal(2, (await Command.Run("replay", text, "--speed", "0")).ExitCode);
        Assert.Equal(2, (await Command.Run("export", text, "--csv", "--json")).ExitCode);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_not_replayed_into()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "state");
        peer.Ask("1");
        string path = await Recordings.Of(name, 1);

        Outcome taken = await Command.Run("replay", path);

        Assert.Equal(1, taken.ExitCode);
        Assert.Contains($"process {peer.Id}", taken.Errors, StringComparison.Ordinal);
        Assert.Equal(0, (await Command.Run("replay", path, "--name", NamesDirectory.NewName())).ExitCode);
    }

    // Fields and payloads; numbers and times are those of the channel that was recorded.
    private static async Task<string[]> Values(string path) => [.. (await Command.Run("export", path, "--json")).Objects.Select(row =>
        $"{(row.TryGetProperty("element", out JsonElement element) ? element.GetRawText() : "")} {row.GetProperty("value").GetRawText()} "
            + $"{(row.TryGetProperty("payload", out JsonElement payload) ? payload.GetString() : "")}")];

    private static List<string[]> Parse(string csv)
    {
        List<string[]> lines = [];
        List<string> cells = [];
        StringBuilder cell = new();
        bool isQuoted = false;
        for (int i = 0; i < csv.Length; i++)
        {
            if (isQuoted && csv[i] == '"' && i + 1 < csv.Length && csv[i + 1] == '"')
                cell.Append(csv[++i]);
            else if (csv[i] == '"')
                isQuoted = !isQuoted;
            else if (!isQuoted && (csv[i] == ',' || csv[i] == '\r'))
            {
                cells.Add(cell.ToString());
                cell.Clear();
                if (csv[i] == '\r')
                {
                    Assert.Equal('\n', csv[++i]);
                    lines.Add([.. cells]);
                    cells.Clear();
                }
            }
            else
                cell.Append(csv[i]);
        }

        Assert.False(isQuoted);
        return lines;
    }
}
