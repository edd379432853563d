using System.Buffers.Binary;
using System.Net.Sockets;
using TypedShm.Interop;
using TypedShm.Memory;

namespace TypedShm.Transport;

/// <summary>A link to another process, over the socket of its handshake.</summary>
internal sealed class SocketLink : Link, ISocketWatcher
{
    private const int Plain = sizeof(byte);
    private const int WithArgument = Plain + sizeof(ulong);

    // So that a peer that floods does not keep the poller from the others.
    private const int MaxMessagesInTurn = 64;

    private readonly Socket _socket;
    private readonly SocketPoller.SocketWatch _watch;

    /// <summary>Makes a link that owns the socket and the words.</summary>
    /// <exception cref="SystemCallException">The socket cannot be watched; it and the words stay the caller's.</exception>
    public SocketLink(Socket socket, ControlWords own, ControlWords peer, PeerIdentity identity, PeerRole role, LinkAbilities abilities)
        : base(own, peer, identity, role, abilities)
    {
        _socket = socket;
        _watch = SocketPoller.Watch(socket.SafeHandle, this);
    }

    public override bool HasHungUp
    {
        get
        {
            try
            {
                return HasEnded || Native.HasHungUp(_socket.SafeHandle);
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
            return Native.TrySend(_socket.SafeHandle, packet[..LengthOf(message)]);
        }
        catch (Exception error) when (error is SystemCallException or ObjectDisposedException)
        {
            // The peer is gone, which the receiving side of this link notices and tells.
            return false;
        }
    }

    public void OnReady()
    {
        // A hang-up that comes before the start: it is reported again after it.
        if (!IsStarted)
            return;
        try
        {
            if (!ReceiveSome())
                End();
        }
        catch (Exception error) when (error is ObjectDisposedException or SystemCallException)
        {
            // However the socket stopped working, the link has ended.
            End();
        }
    }

    protected override void Listen() => _watch.Resume();

    protected override void HangUp()
    {
        _watch.Dispose();
        SocketCloser.Close(_socket, Identity.Sender);
    }

    private static int LengthOf(LinkMessage message) => message is
        LinkMessage.Cancel or LinkMessage.Written or LinkMessage.Read or LinkMessage.Peers ? WithArgument : Plain;

    /// <summary>Takes what has come.</summary>
    /// <returns>
    /// False at the end of the connection, or if the peer sent what no message is: nothing, another length, or descriptors,
    /// which stay in the queue.
    /// </returns>
    private bool ReceiveSome()
    {
        Span<byte> buffer = stackalloc byte[WithArgument];
        for (int i = 0; i < MaxMessagesInTurn && Native.TryPeek(_socket.SafeHandle, out PeekedPacket packet); i++)
        {
            if (packet.HasDescriptors || packet.Length is not (Plain or WithArgument))
                return false;
            Native.TryReceive(_socket.SafeHandle, buffer, Identity.Sender, out _);
            OnReceived((LinkMessage)buffer[0], packet.Length == WithArgument
                ? BinaryPrimitives.ReadUInt64LittleEndian(buffer[Plain..])
                : 0);
        }

        return true;
    }
}
