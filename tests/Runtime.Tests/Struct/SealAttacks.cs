namespace TypedShm.Tests.Struct;

/// <summary>A reader that does everything it can think of to write. The kernel refuses it, and the creator goes on writing.</summary>
public sealed class SealAttacks(ITestOutputHelper output) : SharingTest(output)
{
    public static TheoryData<string, string> All => new()
    {
        { "mprotect", "EACCES" },
        { "second-mapping", "EACCES" }, // the descriptor was opened for reading …
        { "reopened-mapping", "EPERM" }, // … and one that was not does not help
        { "write", "EBADF" },
        { "reopened-write", "EPERM" },
        { "truncate", "EINVAL" },
        { "reopened-truncate", "EPERM" },
        { "reopened-grow", "EPERM" },
        { "hole", "EBADF" },
        { "reopened-hole", "EPERM" },
        { "remove", "EACCES" },
        { "memory-file", "EIO" },
        { "unseal", "EPERM" },
    };

    [Theory]
    [MemberData(nameof(All))]
    public void The_kernel_refuses_a_reader_that_tries(string attack, string error)
    {
        Peer attacker = StartPeer();
        string name = NewName();
        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(name);
        shared.Value = Telemetry.Of(1);
        attacker.Ask($"open {name}");

        string result = attacker.Ask($"attack {attack}");

        Assert.Equal($"refused: {error}", result);
        Assert.Equal("1", shared.Read().Describe());
        shared.Value = Telemetry.Of(2);
        Assert.Equal("2", shared.Read().Describe());
        Assert.Equal("2", attacker.Ask("read"));
    }

    /// <summary>The negative control: without our seals each of them is an attack that works.</summary>
    [Fact]
    public void Every_attack_works_on_memory_that_is_not_sealed()
    {
        Peer attacker = StartPeer();

        foreach (string attack in All.Select(row => (string)row[0]).Where(attack => attack is not ("memory-file" or "unseal")))
            Assert.Equal((attack, "it worked"), (attack, attacker.Ask($"attack-unsealed {attack}")));
    }

    [Fact]
    public void Where_peers_may_write_the_struct_a_reader_still_cannot_resize_it()
    {
        Peer attacker = StartPeer();
        string name = NewName();
        using SharedStructWriter<Telemetry> shared =
            SharedStruct.Create<Telemetry>(name, new SharedStructOptions { AllowPeersToWrite = true });
        shared.Value = Telemetry.Of(1);
        attacker.Ask($"open-writable {name}");

        foreach (string attack in (string[])["truncate", "reopened-truncate", "reopened-grow", "unseal"])
            Assert.Equal((attack, "refused: EPERM"), (attack, attacker.Ask($"attack {attack}")));

        Assert.Equal("1", shared.Read().Describe());
    }

    [Theory]
    [InlineData("open")]
    [InlineData("open-writable")]
    public void The_number_of_signals_and_the_layout_are_never_in_memory_that_a_peer_can_write(string open)
    {
        Peer peer = StartPeer();
        string name = NewName();
        using SharedStructWriter<Telemetry> shared =
            SharedStruct.Create<Telemetry>(name, new SharedStructOptions { AllowPeersToWrite = true });
        peer.Ask($"{open} {name}");

        // Of what the peer maps: the description, the struct, and the control words of both sides.
        string[] maps = [.. File.ReadLines($"/proc/{peer.Id}/maps")
            .Where(line => line.Contains("/memfd:typedshm", StringComparison.Ordinal))];
        string[] writable = [.. maps.Where(line => line.Contains(" rw-s ", StringComparison.Ordinal))
            .Select(line => line[line.IndexOf("/memfd:", StringComparison.Ordinal)..]).Order()];
        string[] own = [$"/memfd:typedshm:{name}:control (deleted)"];
        Assert.Equal(open == "open" ? own : [$"/memfd:typedshm:{name} (deleted)", .. own], writable);
        Assert.Contains(maps, line => line.Contains($":{name}:description", StringComparison.Ordinal)
            && line.Contains(" r--s ", StringComparison.Ordinal));
    }
}
