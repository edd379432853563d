namespace TypedShm.Tests.Struct;

/// <summary>Who is turned away, and what both sides are told.</summary>
public sealed class Refusals(ITestOutputHelper output) : SharingTest(output)
{
    [Fact]
    public async Task A_reader_compiled_with_two_fields_swapped_is_refused_before_anything_is_mapped()
    {
        Peer peer = StartPeer();
        string name = NewName();
        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(name);
        Task<PeerRefusedEventArgs> refused = NextRefusal(shared);

        string theirs = peer.AskInVain($"open-swapped {name}");

        Assert.StartsWith("LayoutMismatchException", theirs, StringComparison.Ordinal);
        PrintsBothLayouts(theirs, "Rpm float64", "Tick int64");
        LayoutMismatchException ours = Assert.IsType<LayoutMismatchException>((await Soon(refused)).Reason);
        PrintsBothLayouts(ours.Message, "Tick int64", "Rpm float64");
        Assert.Equal(peer.Id, (await refused).Identity.ProcessId);
        Assert.Equal("0", peer.Ask("mappings"));
        Assert.Empty(shared.Peers);
        Output.WriteLine(theirs);
    }

    [Fact]
    public void A_creator_compiled_with_two_fields_swapped_is_refused_before_anything_is_mapped()
    {
        Peer peer = StartPeer();
        string name = NewName();
        using SharedStructWriter<TestPeer.Swapped.Telemetry> shared = SharedStruct.Create<TestPeer.Swapped.Telemetry>(name);

        string theirs = peer.AskInVain($"open {name}");

        Assert.StartsWith("LayoutMismatchException", theirs, StringComparison.Ordinal);
        PrintsBothLayouts(theirs, "Tick int64", "Rpm float64");
        Assert.Equal("0", peer.Ask("mappings"));
    }

    [Fact]
    public void A_writer_compiled_with_two_fields_swapped_is_refused_too()
    {
        string name = NewName();
        using SharedStructWriter<Telemetry> shared =
            SharedStruct.Create<Telemetry>(name, new SharedStructOptions { AllowPeersToWrite = true });
        int before = ResourceCount.Now().Mappings;

        LayoutMismatchException error =
            Assert.Throws<LayoutMismatchException>(() => SharedStruct.OpenReadWrite<TestPeer.Swapped.Telemetry>(name));

        Assert.Equal("Rpm", error.Ours.Fields[0].Name);
        Assert.Equal("Tick", error.Theirs.Fields[0].Name);
        Assert.Equal(before, ResourceCount.Now().Mappings);
    }

    [Fact]
    public async Task Where_the_policy_says_no_a_peer_is_told_and_nothing_else_happens()
    {
        Peer peer = StartPeer();
        string name = NewName();
        PeerIdentity? asked = null;
        PeerPolicy nobody = PeerPolicy.Where("nobody at all", identity =>
        {
            asked = identity;
            return false;
        });
        using SharedStructWriter<Telemetry> shared =
            SharedStruct.Create<Telemetry>(name, new SharedStructOptions { AllowedPeers = nobody });
        Task<PeerRefusedEventArgs> refused = NextRefusal(shared);

        string theirs = peer.AskInVain($"open {name}");

        Assert.StartsWith("PeerRefusedException", theirs, StringComparison.Ordinal);
        Assert.Contains("nobody at all", theirs, StringComparison.Ordinal);
        Assert.Equal(RefusalReason.NotAllowed, Assert.IsType<PeerRefusedException>((await Soon(refused)).Reason).Reason);
        Assert.Equal(peer.Id, asked!.ProcessId);
        Assert.Equal(Native.UserId, asked.UserId);
        Assert.Equal("dotnet", asked.Command);
    }

    [Fact]
    public async Task A_policy_that_throws_turns_the_peer_away()
    {
        string name = NewName();
        PeerPolicy broken = PeerPolicy.Where("whatever", _ => throw new InvalidOperationException("the policy is broken"));
        using SharedStructWriter<Telemetry> shared =
            SharedStruct.Create<Telemetry>(name, new SharedStructOptions { AllowedPeers = broken });
        Task<PeerRefusedEventArgs> refused = NextRefusal(shared);

        PeerRefusedException theirs =
            await Assert.ThrowsAsync<PeerRefusedException>(() => SharedStruct.OpenAsync<Telemetry>(name).AsTask());

        Assert.Equal(RefusalReason.NotAllowed, theirs.Reason);
        Assert.DoesNotContain("the policy is broken", theirs.Message, StringComparison.Ordinal);
        Assert.Contains("the policy is broken", (await Soon(refused)).Reason.Message, StringComparison.Ordinal);
        Assert.Empty(shared.Peers);
    }

