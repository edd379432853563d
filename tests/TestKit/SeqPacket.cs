using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace TypedShm.TestKit;

/// <summary>A packet of the handshake as it comes over a socket: bytes and descriptors.</summary>
/// <param name="Bytes">The bytes; none at the end of the connection.</param>
/// <param name="Descriptors">The numbers of the descriptors; whoever has the packet closes them.</param>
public sealed record SeqPacket(byte[] Bytes, int[] Descriptors) : IDisposable
{
    private const int MostBytes = 1 << 20;
    private const int MostDescriptors = 64;
    private const int Rights = 1; // SCM_RIGHTS
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int CloseOnExec = 0x4000_0000; // MSG_CMSG_CLOEXEC
    private const int NoSignal = 0x4000; // MSG_NOSIGNAL

    /// <summary>A socket of the kind that the protocol uses.</summary>
    public static Socket NewSocket() => new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);

    /// <summary>Waits for the next packet.</summary>
    public static async Task<SeqPacket> Receive(Socket socket, CancellationToken cancellationToken)
    {
        await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, cancellationToken).ConfigureAwait(false);
        return Take(socket);
    }

    /// <summary>Takes the next packet, if one is there; without bytes if none is, or at the end of the connection.</summary>
    public static unsafe SeqPacket Take(Socket socket)
    {
        byte[] buffer = new byte[MostBytes];
        byte[] control = new byte[16 + (MostDescriptors * sizeof(int))];
        fixed (byte* header = control)
        fixed (byte* bytes = buffer)
        {
            SystemCalls.Vector vector = new() { Base = bytes, Length = buffer.Length };
            SystemCalls.Message message = new()
            {
                Vectors = &vector,
                VectorCount = 1,
                Control = header,
                ControlLength = control.Length,
            };
            nint length = SystemCalls.recvmsg((int)socket.Handle, &message, CloseOnExec);
            if (length < 0)
                return new SeqPacket([], []);
            int count = message.ControlLength >= 16 ? ((int)*(long*)header - 16) / sizeof(int) : 0;
            return new SeqPacket(buffer[..(int)length], new ReadOnlySpan<int>((int*)header + 4, count).ToArray());
        }
    }

    /// <summary>Sends it on; the descriptors stay open here too.</summary>
    /// <param name="socket">Where to.</param>
    /// <param name="surplus">Descriptors that are sent with it besides its own.</param>
    public unsafe void Send(Socket socket, params ReadOnlySpan<int> surplus)
    {
        int[] descriptors = [.. Descriptors, .. surplus];
        byte[] control = new byte[16 + (MostDescriptors * sizeof(int))];
        fixed (byte* header = control)
        fixed (byte* bytes = Bytes)
        {
            // struct cmsghdr: a length of 8 bytes, level, type, data.
            *(long*)header = 16 + (descriptors.Length * sizeof(int));
            ((int*)header)[2] = SocketLevel;
            ((int*)header)[3] = Rights;
            descriptors.CopyTo(new Span<int>((int*)header + 4, MostDescriptors));
            SystemCalls.Vector vector = new() { Base = bytes, Length = Bytes.Length };
            SystemCalls.Message message = new() { Vectors = &vector, VectorCount = 1 };
            if (descriptors.Length > 0)
            {
                message.Control = header;
                message.ControlLength = 16 + ((descriptors.Length + 1) / 2 * 8);
            }

            if (SystemCalls.sendmsg((int)socket.Handle, &message, NoSignal) < 0)
                throw new SocketException(Marshal.GetLastPInvokeError() == 32 ? (int)SocketError.Shutdown : (int)SocketError.SocketError);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(Descriptors, descriptor => _ = SystemCalls.close(descriptor));
}
