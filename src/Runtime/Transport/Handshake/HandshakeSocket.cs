using System.Net.Sockets;
using TypedShm.Interop;

namespace TypedShm.Transport;

/// <summary>Sends and receives the packets of a handshake over a SOCK_SEQPACKET socket, each within the deadline.</summary>
internal sealed class HandshakeSocket<THandshakeWaiter>
    where THandshakeWaiter : struct, IHandshakeWaiter
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(1);

    private readonly Socket _socket;
    private readonly Deadline _deadline;
    private readonly CancellationToken _cancellationToken;
    private readonly DescriptorSender _peer;

    public HandshakeSocket(Socket socket, DescriptorSender peer, Deadline deadline, CancellationToken cancellationToken)
    {
        _socket = socket;
        _peer = peer;
        _deadline = deadline;
        _cancellationToken = cancellationToken;

        // The kernel sends no packet longer than the buffer, and its default is shorter than the longest of ours.
        socket.SendBufferSize = HandshakeCodec.MaxPacket;
    }

    /// <summary>
    /// Sends one packet. If the peer has hung up this does nothing: the next <see cref="Receive"/> finds what it said last.
    /// </summary>
    public async ValueTask Send(byte[] packet, SafeDescriptor[]? descriptors = null)
    {
        try
        {
            // The peer's queue holds a whole handshake, so it is full only if the peer floods itself.
            while (!Native.TrySend(_socket.SafeHandle, packet, descriptors))
            {
                if (_deadline.IsOver)
                    throw new TimeoutException();
                await default(THandshakeWaiter).Pause(s_pause, _cancellationToken).ConfigureAwait(false);
            }
        }
        catch (SystemCallException error) when (error.Errno is Errno.EPIPE or Errno.ECONNRESET)
        {
        }
    }

    /// <summary>As <see cref="Send"/>, but neither waits nor throws.</summary>
    /// <returns>False if it was not sent.</returns>
    public bool TrySend(byte[] packet, SafeDescriptor[] descriptors)
    {
        try
        {
            return Native.TrySend(_socket.SafeHandle, packet, descriptors);
        }
        catch (SystemCallException)
        {
            return false;
        }
    }

    /// <summary>Receives one packet.</summary>
    /// <param name="acceptDescriptors">
    /// Whether it may bring descriptors. What is left in the socket is for <see cref="SocketCloser"/>.
    /// </param>
    /// <exception cref="PeerGoneException">The peer hung up.</exception>
    /// <exception cref="ProtocolException">
    /// The packet is too long, or brings descriptors that it must not bring. It is left in the socket.
    /// </exception>
    /// <exception cref="SystemCallException">This process has no room for the descriptors.</exception>
    public async ValueTask<(byte[] Packet, SafeDescriptor[] Descriptors)> Receive(bool acceptDescriptors)
    {
        PeekedPacket next;
        while (!Native.TryPeek(_socket.SafeHandle, out next))
            await default(THandshakeWaiter).WaitToRead(_socket, _deadline, _cancellationToken).ConfigureAwait(false);

        if (next.HasDescriptors && !acceptDescriptors)
            throw new ProtocolException("The peer sent descriptors along with a message that brings none.");
        if (next.Length > HandshakeCodec.MaxPacket)
            throw new ProtocolException($"The peer sent a packet of {next.Length} bytes; the longest have {HandshakeCodec.MaxPacket}.");

        byte[] packet = new byte[next.Length];
        if (!Native.TryReceive(_socket.SafeHandle, packet, _peer, out ReceivedPacket received)
            || (received.Length == 0 && Native.HasHungUp(_socket.SafeHandle)))
        {
            received.CloseDescriptors();
            throw new PeerGoneException("The peer hung up in the middle of the handshake.", wasClosed: false);
        }

        if (received.LostDescriptors)
        {
            received.CloseDescriptors();
            throw SystemCallException.Create("recvmsg", Errno.EMFILE, "taking the descriptors that the peer sent");
        }

        return (packet, received.Descriptors ?? []);
    }
}
