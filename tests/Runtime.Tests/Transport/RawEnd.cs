using System.Net.Sockets;
using Tmds.Linux;

namespace TypedShm.Tests.Transport;

/// <summary>One end of a connection that says what a test wants it to say, whether the protocol allows it or not.</summary>
internal sealed class RawEnd : IDisposable
{
    private readonly Socket _socket;
    private readonly HandshakeSocket<AsyncWaiter> _handshake;

    /// <summary>Takes a connection over, that of a hostile server for instance.</summary>
    public RawEnd(Socket socket)
    {
        _socket = socket;

        // Room for a packet of more than the protocol allows.
        socket.SendBufferSize = 2 * HandshakeCodec.MaxPacket;
        _handshake = new HandshakeSocket<AsyncWaiter>(
            socket, Native.PeerCredentials(socket).Sender, Deadline.After(Peer.Patience), CancellationToken.None);
    }

    /// <summary>Whether something has come that was not received, or the other side has hung up.</summary>
    public bool HasUnread => _socket.Poll(0, SelectMode.SelectRead);

    public static RawEnd Connect(string endpoint)
    {
        Socket socket = NewSocket();
        socket.Connect(EndpointName.Parse(endpoint).Address);
        return new RawEnd(socket);
    }

    public static Socket NewSocket() => new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);

    /// <summary>A Hello that a creator of <see cref="Telemetry"/> welcomes.</summary>
    public static byte[] Hello(PeerRole role = PeerRole.Reader) =>
        HandshakeCodec.Encode(new HelloMessage(ChannelKind.Struct, role, 0, [LayoutAdvertisement.Of<Telemetry>()]));

    public void Send(ReadOnlySpan<byte> packet, params SafeDescriptor[] descriptors) =>
        Assert.True(Native.TrySend(_socket.SafeHandle, packet, descriptors));

    /// <summary>Sends a packet with more copies of a descriptor than the library would ever send.</summary>
    public unsafe void SendMany(ReadOnlySpan<byte> packet, SafeDescriptor descriptor, int count)
    {
        ulong[] control = new ulong[2 + ((count + 1) / 2)];
        fixed (ulong* header = control)
        fixed (byte* bytes = packet)
        {
            header[0] = (ulong)(16 + (count * sizeof(int)));
            ((int*)header)[2] = LibC.SOL_SOCKET;
            ((int*)header)[3] = 1; // SCM_RIGHTS
            new Span<int>((int*)header + 4, count).Fill((int)descriptor.DangerousGetHandle());
            iovec vector = new() { iov_base = bytes, iov_len = packet.Length };
            msghdr message = new()
            {
                msg_iov = &vector,
                msg_iovlen = 1,
                msg_control = header,
                msg_controllen = (uint)(control.Length * sizeof(ulong))
            };
            Assert.Equal(packet.Length, (long)LibC.sendmsg((int)_socket.SafeHandle.DangerousGetHandle(), &message, 0));
        }
    }

    /// <summary>The next packet and its descriptors, which the caller closes.</summary>
    public async Task<(byte[] Packet, SafeDescriptor[] Descriptors)> Receive() => await _handshake.Receive(acceptDescriptors: true);

    /// <summary>The next packet, which has to be a refusal.</summary>
    public async Task<RefuseMessage> ReceiveRefusal()
    {
        (byte[] packet, _) = await Receive();
        return RefuseMessage.Decode(packet);
    }

    /// <summary>The whole handshake as it should be. The words returned are this end's own.</summary>
    public async Task<ControlWords> ShakeHands(PeerRole role = PeerRole.Reader)
    {
        Send(Hello(role));
        (byte[] packet, SafeDescriptor[] descriptors) = await Receive();
        Array.ForEach(descriptors, descriptor => descriptor.Dispose());
        WelcomeMessage.Decode(packet);
        ControlWords own = ControlWords.Create("raw");
        using (SafeDescriptor copy = own.Region.DescriptorForPeer(writable: false))
            Send(Attach(own.Region.Size), copy);
        (packet, _) = await Receive();
        ReadyMessage.Decode(packet);
        return own;
    }

    /// <summary>An Attach that announces one control region.</summary>
    public static byte[] Attach(long size, RegionKind kind = RegionKind.Control) =>
        HandshakeCodec.Encode(new AttachMessage([new RegionInfo(kind, false, size)]));

    /// <summary>Sends until the other side's queue is full or it has hung up.</summary>
    /// <returns>How many were sent.</returns>
    public int Flood(ReadOnlySpan<byte> packet, int most)
    {
        try
        {
            for (int i = 0; i < most; i++)
            {
                if (!Native.TrySend(_socket.SafeHandle, packet))
                    return i;
            }

            return most;
        }
        catch (SystemCallException error) when (error.Errno is Errno.EPIPE or Errno.ECONNRESET)
        {
            return -1;
        }
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
