using System.Net.Sockets;
using TypedShm.Tests.Memory;

namespace TypedShm.Tests.Transport;

/// <summary>Servers that break the protocol. Opening fails with an exception that says so, and leaves nothing behind.</summary>
public sealed class HostileServers(ITestOutputHelper output) : SharingTest(output)
{
    public static TheoryData<string, Type> Answers => new()
    {
        { "hangs up", typeof(TimeoutException) },
        { "hangs up unheard", typeof(TimeoutException) },
        { "says nothing", typeof(TimeoutException) },
        { "empty packet", typeof(ProtocolException) },
        { "noise", typeof(ProtocolException) },
        { "cut header", typeof(ProtocolException) },
        { "cut welcome", typeof(ProtocolException) },
        { "more than any packet", typeof(ProtocolException) },
        { "another version", typeof(PeerRefusedException) },
        { "a Hello", typeof(ProtocolException) },
        { "no regions", typeof(ProtocolException) },
        { "control words only", typeof(ProtocolException) },
        { "nothing but the struct", typeof(ProtocolException) },
        { "no descriptors", typeof(ProtocolException) },
        { "too few descriptors", typeof(ProtocolException) },
        { "too many descriptors", typeof(ProtocolException) },
        { "sixteen descriptors", typeof(ProtocolException) },
        { "bare data only", typeof(ProtocolException) },
        { "no layout", typeof(ProtocolException) },
        { "another layout", typeof(LayoutMismatchException) },
        { "refuses for a layout that is the same", typeof(PeerRefusedException) },
        { "refuses with control characters", typeof(PeerRefusedException) },
        { "the struct is a pipe", typeof(RegionInvalidException) },
        { "the struct is not sealed", typeof(RegionInvalidException) },
        { "the struct is half sealed", typeof(RegionInvalidException) },
        { "the struct lies", typeof(RegionInvalidException) },
        { "the struct is of another size", typeof(RegionInvalidException) },
        { "the struct is larger than allowed", typeof(PeerRefusedException) },
        { "the control words are /dev/null", typeof(RegionInvalidException) },
        { "the control words are not sealed", typeof(RegionInvalidException) },
        { "the control words are swapped with the struct", typeof(RegionInvalidException) },
        { "welcomes and hangs up", typeof(TimeoutException) },
        { "welcomes and refuses", typeof(PeerRefusedException) },
        { "welcomes twice", typeof(ProtocolException) },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Opening_survives_a_server_that(string answer, Type expected)
    {
        string path = $"{NamesDirectory.Path}/{NewName("hostile")}";
        using CancellationTokenSource over = new();
        using Socket listener = RawEnd.NewSocket();
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        Task serving = Serve(listener, answer, over.Token);
        OpenOptions options = new() { Timeout = expected == typeof(TimeoutException) ? TimeSpan.FromMilliseconds(300) : Peer.Patience };

        Exception blocking =
            await Assert.ThrowsAnyAsync<Exception>(() => Soon(Task.Run(() => SharedStruct.Open<Telemetry>(path, options))));
        Exception asynchronous =
            await Assert.ThrowsAnyAsync<Exception>(() => Soon(SharedStruct.OpenAsync<Telemetry>(path, options).AsTask()));
        Assert.Equal((expected, expected), (blocking.GetType(), asynchronous.GetType()));
        Assert.DoesNotContain('\u001b', blocking.Message);

        // It was the open whose time was over, and not this test's.
        if (expected == typeof(TimeoutException))
            Assert.All([blocking, asynchronous],
                error => Assert.Contains("could not be opened in time", error.Message, StringComparison.Ordinal));
        Output.WriteLine(blocking.Message);

        await over.CancelAsync();
        await Soon(serving);
    }

    private static async Task Serve(Socket listener, string answer, CancellationToken over)
    {
        List<RawEnd> clients = [];
        try
        {
            while (true)
            {
                RawEnd client = new(await listener.AcceptAsync(over));
                clients.Add(client);
                await Converse(client, answer);
            }
        }
        catch (OperationCanceledException)
        {
            // That was all.
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }
    }

    private static async Task Converse(RawEnd client, string answer)
    {
        try
        {
            if (answer == "hangs up unheard")
            {
                await Until(() => client.HasUnread, "the client has spoken, or is gone");
                client.Dispose();
                return;
            }

            await client.Receive();
            Answer(client, answer);
            if (answer.StartsWith("welcomes and", StringComparison.Ordinal))
            {
                (_, SafeDescriptor[] descriptors) = await client.Receive();
                Array.ForEach(descriptors, descriptor => descriptor.Dispose());
            }

            if (answer == "welcomes and refuses")
                client.Send(HandshakeCodec.Encode(new RefuseMessage(RefusalReason.Full, "too late", [])));
            if (answer is "hangs up" or "welcomes and hangs up")
                client.Dispose();
        }
        catch (Exception error) when (error is PeerGoneException or SystemCallException { Errno: Errno.EPIPE or Errno.ECONNRESET })
        {
            // The client's patience has ended, perhaps before it has read everything.
        }
    }

    private static void Answer(RawEnd client, string answer)
    {
        LayoutAdvertisement layout = LayoutAdvertisement.Of<Telemetry>();
        using SafeDescriptor theStruct = answer switch
        {
            "the struct is a pipe" => Forgery.Pipe(),
            "the struct is not sealed" => Forgery.Struct(0),
            "the struct is half sealed" => Forgery.Struct(Native.SealShrink | Native.SealGrow),
            "the struct lies" => Forgery.Struct(lie: address => Forgery.Write(address + 64, 8, 1UL << 40)),
            _ => Forgery.Struct(),
        };
        using SafeDescriptor control = answer switch
        {
            "the control words are /dev/null" => Forgery.Open("/dev/null"),
            "the control words are not sealed" => Forgery.Control(0),
            _ => Forgery.Control(),
        };
        RegionInfo structInfo = new(RegionKind.Struct, false, 2L * Native.PageSize);
        RegionInfo controlInfo = new(RegionKind.Control, false, Native.PageSize);
        byte[] welcome = HandshakeCodec.Encode(new WelcomeMessage(0, [], [layout], [structInfo, controlInfo]));
        switch (answer)
        {
            case "hangs up" or "says nothing": break;
            case "empty packet": client.Send([]); break;
            case "noise": client.Send(new byte[100]); break;
            case "cut header": client.Send([.. welcome[..8], 14, 0, 0, 0, 0, 0]); break;
            case "cut welcome": client.Send([.. welcome[..8], 40, 0, 0, 0, .. welcome[12..40]], theStruct, control); break;
            case "more than any packet": client.Send(new byte[HandshakeCodec.MaxPacket + 1]); break;
            case "another version": client.Send([.. welcome[..6], 2, 0, .. welcome[8..]], theStruct, control); break;
            case "a Hello": client.Send(RawEnd.Hello(), theStruct, control); break;
            case "no regions": client.Send(HandshakeCodec.Encode(new WelcomeMessage(0, [], [layout], []))); break;
            case "control words only":
                client.Send(
                HandshakeCodec.Encode(new WelcomeMessage(0, [], [layout], [controlInfo])), control); break;
            case "nothing but the struct":
                client.Send(
                HandshakeCodec.Encode(new WelcomeMessage(0, [], [layout], [structInfo])), theStruct); break;
            case "no descriptors": client.Send(welcome); break;
            case "too few descriptors": client.Send(welcome, theStruct); break;
            case "too many descriptors": client.Send(welcome, theStruct, control, control); break;
            case "sixteen descriptors": client.SendMany(welcome, control, 16); break;
            case "bare data only":
                client.Send(HandshakeCodec.Encode(new WelcomeMessage(0, [], [layout],
                [new RegionInfo(RegionKind.None, true, Native.PageSize), controlInfo])), theStruct, control); break;
            case "no layout":
                client.Send(
                HandshakeCodec.Encode(new WelcomeMessage(0, [], [], [structInfo, controlInfo])), theStruct, control); break;
            case "another layout":
                client.Send(HandshakeCodec.Encode(new WelcomeMessage(0, [],
                [LayoutAdvertisement.Of<TestPeer.Swapped.Telemetry>()], [structInfo, controlInfo])), theStruct, control); break;
            case "refuses for a layout that is the same":
                client.Send(
                HandshakeCodec.Encode(new RefuseMessage(RefusalReason.LayoutMismatch, "", [layout]))); break;
            case "refuses with control characters":
                client.Send(
                HandshakeCodec.Encode(new RefuseMessage(RefusalReason.Full, "\u001b[31mred\u001b]0;title\u0007", []))); break;
            case "the struct is of another size":
                client.Send(HandshakeCodec.Encode(
                new WelcomeMessage(0, [], [layout], [structInfo with { Size = structInfo.Size * 2 }, controlInfo])), theStruct,
                control); break;
            case "the struct is larger than allowed":
                client.Send(HandshakeCodec.Encode(
                new WelcomeMessage(0, [], [layout], [structInfo with { Size = 1L << 40 }, controlInfo])), theStruct, control); break;
            case "the control words are swapped with the struct": client.Send(welcome, control, theStruct); break;
            case "welcomes twice":
                client.Send(welcome, theStruct, control);
                client.Send(welcome, theStruct, control);
                break;
            default: client.Send(welcome, theStruct, control); break;
        }
    }
}
