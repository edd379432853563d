namespace TypedShm.Tests.Struct;

/// <summary>One struct, two processes, the same page.</summary>
public sealed class TwoProcesses(ITestOutputHelper output) : SharingTest(output)
{
    [Fact]
    public void A_peer_reads_what_the_creator_writes()
    {
        Peer peer = StartPeer();
        string name = NewName();
        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(name);
        peer.Ask($"open {name}");
        Assert.Equal("0", peer.Ask("read"));

        shared.Value = Telemetry.Of(4711);

        Assert.Equal("4711", peer.Ask("read"));
        Assert.Equal($"{shared.Region.Inode} {shared.Region.Size} False", peer.Ask("region"));
    }

    [Fact]
    public void This_process_reads_what_a_creator_elsewhere_writes()
    {
        Peer creator = StartPeer();
        string name = NewName();
        creator.Ask($"create {name}");
        using SharedStructReader<Telemetry> reader = SharedStruct.Open<Telemetry>(name);

        creator.Ask("write 42");

        Assert.Equal("42", reader.Read().Describe());
        Assert.Equal(creator.Id, Assert.Single(reader.Peers).Identity.ProcessId);
        Assert.False(Assert.Single(reader.Peers).CanWrite);
        Assert.False(reader.Region.IsWritable);
        Assert.Equal($"{reader.Region.Inode} {reader.Region.Size} True", creator.Ask("region"));
    }

    [Theory]
    [InlineData("open-writable")]
    [InlineData("open-writable-async")]
    public void A_peer_writes_where_the_creator_allows_it(string open)
    {
        Peer peer = StartPeer();
        string name = NewName();
        using SharedStructWriter<Telemetry> shared =
            SharedStruct.Create<Telemetry>(name, new SharedStructOptions { AllowPeersToWrite = true });
        peer.Ask($"{open} {name}");
        Assert.True(Assert.Single(shared.Peers).CanWrite);

        shared.Value = Telemetry.Of(1);
        Assert.Equal("1", peer.Ask("read"));
        peer.Ask("write 2");
        Assert.Equal("2", shared.Read().Describe());
        Assert.Equal($"{shared.Region.Inode} {shared.Region.Size} True", peer.Ask("region"));
    }

    [Fact]
    public void A_reader_of_a_struct_that_others_may_write_cannot_write_it()
    {
        Peer writer = StartPeer();
        Peer reader = StartPeer();
        string name = NewName();
        writer.Ask($"create-writable {name}");
        reader.Ask($"open {name}");
        using SharedStructWriter<Telemetry> shared = SharedStruct.OpenReadWrite<Telemetry>(name);

        shared.Value = Telemetry.Of(3);

        Assert.Equal("3", writer.Ask("read"));
        Assert.Equal("3", reader.Ask("read"));
        Assert.Equal($"{shared.Region.Inode} {shared.Region.Size} False", reader.Ask("region"));
    }

