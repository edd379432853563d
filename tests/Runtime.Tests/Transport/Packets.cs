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
        UnixDomainSocketEndPoint address = new($"{NamesDirectory.Path}/{NewName("longest")}");
        listener.Bind(address);
        listener.Listen();
        using Socket one = RawEnd.NewSocket();
        one.Connect(address);
        using Socket other = listener.Accept();
        DescriptorSender self = Native.PeerCredentials(one).Sender;
        HandshakeSocket<AsyncWaiter> sender = new(one, self, Deadline.After(Peer.Patience), CancellationToken.None);
        HandshakeSocket<AsyncWaiter> receiver = new(other, self, Deadline.After(Peer.Patience), CancellationToken.None);
        LayoutAdvertisement longest = LongestLayout();

        await sender.Send(HandshakeCodec.Encode(new HelloMessage(ChannelKind.Call, PeerRole.Reader, 0, [longest, longest])));

        (byte[] packet, _) = await receiver.Receive(acceptDescriptors: false);
        Assert.Equal([longest.Descriptor.Fingerprint, longest.Descriptor.Fingerprint],
            HelloMessage.Decode(packet).Layouts.Select(layout => layout.Descriptor.Fingerprint));
    }

    [Fact]
    public void Messages_survive_encoding()
    {
        LayoutAdvertisement layout = LayoutAdvertisement.Of<Telemetry>();
        HelloMessage hello =
            HelloMessage.Decode(HandshakeCodec.Encode(new HelloMessage(ChannelKind.Queue, PeerRole.Writer, (WaitAbilities)5, [layout])));
        Assert.Equal((ChannelKind.Queue, PeerRole.Writer, (WaitAbilities)5), (hello.Kind, hello.Role, hello.Abilities));
        Assert.Equal(layout.Json, Assert.Single(hello.Layouts).Json);

        RegionInfo[] regions =
            [new(RegionKind.StructDescription, false, 4096), new(RegionKind.None, true, 1L << 40), new(RegionKind.Control, false, 8192)];
        WelcomeMessage welcome =
            WelcomeMessage.Decode(HandshakeCodec.Encode(new WelcomeMessage((WaitAbilities)6, [7, -1], [layout], regions)));
        Assert.Equal(regions, welcome.Regions);
        Assert.Equal((WaitAbilities)6, welcome.Abilities);
        Assert.Equal([7, -1], welcome.Parameters);
        Assert.Equal(regions, AttachMessage.Decode(HandshakeCodec.Encode(new AttachMessage(regions))).Regions);

        RefuseMessage refuse =
            RefuseMessage.Decode(HandshakeCodec.Encode(new RefuseMessage(RefusalReason.Full, new string('\u00E9', 5_000), [])));
        Assert.Equal(RefusalReason.Full, refuse.Reason);
        Assert.Equal(new string('\u00E9', 1_024), refuse.Text);
        Assert.Equal(ulong.MaxValue, ReadyMessage.Decode(HandshakeCodec.Encode(new ReadyMessage(ulong.MaxValue, []))).Start);
    }

    private static LayoutAdvertisement LongestLayout()
    {
        StringBuilder json = new("""{"name":"Longest","size":100000,"alignment":1,"fields":[""");
        for (int i = 0; json.Length < LayoutDescriptor.MaxJsonLength - 200; i++)
        {
            json.Append(i == 0 ? "" : ",").Append(
                System.Globalization.CultureInfo.InvariantCulture, $$"""{"name":"Field{{i}}","kind":"uint8","offset":{{i}},"size":1}""");
        }

        byte[] bytes = Encoding.UTF8.GetBytes(json.Append("]}").ToString());
        return new LayoutAdvertisement(LayoutDescriptor.Parse(bytes), bytes);
    }
}
