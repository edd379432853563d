using System.Diagnostics;
using System.Text.Json;
using TypedShm.TestKit;
using Xunit;

namespace TypedShm.Tool.Tests;

/// <summary>The verbs that look, at a channel of another process.</summary>
public sealed class LookTests
{
    [Fact]
    public async Task Ls_lists_a_channel_with_its_owner()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "queue");
        peer.Ask("5");

        JsonElement listed =
            Assert.Single((await Command.Run("ls", "--json")).Objects, listed => listed.GetProperty("name").GetString() == name);

        Assert.Equal(("queue", "Quote", peer.Id),
            (listed.GetProperty("kind").GetString(), listed.GetProperty("type").GetString(), listed.GetProperty("pid").GetInt32()));
        Assert.Equal((5, 0), (listed.GetProperty("depth").GetInt64(), listed.GetProperty("peers").GetInt32()));
        Assert.True(listed.GetProperty("size").GetInt64() > 4096);
        Outcome table = await Command.Run("ls");
        Assert.StartsWith("NAME ", table.Lines[0], StringComparison.Ordinal);
        Assert.Contains(table.Lines, line => line.StartsWith($"{name} ", StringComparison.Ordinal)
            && line.Contains(" Quote ", StringComparison.Ordinal));
        Assert.DoesNotContain('\u001b', table.Output);
    }

    [Fact]
    public async Task Ls_says_what_is_denied()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "nobody");

        JsonElement listed =
            Assert.Single((await Command.Run("ls", "--json")).Objects, listed => listed.GetProperty("name").GetString() == name);
        Assert.Equal("denied", listed.GetProperty("kind").GetString());
    }

    [Theory]
    [InlineData("struct", "live")]
    [InlineData("state", "version 7")]
    [InlineData("broadcast", "message 6")]
    public async Task Show_prints_values_by_field_name(string kind, string what)
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, kind);
        peer.Ask("7");

        Outcome shown = await Command.Run("show", name);

        Assert.Equal(0, shown.ExitCode);
        Assert.Contains($"{name}: {kind} of process {peer.Id} ", shown.Output, StringComparison.Ordinal);
        Assert.Contains(shown.Lines, line => line.StartsWith(what, StringComparison.Ordinal));
        Assert.Contains(shown.Lines, line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["Square", "49", "int64"]);
        JsonElement json = Assert.Single((await Command.Run("show", name, "--json")).Objects);
        Assert.Equal(14, json.GetProperty("value").GetProperty("Twice").GetInt64());
    }

    [Fact]
    public async Task Show_has_each_element_of_a_table_or_one()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "table");
        peer.Ask("99");

        JsonElement[] all = (await Command.Run("show", name, "--json")).Objects;
        JsonElement one = Assert.Single((await Command.Run("show", name, "--json", "--element", "42")).Objects);

        Assert.Equal(Enumerable.Range(0, 100).Select(i => (long)i),
            all.Select(element => element.GetProperty("value").GetProperty("Number").GetInt64()));
        Assert.Equal((42, 42), (one.GetProperty("element").GetInt32(), one.GetProperty("value").GetProperty("Number").GetInt64()));
        Assert.Equal(2, (await Command.Run("show", name, "--element", "100")).ExitCode);
    }

    [Fact]
    public async Task Show_reads_a_copied_region()
    {
        using Peer peer = Command.Offer(NamesDirectory.NewName(), "state");
        peer.Ask("3");
        string copy = Path.Combine(NamesDirectory.Path, NamesDirectory.NewName("copy"));
        string descriptor = Directory.EnumerateFileSystemEntries($"/proc/{peer.Id}/fd")
            .Single(path => File.ResolveLinkTarget(
                path, returnFinalTarget: false)?.FullName.Contains("memfd:typedshm:", StringComparison.Ordinal) == true);
        using (FileStream from = File.OpenRead(descriptor))
        using (FileStream to = File.Create(copy))
            await from.CopyToAsync(to);

        JsonElement shown = Assert.Single((await Command.Run("show", "--file", copy, "--json")).Objects);

        Assert.Equal(9, shown.GetProperty("value").GetProperty("Square").GetInt64());
        Assert.Equal(1, (await Command.Run("show", "--file", Command.Assembly)).ExitCode);
        Assert.Equal(3, (await Command.Run("show", "--file", $"{copy}-not-there")).ExitCode);
    }

    [Fact]
    public async Task Tail_prints_every_message()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "broadcast");
        peer.Ask("10");
        using Process tail = Command.Start("tail", name, "--from-start", "--count", "20", "--json");
        string? first = await Until.Soon(tail.StandardOutput.ReadLineAsync());
        peer.Ask("10");

        Outcome rest = await Command.End(tail);

        Assert.Equal(0, rest.ExitCode);
        long[] numbers = [.. rest.Objects.Prepend(JsonDocument.Parse(first!).RootElement)
            .Select(message => message.GetProperty("value").GetProperty("Number").GetInt64())];
        Assert.Equal(Enumerable.Range(1, 20).Select(number => (long)number), numbers);
        Assert.Equal(BitConverter.GetBytes(20L), rest.Objects[^1].GetProperty("payload").GetBytesFromBase64());
    }

    [Fact]
    public async Task Tail_ends_with_the_channel()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "broadcast");
        peer.Ask("4");
        using Process tail = Command.Start("tail", name, "--from-start");
        string? first = await Until.Soon(tail.StandardOutput.ReadLineAsync());
        Assert.StartsWith("0 Quote { Number = 1,", first, StringComparison.Ordinal);
        peer.Kill();

        Outcome rest = await Command.End(tail);
        Assert.Equal((0, 3), (rest.ExitCode, rest.Lines.Length));
    }

    [Theory]
    [InlineData("queue")]
    [InlineData("state")]
    [InlineData("broadcast")]
    public async Task Watch_and_hz_print_a_line_a_look(string kind)
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, kind);
        peer.Ask("3");

        JsonElement[] looks = (await Command.Run("watch", name, "--json", "--count", "2", "--interval", "0.05")).Objects;
        JsonElement measured = Assert.Single((await Command.Run("hz", name, "--json", "--count", "1", "--interval", "0.1")).Objects);

        Assert.Equal(2, looks.Length);
        Assert.All(looks, look => Assert.Equal(3, look.GetProperty("published").GetInt64()));
        Assert.Equal(kind != "queue", looks[1].TryGetProperty("value", out JsonElement value)
            && value.GetProperty("Number").GetInt64() == 3);
        Assert.Equal(0, measured.GetProperty("rate").GetDouble());
    }

    [Fact]
    public async Task Peers_lists_who_shares_the_memory()
    {
        string name = NamesDirectory.NewName();
        using Peer reader = Peer.Start(Command.PeerAssembly, ["create-reader", name, "0"]);
        reader.Expect("read");
        using Peer writer = Peer.Start(Command.PeerAssembly, ["write", name, "3"]);
        writer.Expect("written");

        JsonElement[] peers = (await Command.Run("peers", name, "--json")).Objects;

        Assert.Equal([(reader.Id, "creator", 0), (writer.Id, "writer", 1)],
            peers.Select(peer =>
            (peer.GetProperty("pid").GetInt32(), peer.GetProperty("role").GetString()!, peer.GetProperty("connections").GetInt32())));
    }

    [Theory]
    [InlineData("watch")]
    [InlineData("tail")]
    public async Task Ctrl_C_ends_a_live_verb_well(string verb)
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "state");
        peer.Ask("1");
        using Process live = Command.Start(verb, name, "--json");
        Task<string?> first = live.StandardOutput.ReadLineAsync();
        await Until.Holds(() => peer.Ask("1").Length > 0 && first.IsCompleted);
        Assert.NotNull(await first);
        Command.Interrupt(live);

        Assert.Equal(0, (await Command.End(live)).ExitCode);
    }

    [Fact]
    public async Task Demo_writes_and_watches()
    {
        JsonElement[] looks = (await Command.Run("demo", "--name", NamesDirectory.NewName(), "--json", "--count", "3")).Objects;

        Assert.Equal(3, looks.Length);
        Assert.All(looks, look => Assert.Equal("rpm", look.GetProperty("value").GetProperty("Unit").GetString()));
    }
}
