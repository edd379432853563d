using System.Net.Sockets;
using TypedShm.Interop;
using TypedShm.Memory;

namespace TypedShm.Transport;

/// <summary>A link to another process, over the socket of its handshake.</summary>
internal sealed class SocketLink(Socket socket, ControlWords own, ControlWords peer, PeerIdentity identity, PeerRole role, LinkAbilities abilities)
    : Link(own, peer, identity, role, abilities)
{
    // More than one byte, so that a longer packet is noticed.
    private readonly byte[] _buffer = new byte[8];

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

    public override bool Send(LinkMessage message)
    {
        try
        {
            return Native.TrySend(socket.SafeHandle, [(byte)message]);
        }
        catch (Exception error) when (error is SystemCallException or ObjectDisposedException)
        {
            // The peer is gone, which the receiving side of this link notices and tells.
            return false;
        }
    }

    protected override void Listen() => _ = ReceiveAll();

    protected override void HangUp() => socket.Dispose();

    private async Task ReceiveAll()
    {
        try
        {
            while (true)
            {
                await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None).ConfigureAwait(false);
                while (Native.TryReceive(socket.SafeHandle, _buffer, acceptDescriptors: false, out ReceivedPacket packet))
                {
                    // Nothing (a hang-up, or an empty packet, which reads the same) or anything longer ends the connection.
                    if (packet.Length != 1)
                        return;
                    OnReceived((LinkMessage)_buffer[0]);
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
