using System.Net.Sockets;
using System.Text;

namespace TypedShm.Tests.Transport;

/// <summary>Messages of the handshake over a socket, and their limits.</summary>
public sealed class Packets(ITestOutputHelper output) : SharingTest(output)
{
    [Fact]
    public async Task The_longest_message_of_the_protocol_goes_through()
    {
        using Socket listener = RawEnd.NewSocket();
        UnixDomainSocketEndPoint address = new($"{AssemblySetup.Directory}/{NewName("longest")}");
        listener.Bind(address);
        listener.Listen();
        using Socket one = RawEnd.NewSocket();
        one.Connect(address);
        using Socket other = listener.Accept();
        HandshakeSocket<AsyncReadiness> sender = new(one, Deadline.After(Peer.Patience), CancellationToken.None);
        HandshakeSocket<AsyncReadiness> receiver = new(other, Deadline.After(Peer.Patience), CancellationToken.None);
        StatedLayout longest = LongestLayout();

        await sender.Send(Wire.Encode(new HelloMessage(ChannelKind.Call, PeerRole.Reader, 0, [longest, longest])));

        (byte[] packet, _) = await receiver.Receive(acceptDescriptors: false);
        Assert.Equal([longest.Descriptor.Fingerprint, longest.Descriptor.Fingerprint], Wire.DecodeHello(packet).Layouts.Select(layout => layout.Descriptor.Fingerprint));
    }

    [Fact]
    public void Messages_survive_encoding()
    {
        StatedLayout layout = StatedLayout.Of<Telemetry>();
        HelloMessage hello = Wire.DecodeHello(Wire.Encode(new HelloMessage(ChannelKind.Queue, PeerRole.Writer, 5, [layout])));
        Assert.Equal((ChannelKind.Queue, PeerRole.Writer, 5u), (hello.Kind, hello.Role, hello.Abilities));
        Assert.Equal(layout.Json, Assert.Single(hello.Layouts).Json);

        RegionInfo[] regions = [new(RegionKind.StructDescription, false, 4096), new(RegionKind.None, true, 1L << 40), new(RegionKind.Control, false, 8192)];
        WelcomeMessage welcome = Wire.DecodeWelcome(Wire.Encode(new WelcomeMessage(6, [layout], regions)));
        Assert.Equal(regions, welcome.Regions);
        Assert.Equal(6u, welcome.Abilities);
        Assert.Equal(regions, Wire.DecodeAttach(Wire.Encode(new AttachMessage(regions))).Regions);

        RefuseMessage refuse = Wire.DecodeRefuse(Wire.Encode(new RefuseMessage(RefusalReason.Full, new string('\u00E9', 5_000), [])));
        Assert.Equal(RefusalReason.Full, refuse.Reason);
        Assert.Equal(new string('\u00E9', 1_024), refuse.Text);
        Assert.Equal(ulong.MaxValue, Wire.DecodeReady(Wire.Encode(new ReadyMessage(ulong.MaxValue))).Start);
    }

    private static StatedLayout LongestLayout()
    {
        StringBuilder json = new("""{"name":"Longest","size":100000,"alignment":1,"fields":[""");
        for (int i = 0; json.Length < LayoutDescriptor.MaxJsonLength - 200; i++)
            json.Append(i == 0 ? "" : ",").Append(System.Globalization.CultureInfo.InvariantCulture, $$"""{"name":"Field{{i}}","kind":"uint8","offset":{{i}},"size":1}""");
        byte[] bytes = Encoding.UTF8.GetBytes(json.Append("]}").ToString());
        return new StatedLayout(LayoutDescriptor.Parse(bytes), bytes);
    }
}
