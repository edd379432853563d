using System.Text.Json;
using TypedShm.TestKit;
using Xunit;

namespace TypedShm.Tool.Tests;

/// <summary>What all verbs have in common: exit codes, help, completion, and the checks of the doctor.</summary>
public sealed class ConductTests
{
    [Theory]
    [InlineData("show", "not-there")]
    [InlineData("tail", "not-there")]
    [InlineData("peers", "not-there")]
    public async Task What_is_not_there_is_3(params string[] arguments)
    {
        Outcome outcome = await Command.Run(arguments);

        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains("'not-there'", outcome.Errors, StringComparison.Ordinal);
        Assert.Empty(outcome.Output);
    }

    [Theory]
    [InlineData("show")]
    [InlineData("tail")]
    public async Task What_is_not_allowed_is_4(string verb)
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "nobody");

        Assert.Equal(4, (await Command.Run(verb, name)).ExitCode);
    }

    [Theory]
    [InlineData("bogus")]
    [InlineData("show")]
    [InlineData("show", "one", "--file", "other")]
    [InlineData("show", "no such name")]
    [InlineData("watch", "name", "--interval", "0")]
    [InlineData("watch", "name", "--interval", "soon")]
    public async Task Wrong_usage_is_2_and_says_how(params string[] arguments)
    {
        Outcome outcome = await Command.Run(arguments);

        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith("typedshm: ", outcome.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tail", "queue")]
    [InlineData("tail", "call")]
    public async Task Messages_that_nobody_else_can_see_are_a_failure(string verb, string kind)
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, kind);

        Outcome outcome = await Command.Run(verb, name);

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("typedshm watch", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_verb_has_help_with_an_example()
    {
        string[] verbs = [.. (await Command.Run("[suggest:9]", "typedshm ")).Lines.Where(line => char.IsAsciiLetter(line[0]))];

        Assert.Superset(new HashSet<string>(["ls", "top", "peers", "show", "watch", "tail", "hz", "layout", "diff", "doctor", "demo"]),
            new HashSet<string>(verbs));
        foreach (string verb in verbs)
        {
            Outcome help = await Command.Run(verb, "--help");
            Assert.Equal(0, help.ExitCode);
            Assert.Contains("Example", help.Output, StringComparison.Ordinal);
            Assert.Contains($"  typedshm {verb}", help.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Names_of_channels_are_completed()
    {
        string name = NamesDirectory.NewName("complete");
        using Peer peer = Command.Offer(name, "state");

        Assert.Contains(name, (await Command.Run("[suggest:14]", "typedshm show ")).Lines);
        foreach (string shell in (string[])["bash", "zsh", "fish"])
            Assert.Contains("typedshm", (await Command.Run("completion", shell)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_finds_that_channels_work_here()
    {
        Outcome outcome = await Command.Run("doctor", "--json");

        Assert.Equal(0, outcome.ExitCode);
        JsonElement channel = Assert.Single(outcome.Objects, finding => finding.GetProperty("check").GetString() == "a channel");
        Assert.Equal("ok", channel.GetProperty("result").GetString());
        Assert.Equal(
            ["kernel", "processor", "a channel", "memfd", "futex_waitv", "membarrier", "names", "descriptors", "memory", "locked memory",
                "huge pages", "PID namespace", "ptrace"],
            outcome.Objects.Select(finding => finding.GetProperty("check").GetString()));
        Assert.All(outcome.Objects, finding => Assert.Equal(
            finding.GetProperty("result").GetString() != "ok", finding.GetProperty("remedy").GetString()!.Length > 0));
    }
}
