using System.Buffers.Binary;
using System.Net.Sockets;
using TypedShm.Interop;
using TypedShm.Memory;

namespace TypedShm.Transport;

/// <summary>A link to another process, over the socket of its handshake.</summary>
internal sealed class SocketLink(Socket socket, ControlWords own, ControlWords peer, PeerIdentity identity, PeerRole role, LinkAbilities abilities)
    : Link(own, peer, identity, role, abilities)
{
    private const int Plain = sizeof(byte);
    private const int WithArgument = Plain + sizeof(ulong);

    // More than the longest packet, so that a longer one is noticed.
    private readonly byte[] _buffer = new byte[WithArgument + 1];

    public override bool HasHungUp
    {
        get
        {
            try
            {
                return HasEnded || Native.HasHungUp(socket.SafeHandle);
            }
            catch (ObjectDisposedException)
            {
                return true;
            }
        }
    }

    public override bool Send(LinkMessage message, ulong argument = 0)
    {
        Span<byte> packet = stackalloc byte[WithArgument];
        packet[0] = (byte)message;
        BinaryPrimitives.WriteUInt64LittleEndian(packet[Plain..], argument);
        try
        {
            return Native.TrySend(socket.SafeHandle, packet[..LengthOf(message)]);
        }
        catch (Exception error) when (error is SystemCallException or ObjectDisposedException)
        {
            // The peer is gone, which the receiving side of this link notices and tells.
            return false;
        }
    }

    protected override void Listen() => _ = ReceiveAll();

    protected override void HangUp() => socket.Dispose();

    private static int LengthOf(LinkMessage message) => message == LinkMessage.Cancel ? WithArgument : Plain;

    private async Task ReceiveAll()
    {
        try
        {
            while (true)
            {
                await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None).ConfigureAwait(false);
                while (Native.TryReceive(socket.SafeHandle, _buffer, acceptDescriptors: false, out ReceivedPacket packet))
                {
                    // Nothing (a hang-up, or an empty packet, which reads the same) or a length that no message has ends the connection.
                    if (packet.Length is not (Plain or WithArgument))
                        return;
                    OnReceived((LinkMessage)_buffer[0], packet.Length == WithArgument ? BinaryPrimitives.ReadUInt64LittleEndian(_buffer.AsSpan(Plain)) : 0);
                }
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or SystemCallException or OperationCanceledException)
        {
            // However the socket stopped working, the link has ended.
        }
        finally
        {
            End();
        }
    }
}
