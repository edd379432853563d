using System.Net.Sockets;

namespace TypedShm.Tests.Transport;

/// <summary>One end of a connection that says what a test wants it to say, whether the protocol allows it or not.</summary>
internal sealed class RawEnd : IDisposable
{
    private readonly Socket _socket;
    private readonly HandshakeSocket<AsyncReadiness> _handshake;

    /// <summary>Takes a connection over, that of a hostile server for instance.</summary>
    public RawEnd(Socket socket)
    {
        _socket = socket;
        _handshake = new HandshakeSocket<AsyncReadiness>(socket, Deadline.After(Peer.Patience), CancellationToken.None);
    }

    public static RawEnd Connect(string endpoint)
    {
        Socket socket = NewSocket();
        socket.Connect(EndpointName.Parse(endpoint).Address);
        return new RawEnd(socket);
    }

    public static Socket NewSocket() => new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);

    /// <summary>A Hello that a creator of <see cref="Telemetry"/> welcomes.</summary>
    public static byte[] Hello(PeerRole role = PeerRole.Reader) => Wire.Encode(new HelloMessage(ChannelKind.Struct, role, 0, [StatedLayout.Of<Telemetry>()]));

    public void Send(ReadOnlySpan<byte> packet, params SafeDescriptor[] descriptors) => Assert.True(Native.TrySend(_socket.SafeHandle, packet, descriptors));

    /// <summary>The next packet and its descriptors, which the caller closes.</summary>
    public async Task<(byte[] Packet, SafeDescriptor[] Descriptors)> Receive() => await _handshake.Receive(acceptDescriptors: true);

    /// <summary>The next packet, which has to be a refusal.</summary>
    public async Task<RefuseMessage> ReceiveRefusal()
    {
        (byte[] packet, _) = await Receive();
        return Wire.DecodeRefuse(packet);
    }

    /// <summary>Waits for the other side to hang up, whatever it says before.</summary>
    public async Task ReceiveHangUp()
    {
        try
        {
            while (true)
            {
                (_, SafeDescriptor[] descriptors) = await Receive();
                Array.ForEach(descriptors, descriptor => descriptor.Dispose());
            }
        }
        catch (PeerGoneException)
        {
        }
    }

    public void Dispose() => _socket.Dispose();
}