    [Fact]
    public void A_client_may_mistrust_the_creator()
    {
        Peer creator = StartPeer();
        string name = NewName();
        creator.Ask($"create {name}");
        OpenOptions wary = new() { AllowedOwner = PeerPolicy.Where("no one", _ => false) };

        PeerRefusedException error = Assert.Throws<PeerRefusedException>(() => SharedStruct.Open<Telemetry>(name, wary));

        Assert.Contains($"process {creator.Id}", error.Message, StringComparison.Ordinal);
        Assert.Contains("Nothing was sent", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Policies_go_by_user_and_group_and_never_match_nobody()
    {
        PeerIdentity me = PeerIdentity.OfThisProcess();
        PeerIdentity other = new(4711, Native.UserId + 1, 7, [8, 9], "other");
        PeerIdentity hidden = new(0, other.UserId, 7, [8], "?");
        PeerIdentity unmapped = new(4711, 65534, 7, [8], "?");

        Assert.True(PeerPolicy.SameUser.Allows(me));
        Assert.False(PeerPolicy.SameUser.Allows(other));
        Assert.True(PeerPolicy.Users(1, other.UserId).Allows(other));
        Assert.False(PeerPolicy.Users(other.UserId).Allows(me));
        Assert.True(PeerPolicy.Groups(7).Allows(other));
        Assert.True(PeerPolicy.Groups(9).Allows(other));
        Assert.False(PeerPolicy.Groups(10).Allows(other));
        foreach (PeerPolicy policy in (PeerPolicy[])[PeerPolicy.SameUser, PeerPolicy.Users(65534), PeerPolicy.Groups(7, 8),
            PeerPolicy.Where("all", _ => true)])
        {
            Assert.False(policy.Allows(unmapped));
        }

        // Of another PID namespace: the user and the groups decide.
        Assert.False(PeerPolicy.SameUser.Allows(hidden));
        Assert.True(PeerPolicy.Users(other.UserId).Allows(hidden));
        Assert.True(PeerPolicy.Groups(8).Allows(hidden));
    }

    [Fact]
    public async Task No_more_peers_are_let_in_than_allowed_and_one_that_leaves_makes_room()
    {
        string name = NewName();
        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(name, new SharedStructOptions { MaxPeers = 2 });
        using SharedStructReader<Telemetry> first = SharedStruct.Open<Telemetry>(name);
        SharedStructReader<Telemetry> second = SharedStruct.Open<Telemetry>(name);

        PeerRefusedException full = Assert.Throws<PeerRefusedException>(() => SharedStruct.Open<Telemetry>(name));
        Assert.Equal(RefusalReason.Full, full.Reason);
        Assert.Contains("SharedStructOptions.MaxPeers", full.Message, StringComparison.Ordinal);

        second.Dispose();
        await Until(() => shared.Peers.Count == 1, "the creator knows that one has left");
        using SharedStructReader<Telemetry> third = SharedStruct.Open<Telemetry>(name);
    }

    [Fact]
    public async Task However_many_come_at_once_no_more_are_let_in_than_allowed()
    {
        const int Allowed = 3;
        string name = NewName();
        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(name, new SharedStructOptions { MaxPeers = Allowed });
        for (int round = 0; round < 10; round++)
        {
            Task<SharedStructReader<Telemetry>>[] opening =
                [.. Enumerable.Range(0, 24).Select(_ => SharedStruct.OpenAsync<Telemetry>(name).AsTask())];
            await Task.WhenAll(opening.Select(open => Soon(open).ContinueWith(_ => { }, TaskScheduler.Default)));

            Assert.Equal(Allowed, opening.Count(open => open.IsCompletedSuccessfully));
            Assert.All(opening.Where(open => open.IsFaulted),
                open => Assert.Equal(RefusalReason.Full, Assert.IsType<PeerRefusedException>(open.Exception!.InnerException).Reason));
            foreach (Task<SharedStructReader<Telemetry>> open in opening.Where(open => open.IsCompletedSuccessfully))
                (await open).Dispose();
            await Until(() => shared.Peers.Count == 0, "everyone has left");
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(-1, 1)]
    [InlineData(1, 0)]
    [InlineData(1, -1)]
    public void Impossible_options_are_refused_before_anything_is_made(int maxPeers, int seconds) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SharedStruct.Create<Telemetry>(NewName(),
            new SharedStructOptions { MaxPeers = maxPeers, HandshakeTimeout = TimeSpan.FromSeconds(seconds) }));

    private static Task<PeerRefusedEventArgs> NextRefusal<T>(SharedStructWriter<T> shared)
        where T : unmanaged, ISharedLayout<T>
    {
        TaskCompletionSource<PeerRefusedEventArgs> refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
        shared.PeerRefused += (_, refusal) => refused.TrySetResult(refusal);
        return refused.Task;
    }

    private static void PrintsBothLayouts(string message, string here, string there)
    {
        string[] lines = message.Split('\n');
        Assert.Matches($@"^ \*\s+0  {here} .*  {there} ",
            Assert.Single(lines, line => System.Text.RegularExpressions.Regex.IsMatch(line, @"^ [ *]\s+0  ")));
        Assert.Matches($@"^ \*\s+8  {there} .*  {here} ",
            Assert.Single(lines, line => System.Text.RegularExpressions.Regex.IsMatch(line, @"^ [ *]\s+8  ")));
        foreach (string same in (string[])["Position vector3", "Faults int32", "Unit text", "Sensor struct", "Sensor.Id uint64",
            "Samples int64"])
            Assert.Single(lines, line => line.Split(same).Length == 3 && line[1] == ' ');
        Assert.Contains(lines, line => line.Contains("144 bytes", StringComparison.Ordinal));
    }
}
