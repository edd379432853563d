using System.Diagnostics;

namespace TypedShm.Tests.Struct;

/// <summary>kill -9, a clean close, and a process that is merely stopped.</summary>
public sealed class Deaths(ITestOutputHelper output) : SharingTest(output)
{
    [Fact]
    public async Task When_the_creator_is_killed_its_reader_learns_it_and_keeps_the_data()
    {
        Peer creator = StartPeer();
        string name = NewName();
        creator.Ask($"create {name}");
        creator.Ask("write 77");
        using SharedStructReader<Telemetry> reader = SharedStruct.Open<Telemetry>(name);
        TaskCompletionSource<long> lost = new();
        reader.StateChanged += (_, change) =>
        {
            if (change.State == ConnectionState.Lost)
                lost.SetResult(Stopwatch.GetTimestamp());
        };
        Task blocking = Task.Run(() => reader.Wait());
        Task asynchronous = reader.WaitAsync().AsTask();

        long killed = Stopwatch.GetTimestamp();
        creator.Kill();
        Report(killed, await Soon(lost.Task));

        Assert.False((await Assert.ThrowsAsync<PeerGoneException>(() => Soon(blocking))).WasClosed);
        Assert.False((await Assert.ThrowsAsync<PeerGoneException>(() => Soon(asynchronous))).WasClosed);
        Assert.Equal(ConnectionState.Lost, reader.State);
        Assert.Empty(reader.Peers);
        Assert.Equal("77", reader.Read().Describe());
    }

    [Fact]
    public async Task When_a_peer_is_killed_the_creator_learns_it_and_another_can_take_its_place()
    {
        Peer peer = StartPeer();
        string name = NewName();
        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(name, new SharedStructOptions { MaxPeers = 1 });
        TaskCompletionSource<(long When, PeerLeftEventArgs Event)> left = new();
        shared.PeerLeft += (_, who) => left.SetResult((Stopwatch.GetTimestamp(), who));
        peer.Ask($"open {name}");

        long killed = Stopwatch.GetTimestamp();
        peer.Kill();
        (long when, PeerLeftEventArgs who) = await Soon(left.Task);
        Report(killed, when);

        Assert.False(who.WasClosed);
        Assert.Equal(peer.Id, who.Peer.Identity.ProcessId);
        shared.Value = Telemetry.Of(5);
        Peer next = StartPeer();
        next.Ask($"open {name}");
        Assert.Equal("5", next.Ask("read"));
    }