    [Fact]
    public void A_peer_may_not_write_unless_the_creator_allows_it()
    {
        Peer creator = StartPeer();
        string name = NewName();
        creator.Ask($"create {name}");

        PeerRefusedException refused = Assert.Throws<PeerRefusedException>(() => SharedStruct.OpenReadWrite<Telemetry>(name));

        Assert.Equal(RefusalReason.WriteNotAllowed, refused.Reason);
        Assert.Contains("AllowPeersToWrite", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("open")]
    [InlineData("open-async")]
    public async Task The_reader_may_start_first(string open)
    {
        Peer peer = StartPeer();
        string name = NewName();
        Task<string> opening = peer.Begin($"{open} {name}");
        await Until(() => IsAsleep(peer), "the peer looks for the endpoint");
        Assert.False(opening.IsCompleted);

        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(name);
        shared.Value = Telemetry.Of(5);

        await Soon(opening);
        Assert.Equal("5", peer.Ask("read"));

        // Its main thread, which reads commands or tries again and again to connect, sleeps in either case.
        static bool IsAsleep(Peer peer) => File.ReadAllText($"/proc/{peer.Id}/stat").Contains(") S ", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Opening_ends_in_a_timeout_if_nobody_creates_the_struct()
    {
        OpenOptions impatient = new() { Timeout = TimeSpan.FromMilliseconds(20) };
        string name = NewName();

        TimeoutException late = Assert.Throws<TimeoutException>(() => SharedStruct.Open<Telemetry>(name, impatient));
        await Assert.ThrowsAsync<TimeoutException>(async () => await SharedStruct.OpenAsync<Telemetry>(name, impatient));

        Assert.Contains("nobody has created it", late.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Opening_can_be_cancelled()
    {
        using CancellationTokenSource cancel = new();
        string name = NewName();
        Task blocking = Task.Run(() => SharedStruct.Open<Telemetry>(name, null, cancel.Token));
        Task asynchronous = SharedStruct.OpenAsync<Telemetry>(name, null, cancel.Token).AsTask();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon(blocking));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon(asynchronous));
    }

    [Fact]
    public async Task Forty_peers_read_the_same_page()
    {
        const int Count = 40;
        string name = NewName();
        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(name);
        Peer[] peers = [.. Enumerable.Range(0, Count).Select(_ => StartPeer())];
        await Soon(Task.WhenAll(peers.Select(peer => peer.Begin($"open {name}"))));
        Assert.Equal(peers.Select(peer => peer.Id).Order(), shared.Peers.Select(peer => peer.Identity.ProcessId).Order());

        shared.Value = Telemetry.Of(6);
        string[] regions = await Soon(Task.WhenAll(peers.Select(peer => peer.Begin("region"))));
        Assert.All(regions, region => Assert.Equal($"{shared.Region.Inode} {shared.Region.Size} False", region));
        Assert.All(await Soon(Task.WhenAll(peers.Select(peer => peer.Begin("read")))), read => Assert.Equal("6", read));

        Task<string>[] waiting = [.. peers.Select((peer, i) => peer.Begin(i % 2 == 0 ? "wait" : "wait-async"))];
        shared.Signal();
        Assert.All(await Soon(Task.WhenAll(waiting)), waited => Assert.Equal("signalled", waited));
    }

    [Fact]
    public async Task The_creator_hears_of_every_peer_that_comes_and_goes()
    {
        Peer peer = StartPeer();
        Peer other = StartPeer();
        string name = NewName();
        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(name);
        List<string> events = [];
        shared.PeerJoined += (sender, joined) => Note(sender, $"{joined.Peer.Identity.ProcessId} joined");
        shared.PeerLeft += (sender, left) => Note(sender, $"{left.Peer.Identity.ProcessId} {(left.WasClosed ? "closed" : "lost")}");

        peer.Ask($"open {name}");
        other.Ask($"open {name}");
        await Until(() => Count() == 2, "both peers are heard of");
        peer.Ask("dispose");
        await Until(() => Count() == 3, "the first peer's leaving is heard of");
        other.Kill();
        await Until(() => Count() == 4, "the second peer's death is heard of");

        Assert.Equal([$"{peer.Id} joined", $"{other.Id} joined", $"{peer.Id} closed", $"{other.Id} lost"], events);
        Assert.Empty(shared.Peers);

        int Count()
        {
            lock (events)
                return events.Count;
        }

        void Note(object? sender, string what)
        {
            Assert.Same(shared, sender);
            lock (events)
                events.Add(what);
        }
    }

    [Fact]
    public void A_pair_shares_a_page_within_one_process()
    {
        (SharedStructWriter<Telemetry> owner, SharedStructReader<Telemetry> reader) = SharedStruct.CreatePair<Telemetry>();
        using (owner)
        using (reader)
        {
            owner.View.Tick = 8;
            owner.View.Sensor.Gear = Gear.Reverse;
            owner.View.Samples[7] = 9;
            owner.View.Faults.Add(10);
            owner.View.Unit.Set("rpm");

            Assert.Equal(8, reader.View.Tick);
            Assert.Equal(Gear.Reverse, reader.View.Sensor.Gear);
            Assert.Equal(9, reader.View.Samples[7]);
            Assert.Equal(10, reader.View.Faults.Read());
            Assert.Equal("rpm", reader.View.Unit.ToString());
            Assert.Equal(owner.Region.Inode, reader.Region.Inode);
            Assert.NotEqual(owner.Region.Address, reader.Region.Address);
            Assert.Equal(Environment.ProcessId, Assert.Single(owner.Peers).Identity.ProcessId);
        }
    }

    [Fact]
    public async Task The_ends_of_a_pair_notice_each_others_close()
    {
        (SharedStructWriter<Telemetry> owner, SharedStructReader<Telemetry> reader) = SharedStruct.CreatePair<Telemetry>();
        using SharedStructWriter<Telemetry> theOwner = owner;
        reader.Dispose();
        await Until(() => owner.Peers.Count == 0, "the owner knows that the reader has gone");

        (owner, reader) = SharedStruct.CreatePair<Telemetry>();
        using SharedStructReader<Telemetry> theReader = reader;
        owner.Value = Telemetry.Of(3);
        owner.Dispose();
        await Until(() => reader.State == ConnectionState.Closed, "the reader knows that the owner has closed");
        Assert.Equal("3", reader.Read().Describe());
        Assert.True(Assert.Throws<PeerGoneException>(() => reader.Wait()).WasClosed);
    }

    [Fact]
    public void What_the_region_says_of_itself_is_the_layout_of_the_struct()
    {
        (SharedStructWriter<Telemetry> owner, SharedStructReader<Telemetry> reader) = SharedStruct.CreatePair<Telemetry>();
        using (owner)
        using (reader)
        {
            RegionHeader header = System.Runtime.InteropServices.MemoryMarshal.Read<RegionHeader>(reader.Region.Bytes);
            LayoutDescriptor stated = LayoutDescriptor.Parse(reader.Region.Bytes.Slice(header.LayoutOffset, header.LayoutLength));
            Assert.Equal(LayoutDescriptor.Of<Telemetry>().ToString(), stated.ToString());
            Assert.Equal(header.Fingerprint, stated.Fingerprint);
            Assert.Equal(reader.Region.DataOffset, header.DataOffset);
            Assert.Equal(0, header.DataOffset % Native.PageSize);
        }
    }
}
