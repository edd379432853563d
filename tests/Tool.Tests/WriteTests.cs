using System.Text.Json;
using TypedShm.TestKit;
using Xunit;

namespace TypedShm.Tool.Tests;

/// <summary><c>set</c> and <c>call</c>: writing where a channel lets others write, and nowhere else.</summary>
public sealed class WriteTests
{
    [Fact]
    public async Task Fields_of_a_struct_that_others_may_write_are_set_and_signalled()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "writable");
        peer.Ask("3");

        Assert.Equal(0, (await Command.Run("set", name, "Square=11", "Price=0.5")).ExitCode);

        JsonElement shown = Assert.Single((await Command.Run("show", name, "--json")).Objects);
        JsonElement value = shown.GetProperty("value");
        Assert.Equal((3, 11, 0.5),
            (value.GetProperty("Number").GetInt64(), value.GetProperty("Square").GetInt64(), value.GetProperty("Price").GetDouble()));
        Assert.Equal(1, shown.GetProperty("number").GetInt64());
    }

    [Fact]
    public async Task A_message_goes_into_a_queue_and_is_read_after_the_command_has_ended()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "inbox");

        Outcome sent = await Command.Run("set", name, "Number=5", "Twice=10", "--json");
        Outcome again = await Command.Run("set", name, "Number=6");

        Assert.Equal((0, 0), (sent.ExitCode, again.ExitCode));
        Assert.Equal("queue", Assert.Single(sent.Objects).GetProperty("kind").GetString());
        JsonElement depth = Assert.Single((await Command.Run("watch", name, "--json", "--count", "1")).Objects);
        Assert.Equal(2, depth.GetProperty("depth").GetInt64());
        peer.Ask("1");
        Assert.StartsWith("Quote { Number = 5, Twice = 10, Price = 0,", peer.Ask("last"), StringComparison.Ordinal);
        peer.Ask("1");
        Assert.StartsWith("Quote { Number = 6, Twice = 0,", peer.Ask("last"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_is_answered_and_the_answer_shown()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "call");

        Task<string> serving = peer.Begin("1");
        Outcome answer = await Command.Run("call", name, "Number=6", "Square=36");
        await serving;
        serving = peer.Begin("1");
        Outcome json = await Command.Run("call", name, "Number=7", "--json");
        await serving;

        Assert.Equal((0, "Answer"), (answer.ExitCode, answer.Lines[0]));
        Assert.Contains(answer.Lines, line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["Square", "36", "int64"]);
        Assert.Equal(7, Assert.Single(json.Objects).GetProperty("response").GetProperty("Number").GetInt64());
    }

    [Fact]
    public async Task A_server_that_is_silent_is_a_failure()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "call");

        Outcome outcome = await Command.Run("call", name, "--timeout", "0.2");

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("within 0.2 s", outcome.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("state", "is a state that its creator alone can write")]
    [InlineData("table", "is a table that its creator alone can write")]
    [InlineData("broadcast", "is a broadcast that its creator alone can write")]
    [InlineData("struct", "AllowPeersToWrite")]
    [InlineData("queue", "created by its writer")]
    [InlineData("nobody", "")]
    public async Task What_has_one_writer_is_denied_and_says_who_it_is(string kind, string why)
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, kind);

        Outcome denied = await Command.Run("set", name, "Number=1");

        Assert.Equal(4, denied.ExitCode);
        Assert.Contains(why, denied.Errors, StringComparison.Ordinal);
        if (why.Contains("creator", StringComparison.Ordinal))
            Assert.Contains($"process {peer.Id}", denied.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("writable", "set", "Nothing=1")]
    [InlineData("writable", "set", "Number")]
    [InlineData("writable", "set", "Number=many")]
    [InlineData("writable", "set")]
    [InlineData("inbox", "set", "Number=1", "--payload", "too long")]
    [InlineData("call", "set", "Number=1")]
    [InlineData("state", "call", "Number=1")]
    public async Task What_is_not_meant_is_2(string kind, string verb, params string[] arguments)
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, kind);

        Outcome outcome = await Command.Run([verb, name, .. arguments]);

        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith("typedshm: ", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_is_3()
    {
        Assert.Equal(3, (await Command.Run("set", "not-there", "Number=1")).ExitCode);
        Assert.Equal(3, (await Command.Run("call", "not-there", "Number=1")).ExitCode);
    }
}