    /// <summary>The kernel closes a process's descriptors when it has written its memory down and taken it away.</summary>
    [Fact]
    public async Task When_a_peer_of_a_gibibyte_crashes_the_creator_learns_it_after_the_core_dump()
    {
        string name = NewName();
        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(name);
        DirectoryInfo directory = Directory.CreateTempSubdirectory();
        try
        {
            bool isKeptHere = File.ReadAllText("/proc/sys/kernel/core_pattern")[0] is not ('|' or '/' or '@');
            TaskCompletionSource<int> left = new();
            shared.PeerLeft += (_, who) => left.SetResult(who.WasClosed ? -1 : directory.GetFiles().Length);
            Peer peer = StartPeer();
            peer.Ask($"open {name}");
            peer.Ask($"use-memory {1 << 30}");
            bool isDumped = peer.Ask($"may-dump-core {1 << 24} {directory.FullName}") != "0" && isKeptHere;
            _ = peer.Begin("abort");

            Assert.Equal(isDumped ? 1 : 0, await Soon(left.Task));
            Assert.Empty(shared.Peers);
            shared.Value = Telemetry.Of(6);
            Peer next = StartPeer();
            next.Ask($"open {name}");
            Assert.Equal("6", next.Ask("read"));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_writer_that_is_killed_leaves_what_it_wrote_to_the_others()
    {
        Peer writer = StartPeer();
        string name = NewName();
        using SharedStructWriter<Telemetry> shared =
            SharedStruct.Create<Telemetry>(name, new SharedStructOptions { AllowPeersToWrite = true });
        writer.Ask($"open-writable {name}");
        writer.Ask("write 9");

        writer.Kill();
        await Until(() => shared.Peers.Count == 0, "the creator knows that the writer has gone");

        Assert.Equal("9", shared.Read().Describe());
        using SharedStructWriter<Telemetry> successor = await SharedStruct.OpenReadWriteAsync<Telemetry>(name);
        successor.Value = Telemetry.Of(10);
        Assert.Equal("10", shared.Read().Describe());
    }

    [Fact]
    public async Task A_clean_close_is_told_from_a_death()
    {
        Peer creator = StartPeer();
        string name = NewName();
        creator.Ask($"create {name}");
        using SharedStructReader<Telemetry> reader = SharedStruct.Open<Telemetry>(name);
        creator.Ask("write 3");

        creator.Ask("dispose");

        await Until(() => reader.State == ConnectionState.Closed, "the reader knows that the creator has closed");
        Assert.True(Assert.Throws<PeerGoneException>(() => reader.Wait()).WasClosed);
        Assert.Equal("3", reader.Read().Describe());
    }

    [Fact]
    public async Task An_end_without_dispose_is_no_clean_close()
    {
        Peer creator = StartPeer();
        string name = NewName();
        creator.Ask($"create {name}");
        using SharedStructReader<Telemetry> reader = SharedStruct.Open<Telemetry>(name);

        Assert.Equal(0, creator.Exit());

        await Until(() => reader.State == ConnectionState.Lost, "the reader knows that the creator has gone");
    }

    [Fact]
    public async Task A_stopped_process_is_alive()
    {
        Peer creator = StartPeer();
        Peer peer = StartPeer();
        string name = NewName();
        creator.Ask($"create {name}");
        creator.Ask("write 1");
        peer.Ask($"open {name}");
        using SharedStructReader<Telemetry> reader = SharedStruct.Open<Telemetry>(name);
        using SharedStructWriter<Telemetry> ours = SharedStruct.Create<Telemetry>(NewName("ours"));

        await creator.Stop();
        try
        {
            // Longer than several looks at the connection.
            Assert.False(reader.TryWait(TimeSpan.FromMilliseconds(400)));
            Assert.Equal(ConnectionState.Connected, reader.State);
            Assert.Equal("1", reader.Read().Describe());
            Assert.Equal("Connected", peer.Ask("state"));
        }
        finally
        {
            creator.Continue();
        }

        Task<string> waiting = peer.Begin("wait");
        creator.Ask("signal");
        Assert.Equal("signalled", await Soon(waiting));
        Assert.True(reader.TryWait(Peer.Patience));
    }

    [Fact]
    public async Task A_stopped_peer_does_not_hold_the_creator_up()
    {
        Peer stopped = StartPeer();
        Peer other = StartPeer();
        string name = NewName();
        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(name);
        stopped.Ask($"open {name}");
        other.Ask($"open {name}");
        Task<string> waiting = stopped.Begin("wait-async");
        await stopped.Stop();
        try
        {
            for (long i = 1; i <= 5_000; i++)
            {
                shared.Value = Telemetry.Of(i);
                shared.Signal();
            }

            Assert.Equal("signalled", other.Ask("wait"));
            Assert.Equal(2, shared.Peers.Count);
        }
        finally
        {
            stopped.Continue();
        }

        Assert.Equal("signalled", await Soon(waiting));
        Assert.Equal("5000", stopped.Ask("read"));
    }

    [Theory]
    [InlineData("kill")]
    [InlineData("dispose")]
    public async Task With_Reconnect_the_same_object_comes_back_to_life(string how)
    {
        Peer first = StartPeer();
        string name = NewName();
        first.Ask($"create {name}");
        first.Ask("write 1");
        using SharedStructReader<Telemetry> reader = SharedStruct.Open<Telemetry>(name, new OpenOptions { Reconnect = true });
        List<ConnectionState> states = [];
        reader.StateChanged += (_, change) => states.Add(change.State);
        long inode = reader.Region.Inode;

        if (how == "kill")
            first.Kill();
        else
            first.Ask("dispose");
        ConnectionState gone = how == "kill" ? ConnectionState.Lost : ConnectionState.Closed;
        await Until(() => reader.State == gone, "the reader knows that the creator has gone");
        Assert.Equal("1", reader.Read().Describe());
        Task<bool> waiting = reader.TryWaitAsync(Peer.Patience).AsTask();
        Task<bool> blocking = Task.Run(() => reader.TryWait(Peer.Patience));

        Peer second = StartPeer();
        second.Ask($"create {name}");
        second.Ask("write 2");
        Assert.True(await Soon(waiting));
        Assert.True(await Soon(blocking));

        await Until(() => reader.State == ConnectionState.Connected, "the reader is connected");
        Assert.Equal(second.Id, Assert.Single(reader.Peers).Identity.ProcessId);
        Assert.NotEqual(inode, reader.Region.Inode);
        await Until(() => reader.Read().Describe() == "2", "the reader shows the successor's value");
        second.Ask("signal");
        Assert.True(reader.TryWait(Peer.Patience));
        await Until(() => states.Count == 2, "both changes of state were told");
        Assert.Equal([gone, ConnectionState.Connected], states);
    }

    [Fact]
    public async Task Reconnecting_goes_on_until_a_creator_fits()
    {
        Peer peer = StartPeer();
        string name = NewName();
        SharedStructWriter<Telemetry> first = SharedStruct.Create<Telemetry>(name);
        peer.Ask($"open-reconnecting {name}");
        first.Value = Telemetry.Of(1);
        first.Dispose();
        peer.Ask("await-state Closed");

        // The first successor was compiled with another layout.
        using (SharedStructWriter<TestPeer.Swapped.Telemetry> wrong = SharedStruct.Create<TestPeer.Swapped.Telemetry>(name))
        {
            TaskCompletionSource refused = new();
            wrong.PeerRefused += (_, _) => refused.TrySetResult();
            await Soon(refused.Task);
        }

        Assert.Equal("1", peer.Ask("read"));
        using SharedStructWriter<Telemetry> right = SharedStruct.Create<Telemetry>(name);
        right.Value = Telemetry.Of(2);
        peer.Ask("await-state Connected");
        Assert.Equal("2", peer.Ask("read"));
    }

    [Fact]
    public async Task A_name_whose_owner_was_killed_can_be_taken_at_once()
    {
        Peer first = StartPeer();
        Peer second = StartPeer();
        string name = NewName();
        first.Ask($"create {name}");
        first.Kill();
        Assert.True(File.Exists($"{NamesDirectory.Path}/{name}.sock"));

        second.Ask($"create {name}");
        second.Ask("write 4");

        using SharedStructReader<Telemetry> reader = await SharedStruct.OpenAsync<Telemetry>(name);
        Assert.Equal("4", reader.Read().Describe());
    }

    // For people; how long it takes is up to the machine.
    private void Report(long from, long to) =>
        Output.WriteLine($"learnt of the death {Stopwatch.GetElapsedTime(from, to).TotalMilliseconds:0.0} ms after kill -9 was sent");
}
