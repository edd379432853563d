using System.Diagnostics;
using TypedShm.HostilePeer.Attacks;

namespace TypedShm.HostilePeer.Raw;

/// <summary>A client that is attacked, as the server that it has come to sees it.</summary>
internal sealed class RawServer : IDisposable
{
    public const int Capacity = 16;
    public const int TableCount = 100;

    private readonly Input _input;
    private readonly List<IDisposable> _own = [];

    private RawServer(Input input, string kind, RawSocket socket, (ushort Kind, ushort Role, uint Abilities, RawLayout[] Layouts) hello)
    {
        _input = input;
        Kind = kind;
        Socket = socket;
        Hello = hello;
    }

    public string Kind { get; }

    public RawSocket Socket { get; }

    public (ushort Kind, ushort Role, uint Abilities, RawLayout[] Layouts) Hello { get; }

    /// <summary>The regions of the Welcome and of the Ready, those that go with the channel first.</summary>
    public List<RawRegion> Regions { get; } = [];

    /// <summary>The regions of the client.</summary>
    public List<RawMapping> Attached { get; } = [];

    /// <summary>What a server says that chose small figures.</summary>
    public long[] Parameters => Kind switch
    {
        "state" => [1],
        "table" => [TableCount, 0],
        "queue-in" or "queue-out" => [Capacity, 256, 16, 1],
        "broadcast" => [Capacity, 256, 16, 1, 0],
        "lossless" => [Capacity, 256, 16, 1, 1],
        "call" => [Capacity, 256, 16, 0, 512],
        _ => [],
    };

    /// <summary>What the Welcome brings, besides the control words and what is bare.</summary>
    public RawShape? Main => Kind switch
    {
        "struct" => RawShape.Struct(Hello.Layouts[0]),
        "struct-write" => RawShape.Description(Hello.Layouts[0]),
        "state" => RawShape.State(Hello.Layouts[0], times: true),
        "table" => RawShape.Table(Hello.Layouts[0], TableCount, isLive: false),
        "queue-out" => RawShape.Lane(Hello.Layouts[0], Parameters),
        "broadcast" or "lossless" => RawShape.Broadcast(Hello.Layouts[0], Parameters),
        _ => null,
    };

    /// <summary>Takes the next client that is alive and says Hello; they come all the time.</summary>
    public static RawServer? Accept(Input input, string kind)
    {
        long begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun).TotalMilliseconds < RawSocket.Patience)
        {
            RawSocket? socket = input.Attacker.Accept(kind, 1000);
            if (socket is null)
                continue;

            // Those that had waited for too long have gone.
            if (!socket.HasHungUp && socket.Receive(out RawPacket packet, 2000) == Heard.Packet && Wire.TypeOf(packet.Bytes) == Wire.Hello)
            {
                input.Past(Step.Connected);
                return new RawServer(input, kind, socket, Wire.ReadHello(packet.Bytes));
            }

            socket.Dispose();
        }

        input.Hang($"no client of kind '{kind}' comes");
        return null;
    }

    /// <summary>Takes the next client and welcomes it as it should be done.</summary>
    /// <returns>Null if it does not attach.</returns>
    public static RawServer? Welcome(Input input, string kind)
    {
        RawServer? server = Accept(input, kind);
        if (server is null)
            return null;
        server.MakeRegions();
        server.Send(server.MakeWelcome(), [.. server.Regions.Select(region => region.Descriptor)]);
        if (server.HearAttach())
            return server;
        server.Dispose();
        return null;
    }

    /// <summary>Takes the next client and does everything as it should be done.</summary>
    public static RawServer? Open(Input input, string kind)
    {
        RawServer? server = Welcome(input, kind);
        server?.SayReady();
        return server;
    }

    public void MakeRegions()
    {
        if (Main is { } main)
            Regions.Add(Keep(RawRegion.Make(main)));
        if (Kind == "struct-write")
            Regions.Add(Keep(RawRegion.MakeBare(RawRegion.UpToPage(Hello.Layouts[0].Size))));
        Regions.Add(Keep(RawRegion.Make(RawShape.Control())));
    }

    public RawWelcome MakeWelcome() => new(7, Parameters, [.. Regions.Select(InfoOf)], Hello.Layouts);

    public void Send(RawWelcome welcome, int[] descriptors) => Socket.Send(Wire.WelcomeOf(welcome), descriptors);

    /// <summary>The regions that come with Ready.</summary>
    public RawRegion[] MakeReady()
    {
        if (Kind != "call")
            return [];
        RawRegion responses = Keep(RawRegion.Make(RawShape.Responses(Hello.Layouts[1], Parameters)));
        Regions.Insert(0, responses);
        return [responses];
    }

    public void SayReady(ulong start = 0)
    {
        RawRegion[] regions = MakeReady();
        byte[] ready = Wire.ReadyOf(start, [.. regions.Select(region => region.Info)]);
        if (Socket.Send(ready, [.. regions.Select(region => region.Descriptor)]) == 0)
            _input.Past(Step.Open);
    }

    /// <summary>Whether the client takes the Welcome for good; counts what it does.</summary>
    public bool HearAttach()
    {
        Heard heard = Socket.Receive(out RawPacket packet);
        if (heard != Heard.Packet || Wire.TypeOf(packet.Bytes) != Wire.Attach)
        {
            packet.Close();
            if (heard == Heard.Silence)
                _input.Hang($"a client of kind '{Kind}' neither attached nor hung up");
            _input.Outcome("hung up");
            return false;
        }

        IEnumerable<(RawInfo Info, int Descriptor)> regions = Wire.ReadAttach(packet.Bytes).Zip(packet.Descriptors);
        Attached.AddRange(regions.Select(region => Keep(new RawMapping(region.Descriptor, region.Info))));
        _input.Past(Step.Hello);
        _input.Outcome("attached");
        return true;
    }

    /// <summary>A violation if the client does not hang up, at the latest when its own time is over.</summary>
    public void ExpectHangUp(string why)
    {
        if (Socket.WaitForHangUp())
            _input.Outcome("hung up at the end");
        else
            _input.Violation($"a client of kind '{Kind}' stays with a server that {why}");
    }

    public T Keep<T>(T own)
        where T : IDisposable
    {
        _own.Add(own);
        return own;
    }

    public void Dispose()
    {
        Socket.Dispose();
        _own.ForEach(own => own.Dispose());
    }

    private static RawInfo InfoOf(RawRegion region) => region.Shape.Kind == 0 ? new RawInfo(0, 1, region.Size) : region.Info;
}
