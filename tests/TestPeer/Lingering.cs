using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Tmds.Linux;

namespace TypedShm.TestPeer;

/// <summary>
/// Sends descriptors whose close blocks whoever does it: TCP sockets with SO_LINGER and unsent data, of which this process keeps no copy.
/// The close returns when this process ends.
/// </summary>
internal static unsafe class Lingering
{
    private const int Seconds = 600;

    // Open for as long as this process lives.
    private static readonly List<object> s_kept = [];

    /// <summary>
    /// Connects to a path, or to an abstract name that begins with '@', and sends packets, of which the last one brings such a socket.
    /// Before each but the first it waits for an answer.
    /// </summary>
    /// <returns>"sent", or the error of the last one.</returns>
    public static string Send(string path, string[] packets)
    {
        Socket client = new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(path[0] == '@' ? $"\0{path[1..]}" : path));
        s_kept.Add(client);
        for (int i = 0; i < packets.Length; i++)
        {
            if (i > 0)
                client.Receive(new byte[1 << 19]);
            bool isLast = i == packets.Length - 1;
            int errno = Send(client, Convert.FromBase64String(packets[i]), isLast);
            if (errno != 0)
                return $"errno {errno}";
        }

        return "sent";
    }

    /// <summary>Listens at a path, and answers whoever connects with such a socket.</summary>
    public static string Serve(string path)
    {
        Socket listener = new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        s_kept.Add(listener);
        new Thread(() =>
        {
            while (true)
            {
                Socket client = listener.Accept();
                s_kept.Add(client);
                client.Receive(new byte[1 << 19]);
                Send(client, [1, 2, 3], isLingering: true);
                Send(client, [1, 2, 3], isLingering: true);
            }
        })
        { IsBackground = true }.Start();
        return "listens";
    }

    private static int Send(Socket socket, byte[] packet, bool isLingering)
    {
        Socket? lingering = isLingering ? NewLingering() : null;
        byte* control = stackalloc byte[24];
        ((ulong*)control)[0] = 20;
        ((int*)control)[2] = LibC.SOL_SOCKET;
        ((int*)control)[3] = 1; // SCM_RIGHTS
        ((int*)control)[4] = lingering is null ? -1 : (int)lingering.Handle;
        fixed (byte* bytes = packet)
        {
            iovec vector = new() { iov_base = bytes, iov_len = packet.Length };
            msghdr message = new()
            {
                msg_iov = &vector,
                msg_iovlen = 1,
                msg_control = isLingering ? control : null,
                msg_controllen = isLingering ? 24u : 0
            };
            if ((long)LibC.sendmsg((int)socket.Handle, &message, LibC.MSG_NOSIGNAL) >= 0)
            {
                // The receiver may have been quicker with its close, so that this one is the one that hangs.
                if (lingering is not null)
                    new Thread(lingering.Dispose) { IsBackground = true }.Start();
                return 0;
            }

            int errno = Marshal.GetLastPInvokeError();

            // Nobody has it but this process, which shall not hang.
            lingering!.LingerState = new LingerOption(false, 0);
            lingering.Dispose();
            return errno;
        }
    }

    private static Socket NewLingering()
    {
        using Socket listener = new(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        listener.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        listener.Listen();
        Socket sender = new(SocketType.Stream, ProtocolType.Tcp) { SendBufferSize = 4096 };
        sender.Connect(listener.LocalEndPoint!);
        s_kept.Add(listener.Accept());
        sender.Blocking = false;
        try
        {
            while (true)
                sender.Send(new byte[65536]);
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.WouldBlock)
        {
        }

        sender.LingerState = new LingerOption(true, Seconds);
        return sender;
    }
}
