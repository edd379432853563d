using System.Buffers.Binary;
using System.Net.Sockets;
using Tmds.Linux;
using TypedShm.Tests.Memory;

namespace TypedShm.Tests.Transport;

/// <summary>Clients that break the protocol. Each is turned away, and the next honest one finds everything as it should be.</summary>
public sealed class HostileClients(ITestOutputHelper output) : SharingTest(output)
{
    private readonly Queue<PeerRefusedEventArgs> _refused = new();
    private string _name = null!;
    private SharedStructWriter<Telemetry> _shared = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        Create(new SharedStructOptions { MaxPeers = 2 });
    }

    public override async Task DisposeAsync()
    {
        _shared.Dispose();
        await base.DisposeAsync();
    }

    public static TheoryData<string> MalformedHellos =>
    [
        "empty", "one byte", "wrong magic", "length too small", "length too great", "type Welcome", "type Attach", "type 0", "type 77",
        "three layouts", "no layout", "four billion layouts", "layout longer than the packet", "layout longer than allowed",
            "fingerprint lies",
        "layout is no JSON", "layout describes the impossible", "longer than any packet",
    ];

    [Theory]
    [MemberData(nameof(MalformedHellos))]
    public async Task A_malformed_hello_is_refused(string flaw)
    {
        byte[] hello = RawEnd.Hello();
        const int Layouts = 16 + 8;
        byte[] packet = flaw switch
        {
            "empty" => [],
            "one byte" => [1],
            "wrong magic" => With(hello, 0, 0x12345678),
            "length too small" => With(hello, 8, (uint)hello.Length - 1),
            "length too great" => With(hello, 8, (uint)hello.Length + 1),
            "type Welcome" => With(hello, 4, 0x0001_0002),
            "type Attach" => With(hello, 4, 0x0001_0004),
            "type 0" => With(hello, 4, 0x0001_0000),
            "type 77" => With(hello, 4, 0x0001_004D),
            "three layouts" => With(hello, Layouts, 3),
            "no layout" => HandshakeCodec.Encode(new HelloMessage(ChannelKind.Struct, PeerRole.Reader, 0, [])),
            "four billion layouts" => With(hello, Layouts, uint.MaxValue),
            "layout longer than the packet" => With(hello, Layouts + 12, 100_000),
            "layout longer than allowed" => With(hello, Layouts + 12, 120_001),
            "fingerprint lies" => With(hello, Layouts + 4, 1),
            "layout is no JSON" => With(hello, Layouts + 16, 0x20202020),
            "layout describes the impossible" => Replace(hello, "\"size\":144"u8, "\"size\":100"u8),
            _ => new byte[HandshakeCodec.MaxPacket + 1],
        };
        using RawEnd client = RawEnd.Connect(_name);

        client.Send(packet);

        Assert.Equal(RefusalReason.Malformed, (await client.ReceiveRefusal()).Reason);
        await client.ReceiveHangUp();
        Assert.IsType<ProtocolException>((await NextRefusal()).Reason);
        ServesTheNext();
    }

    [Fact]
    public async Task A_hello_cut_at_any_byte_is_refused()
    {
        byte[] hello = RawEnd.Hello();
        for (int length = 1; length < hello.Length; length += length < 64 ? 1 : 17)
        {
            byte[] cut = hello[..length];
            if (length >= 12)
                BinaryPrimitives.WriteInt32LittleEndian(cut.AsSpan(8), length);
            using RawEnd client = RawEnd.Connect(_name);
            client.Send(cut);
            Assert.Equal((length, RefusalReason.Malformed), (length, (await client.ReceiveRefusal()).Reason));
        }

        ServesTheNext();
    }

    [Theory]
    [InlineData("kind", RefusalReason.KindMismatch)]
    [InlineData("version", RefusalReason.VersionMismatch)]
    [InlineData("role", RefusalReason.RoleNotAvailable)]
    public async Task A_hello_that_asks_for_something_else_is_told_what_there_is(string what, RefusalReason reason)
    {
        byte[] hello = what switch
        {
            "kind" => HandshakeCodec.Encode(new HelloMessage(ChannelKind.Queue, PeerRole.Reader, 0, [LayoutAdvertisement.Of<Telemetry>()])),
            "version" => With(RawEnd.Hello(), 4, 0x0002_0001),
            _ => RawEnd.Hello((PeerRole)9),
        };
        using RawEnd client = RawEnd.Connect(_name);

        client.Send(hello);

        RefuseMessage refusal = await client.ReceiveRefusal();
        Assert.Equal(reason, refusal.Reason);
        Assert.NotEmpty(refusal.Text);
        Assert.Equal(reason, Assert.IsType<PeerRefusedException>((await NextRefusal()).Reason).Reason);
        ServesTheNext();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Descriptors_smuggled_into_a_hello_never_arrive(bool hasPassRights)
    {
        // Where the kernel has SO_PASSRIGHTS it refuses to send them; elsewhere the Hello is refused unread.
        bool kernelHas = Native.HasPassRights;
        Native.HasPassRights &= hasPassRights;
        try
        {
            _shared.Dispose();
            Create(new SharedStructOptions());
            using RawEnd client = RawEnd.Connect(_name);
            (SafeDescriptor reading, SafeDescriptor writing) = Forgery.PipeEnds();
            using (writing)
            {
                using (reading)
                {
                    if (Native.HasPassRights)
                        Assert.Equal(Errno.EPERM,
                            Assert.Throws<SystemCallException>(() => client.Send(RawEnd.Hello(), reading, reading, reading)).Errno);
                    else
                        client.Send(RawEnd.Hello(), reading, reading, reading);
                }

                if (!Native.HasPassRights)
                    Assert.Equal(RefusalReason.Malformed, (await client.ReceiveRefusal()).Reason);

                // A pipe that nobody could read any more refuses to be written.
                await Until(() => !CanWrite(writing), "nobody has the descriptors");
            }
        }
        finally
        {
            Native.HasPassRights = kernelHas;
        }
    }

    public static TheoryData<string> HostileAttachments =>
    [
        "no descriptor", "no region", "two regions", "more descriptors than regions", "fewer descriptors than regions",
            "sixteen descriptors", "another kind",
        "another size", "a pipe", "/dev/null", "no seals", "half the seals", "a lie about its kind", "a lie about its words", "a Hello",
            "nine regions", "cut",
        "another version",
    ];

    [Theory]
    [MemberData(nameof(HostileAttachments))]
    public async Task A_hostile_attachment_is_refused(string flaw)
    {
        using RawEnd client = RawEnd.Connect(_name);
        client.Send(RawEnd.Hello());
        (byte[] welcome, SafeDescriptor[] descriptors) = await client.Receive();
        WelcomeMessage.Decode(welcome);
        Array.ForEach(descriptors, descriptor => descriptor.Dispose());

        using SafeDescriptor control = flaw switch
        {
            "a pipe" => Forgery.Pipe(),
            "/dev/null" => Forgery.Open("/dev/null"),
            "no seals" => Forgery.Control(0),
            "half the seals" => Forgery.Control(Native.SealShrink | Native.SealGrow),
            "a lie about its kind" => Forgery.Control(lie: address => Forgery.Write(address + 12, 2, (ulong)RegionKind.Struct)),
            "a lie about its words" => Forgery.Control(lie: address => Forgery.Write(address + 48, 8, 1UL << 32)),
            _ => Forgery.Control(),
        };
        long size = Native.PageSize;
        RegionInfo region = new(RegionKind.Control, false, size);
        switch (flaw)
        {
            case "no descriptor": client.Send(RawEnd.Attach(size)); break;
            case "no region": client.Send(HandshakeCodec.Encode(new AttachMessage([]))); break;
            case "two regions": client.Send(HandshakeCodec.Encode(new AttachMessage([region, region])), control, control); break;
            case "more descriptors than regions": client.Send(RawEnd.Attach(size), control, control); break;
            case "fewer descriptors than regions": client.Send(HandshakeCodec.Encode(new AttachMessage([region, region])), control); break;
            case "sixteen descriptors": client.SendMany(RawEnd.Attach(size), control, 16); break;
            case "another kind": client.Send(RawEnd.Attach(size, RegionKind.Struct), control); break;
            case "another size": client.Send(RawEnd.Attach(size * 2), control); break;
            case "a Hello": client.Send(RawEnd.Hello(), control); break;
            case "nine regions": client.Send(With(RawEnd.Attach(size), 16, 9), control); break;
            case "cut": client.Send(With(RawEnd.Attach(size)[..30], 8, 30), control); break;
            case "another version": client.Send(With(RawEnd.Attach(size), 4, 0x0002_0004), control); break;
            default: client.Send(RawEnd.Attach(size), control); break;
        }

        Assert.Equal(RefusalReason.Malformed, (await client.ReceiveRefusal()).Reason);
        await client.ReceiveHangUp();
        SharedMemoryException reason = (await NextRefusal()).Reason;
        Assert.True(reason is ProtocolException or RegionInvalidException, reason.ToString());
        ServesTheNext();
    }

    [Fact]
    public async Task A_client_that_floods_the_handshake_is_turned_away()
    {
        using RawEnd client = RawEnd.Connect(_name);

        client.Flood(RawEnd.Hello(), 10_000);

        // The second Hello is no Attach.
        await client.ReceiveHangUp();
        Assert.IsType<ProtocolException>((await NextRefusal()).Reason);
        ServesTheNext();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_says_nothing_is_turned_away_at_its_deadline(bool saysHello)
    {
        _shared.Dispose();
        Create(new SharedStructOptions { HandshakeTimeout = TimeSpan.FromMilliseconds(100) });
        using RawEnd client = RawEnd.Connect(_name);
        if (saysHello)
            client.Send(RawEnd.Hello());

        await client.ReceiveHangUp();

        Assert.Contains("took more than 0.1 s", Assert.IsType<ProtocolException>((await NextRefusal()).Reason).Message,
            StringComparison.Ordinal);
        ServesTheNext();
    }

    [Fact]
    public async Task More_silent_clients_than_handshakes_do_not_keep_the_next_out()
    {
        _shared.Dispose();
        Create(new SharedStructOptions { HandshakeTimeout = TimeSpan.FromHours(1) });
        RawEnd[] silent = [.. Enumerable.Range(0, 100).Select(_ => RawEnd.Connect(_name))];

        using (SharedStructReader<Telemetry> reader =
            await SharedStruct.OpenAsync<Telemetry>(_name, new OpenOptions { Timeout = Peer.Patience }))
            Assert.Single(_shared.Peers);

        Array.ForEach(silent, client => client.Dispose());
    }

    [Fact]
    public async Task Clients_that_hang_up_at_every_step_leave_nothing_behind()
    {
        for (int i = 0; i < 50; i++)
        {
            RawEnd.Connect(_name).Dispose();
            using (RawEnd client = RawEnd.Connect(_name))
                client.Send(RawEnd.Hello());
            using (RawEnd client = RawEnd.Connect(_name))
            {
                client.Send(RawEnd.Hello());
                (_, SafeDescriptor[] descriptors) = await client.Receive();
                Array.ForEach(descriptors, descriptor => descriptor.Dispose());
            }
        }

        ServesTheNext();
    }

    [Fact]
    public async Task A_client_that_leaves_without_a_word_is_lost_and_one_that_says_so_has_closed()
    {
        List<bool> closed = [];
        _shared.PeerLeft += (_, left) => closed.Add(left.WasClosed);

        foreach (bool says in (bool[])[false, true])
        {
            using (RawEnd client = RawEnd.Connect(_name))
            {
                using ControlWords own = await client.ShakeHands();
                own.Closed = says ? 1u : 0;
            }

            await Until(() => closed.Count == (says ? 2 : 1), "the creator hears that the client has left");
        }

        Assert.Equal([false, true], closed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(10)]
    [InlineData(1000)]
    public async Task A_packet_of_a_length_that_no_message_has_ends_the_connection(int length)
    {
        using RawEnd client = RawEnd.Connect(_name);
        using ControlWords own = await client.ShakeHands();

        client.Send(length == 0 ? [] : [(byte)LinkMessage.Wake, .. new byte[length - 1]]);

        await client.ReceiveHangUp();
        await Until(() => _shared.Peers.Count == 0, "the client is gone");
        ServesTheNext();
    }

    [Fact]
    public async Task A_client_that_floods_an_open_connection_disturbs_nobody()
    {
        using RawEnd client = RawEnd.Connect(_name);
        using ControlWords own = await client.ShakeHands();

        // Wakes, signals that a reader has no right to give, cancelled calls where there are none, and bytes that mean nothing.
        for (byte message = 0; message < 20; message++)
        {
            client.Flood([message], 500);
            client.Flood([message, .. new byte[sizeof(ulong)]], 500);
        }

        Assert.False(_shared.TryWait(TimeSpan.FromMilliseconds(50)));
        Assert.Single(_shared.Peers);
        ServesTheNext();
    }

    [Fact]
    public async Task A_client_that_parks_for_ever_and_never_reads_its_wakes_does_not_hold_the_creator_up()
    {
        using RawEnd client = RawEnd.Connect(_name);
        using ControlWords own = await client.ShakeHands();

        for (uint i = 0; i < 20_000; i++)
        {
            Park(own, (i << 3) | (i % 8));
            _shared.Signal();
        }

        Assert.Single(_shared.Peers);
        ServesTheNext();

        static unsafe void Park(ControlWords words, uint value) => *words.Parked = value;
    }

    [Fact]
    public async Task Observers_are_let_in_without_being_counted_but_not_without_number()
    {
        _shared.Dispose();
        Create(new SharedStructOptions { MaxPeers = 1 });
        int joined = 0;
        _shared.PeerJoined += (_, _) => Interlocked.Increment(ref joined);
        List<(RawEnd, ControlWords)> observers = [];
        for (int i = 0; i < 16; i++)
        {
            RawEnd observer = RawEnd.Connect(_name);
            observers.Add((observer, await observer.ShakeHands(PeerRole.Observer)));
        }

        using (RawEnd another = RawEnd.Connect(_name))
        {
            another.Send(RawEnd.Hello(PeerRole.Observer));
            Assert.Equal(RefusalReason.Full, (await another.ReceiveRefusal()).Reason);
        }

        Assert.Empty(_shared.Peers);
        using (SharedStruct.Open<Telemetry>(_name))
            await Until(() => Volatile.Read(ref joined) == 1, "the one peer is heard of");

        foreach ((RawEnd observer, ControlWords own) in observers)
        {
            observer.Dispose();
            own.Dispose();
        }
    }

    [Fact]
    public async Task A_client_for_which_no_descriptor_is_left_is_turned_away_and_the_next_one_let_in()
    {
        // In a process of its own, with a limit of its own. The runtime ends a process in which it cannot start the thread that
        // compiles in the background.
        Peer creator = StartPeer(("DOTNET_TieredCompilation", "0"));
        string name = NewName();
        creator.Ask($"create {name}");
        creator.Ask("exhaust-descriptors");
        using (RawEnd client = RawEnd.Connect(name))
            await client.ReceiveHangUp();

        creator.Ask("release-descriptors");

        using SharedStructReader<Telemetry> reader = await SharedStruct.OpenAsync<Telemetry>(name);
    }

    private static byte[] With(byte[] packet, int offset, uint value)
    {
        byte[] copy = [.. packet];
        BinaryPrimitives.WriteUInt32LittleEndian(copy.AsSpan(offset), value);
        return copy;
    }

    private static byte[] Replace(byte[] packet, ReadOnlySpan<byte> old, ReadOnlySpan<byte> by)
    {
        byte[] copy = [.. packet];
        by.CopyTo(copy.AsSpan(copy.AsSpan().IndexOf(old)));
        return copy;
    }

    private static unsafe bool CanWrite(SafeDescriptor pipe)
    {
        byte one = 1;
        return (long)LibC.write((int)pipe.DangerousGetHandle(), &one, 1) == 1;
    }

    private void Create(SharedStructOptions options)
    {
        _name = NewName();
        _shared = SharedStruct.Create<Telemetry>(_name, options);
        _shared.PeerRefused += (_, refusal) =>
        {
            lock (_refused)
                _refused.Enqueue(refusal);
        };
    }

    private async Task<PeerRefusedEventArgs> NextRefusal()
    {
        PeerRefusedEventArgs? refusal = null;
        await Until(
            () =>
            {
                lock (_refused)
                    return _refused.TryDequeue(out refusal);
            },
            "the creator hears of the refusal");
        return refusal!;
    }

    private void ServesTheNext()
    {
        using SharedStructReader<Telemetry> reader = SharedStruct.Open<Telemetry>(_name);
        _shared.Value = Telemetry.Of(11);
        Assert.Equal("11", reader.Read().Describe());
    }
}
