using System.Net.Sockets;
using System.Runtime.InteropServices;
using Tmds.Linux;

namespace TypedShm.Interop;

internal static unsafe partial class Native
{
    // The header of a control message: cmsg_len (size_t), cmsg_level, cmsg_type. Not taken from Tmds.LibC, whose
    // CMSG_LEN(4) is 24 instead of 20: the kernel would read a second descriptor, 0, from the padding and send it.
    private const int ControlHeader = 16;
    private const int MaxDescriptors = 8;
    private const int ScmRights = 1;
    private const int SoPassCredentials = 16;
    private const int SoPeerCredentials = 17;
    private const int SoPassRights = 83;
    private const int SoCookie = 57;

    // SCM_MAX_FD of the kernel.
    private const int MostSendable = 253;

    private static volatile bool s_hasPassRights = true;

    /// <summary>Whether the kernel has SO_PASSRIGHTS, as far as is known; a test turns it off.</summary>
    public static bool HasPassRights
    {
        get => s_hasPassRights;
        set => s_hasPassRights = value;
    }

    /// <summary>Sends one packet, with descriptors, without blocking.</summary>
    /// <returns>False if the peer's queue is full; true if the packet was sent.</returns>
    public static bool TrySend(SafeHandle socket, ReadOnlySpan<byte> packet, ReadOnlySpan<SafeDescriptor> descriptors = default)
    {
        if (descriptors.Length > MaxDescriptors)
            throw new ArgumentException(
                $"At most {MaxDescriptors} descriptors go into one packet, not {descriptors.Length}.", nameof(descriptors));

        byte* control = stackalloc byte[ControlHeader + (MaxDescriptors * sizeof(int))];
        if (descriptors.Length > 0)
        {
            *(ulong*)control = (ulong)(ControlHeader + (descriptors.Length * sizeof(int)));
            ((int*)control)[2] = LibC.SOL_SOCKET;
            ((int*)control)[3] = ScmRights;
        }

        int borrowedCount = 0;
        fixed (byte* bytes = packet)
        {
            iovec vector = new() { iov_base = bytes, iov_len = packet.Length };
            msghdr message = new() { msg_iov = &vector, msg_iovlen = 1 };
            if (descriptors.Length > 0)
            {
                message.msg_control = control;
                message.msg_controllen = (uint)Align8(ControlHeader + (descriptors.Length * sizeof(int)));
            }

            try
            {
                // Until they are sent, so that no number among them is closed and another file's meanwhile.
                foreach (SafeDescriptor descriptor in descriptors)
                {
                    bool added = false;
                    descriptor.DangerousAddRef(ref added);
                    ((int*)control)[4 + borrowedCount++] = (int)descriptor.DangerousGetHandle();
                }

                return TrySend(socket, &message);
            }
            finally
            {
                foreach (SafeDescriptor descriptor in descriptors[..borrowedCount])
                    descriptor.DangerousRelease();
            }
        }
    }

    /// <summary>
    /// Whether a number is a descriptor of the same socket as another one. Of anything that is no socket the kernel says so itself: nobody
    /// who is behind a file is asked.
    /// </summary>
    public static bool IsOfSameSocket(int number, SafeDescriptor other)
    {
        using Borrowed borrowed = new(other);
        return CookieOf(number) is { } cookie && CookieOf(borrowed.Descriptor) == cookie;
    }

    /// <summary>Looks at the next packet without taking it, so without becoming the owner of anything that was sent along.</summary>
    /// <remarks>
    /// Whoever takes a packet out of a socket closes the descriptors in it that find no place, and such a close can block for as long as
    /// the sender likes (a TCP socket with SO_LINGER, a file on a FUSE mount). A look without a control buffer puts none of them into
    /// this process's table, and leaves the queue's references to them alone, so nothing is closed; MSG_CTRUNC then says that there are
    /// some.
    /// </remarks>
    /// <returns>False if nothing is there yet.</returns>
    public static bool TryPeek(SafeHandle socket, out PeekedPacket packet)
    {
        byte first;
        iovec vector = new() { iov_base = &first, iov_len = sizeof(byte) };
        msghdr message = new() { msg_iov = &vector, msg_iovlen = 1 };

        // With MSG_TRUNC the length is the packet's, not that of what had room.
        long length = TryReceive(socket, &message, LibC.MSG_PEEK | LibC.MSG_TRUNC);
        packet = new PeekedPacket((int)length, (message.msg_flags & LibC.MSG_CTRUNC) != 0);
        return length >= 0;
    }

    /// <summary>Receives one packet without blocking. Every descriptor that comes with it is in the result, owned.</summary>
    /// <remarks>
    /// The control buffer has room for as many descriptors as the kernel lets anyone send, whatever is expected: those without room would
    /// be closed by the kernel on this thread, see <see cref="TryPeek"/>. (It still does so when this process has no descriptor left.)
    /// </remarks>
    /// <param name="socket">A SOCK_SEQPACKET socket.</param>
    /// <param name="buffer">Room for the packet.</param>
    /// <param name="sender">Whose descriptors they are.</param>
    /// <param name="packet">What was received.</param>
    /// <returns>False if nothing is there yet.</returns>
    public static bool TryReceive(SafeHandle socket, Span<byte> buffer, DescriptorSender sender, out ReceivedPacket packet)
    {
        const int ControlLength = ControlHeader + ((MostSendable + 1) * sizeof(int));
        byte* control = stackalloc byte[ControlLength];
        fixed (byte* bytes = buffer)
        {
            iovec vector = new() { iov_base = bytes, iov_len = buffer.Length };
            msghdr message = new() { msg_iov = &vector, msg_iovlen = 1, msg_control = control, msg_controllen = ControlLength };
            long length = TryReceive(socket, &message, LibC.MSG_CMSG_CLOEXEC);
            packet = length < 0 ? default : new ReceivedPacket(
                (int)length,
                (message.msg_flags & LibC.MSG_CTRUNC) != 0,
                TakeDescriptors(control, (int)(uint)message.msg_controllen, sender));
            return length >= 0;
        }
    }

    /// <summary>Takes a connection without blocking.</summary>
    /// <remarks>Not <see cref="Socket.Accept()"/>, which may load assemblies: a process that has no descriptor left could not.</remarks>
    /// <returns>0, or the error: EAGAIN if there is none.</returns>
    public static int TryAccept(Socket listener, out Socket? client)
    {
        using Borrowed borrowed = new(listener.SafeHandle);
        int descriptor;
        do
            descriptor = accept4(borrowed.Descriptor, null, null, CloseOnExec | NonBlocking);
        while (descriptor < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
        client = descriptor < 0 ? null : new Socket(new SafeSocketHandle(descriptor, ownsHandle: true));
        return descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
    }

    /// <summary>Who is at the other end, as the kernel recorded it when the connection was made: SO_PEERCRED.</summary>
    public static (DescriptorSender Sender, uint GroupId) PeerCredentials(Socket socket)
    {
        Span<byte> credentials = stackalloc byte[3 * sizeof(int)];
        socket.GetRawSocketOption(LibC.SOL_SOCKET, SoPeerCredentials, credentials);
        ReadOnlySpan<uint> words = MemoryMarshal.Cast<byte, uint>(credentials);
        return (new DescriptorSender((int)words[0], words[1]), words[2]);
    }

    /// <summary>
    /// Lets peers send descriptors to a socket, or makes their sendmsg fail with EPERM: SO_PASSRIGHTS, of Linux 6.16. What is connected
    /// to a listening socket has its setting from the start. What was sent while it was on stays in the queue.
    /// </summary>
    public static void AcceptDescriptors(Socket socket, bool accept)
    {
        if (!s_hasPassRights)
            return;
        try
        {
            socket.SetRawSocketOption(LibC.SOL_SOCKET, SoPassRights, BitConverter.GetBytes(accept ? 1 : 0));
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ProtocolOption)
        {
            // ENOPROTOOPT, an older kernel: all that is received goes through TryPeek.
            s_hasPassRights = false;
        }
    }

    /// <summary>Takes all packets that wait in a socket that was shut down, up to the first one that has descriptors.</summary>
    /// <remarks>
    /// With SO_PASSCRED each packet brings the credentials of its sender, and the end of the connection none: this tells an empty packet
    /// from the end, which reads as 0 bytes too. The control buffer has room for the credentials alone, so descriptors are announced
    /// (MSG_CTRUNC) but not taken, as in <see cref="TryPeek"/>.
    /// </remarks>
    /// <returns>False if it stopped at a packet that has descriptors; true if nothing is left.</returns>
    public static bool TryDiscardQueue(Socket socket)
    {
        const int ControlLength = ControlHeader + 16;
        socket.SetRawSocketOption(LibC.SOL_SOCKET, SoPassCredentials, BitConverter.GetBytes(1));
        byte* control = stackalloc byte[ControlLength];

        // One byte of each: a message without a vector is nothing that QEMU receives.
        byte first;
        iovec vector = new() { iov_base = &first, iov_len = 1 };
        while (true)
        {
            msghdr message = new() { msg_iov = &vector, msg_iovlen = 1, msg_control = control, msg_controllen = ControlLength };
            if (TryReceive(socket.SafeHandle, &message, LibC.MSG_PEEK) < 0)
                return true;
            if ((message.msg_flags & LibC.MSG_CTRUNC) != 0)
                return false;
            if (message.msg_controllen == 0)
                return true;
            message = new() { msg_iov = &vector, msg_iovlen = 1 };
            TryReceive(socket.SafeHandle, &message, 0);
        }
    }

    private static bool TrySend(SafeHandle socket, msghdr* message)
    {
        using Borrowed borrowed = new(socket);
        while (true)
        {
            long sent = (long)LibC.sendmsg(borrowed.Descriptor, message, LibC.MSG_DONTWAIT | LibC.MSG_NOSIGNAL);
            if (sent >= 0)
                return true;

            switch (Marshal.GetLastPInvokeError())
            {
                case Errno.EINTR: continue;
                // Too many descriptors in flight passes as the peers take them out of their sockets.
                case Errno.EAGAIN or Errno.ENOBUFS or Errno.ETOOMANYREFS: return false;
                case int errno: throw SystemCallException.Create("sendmsg", errno, "sending to a peer");
            }
        }
    }

    private static long TryReceive(SafeHandle socket, msghdr* message, int flags)
    {
        using Borrowed borrowed = new(socket);
        while (true)
        {
            long received = (long)LibC.recvmsg(borrowed.Descriptor, message, LibC.MSG_DONTWAIT | flags);
            if (received >= 0)
                return received;

            switch (Marshal.GetLastPInvokeError())
            {
                case Errno.EINTR: continue;
                case Errno.EAGAIN: return -1;
                // The peer closed its end with packets of ours unread. The kernel says so once; what the peer had
                // sent before, perhaps why it closed, can still be read, and after that the end.
                case Errno.ECONNRESET: continue;
                case int errno: throw SystemCallException.Create("recvmsg", errno, "receiving from a peer");
            }
        }
    }

    private static SafeDescriptor[] TakeDescriptors(byte* control, int length, DescriptorSender sender)
    {
        // As nearly always: a wake-up is a packet too, and allocates nothing.
        if (length < ControlHeader)
            return [];
        List<SafeDescriptor> descriptors = [];
        for (int at = 0; at + ControlHeader <= length;)
        {
            long messageLength = *(long*)(control + at);
            int level = *(int*)(control + at + 8);
            int type = *(int*)(control + at + 12);
            if (messageLength < ControlHeader || messageLength > length - at)
                break;
            if (level == LibC.SOL_SOCKET && type == ScmRights)
            {
                for (int i = ControlHeader; i + sizeof(int) <= messageLength; i += sizeof(int))
                    descriptors.Add(new SafeDescriptor(*(int*)(control + at + i)) { Sender = sender });
            }

            at += Align8((int)messageLength);
        }

        return [.. descriptors];
    }

    // Null of what is no socket, or no descriptor.
    private static ulong? CookieOf(int number)
    {
        ulong cookie;
        uint length = sizeof(ulong);
        return getsockopt(number, LibC.SOL_SOCKET, SoCookie, &cookie, &length) == 0 ? cookie : null;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockopt(int socket, int level, int name, void* value, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int accept4(int listener, void* address, uint* length, int flags);

    private static int Align8(int length) => (length + 7) & ~7;

    /// <summary>Keeps a handle's descriptor from being closed, and its number reused, while a call is using it.</summary>
    private readonly ref struct Borrowed
    {
        private readonly SafeHandle _handle;
        private readonly bool _added;

        public Borrowed(SafeHandle handle)
        {
            _handle = handle;
            handle.DangerousAddRef(ref _added);
        }

        public int Descriptor => (int)_handle.DangerousGetHandle();

        public void Dispose()
        {
            if (_added)
                _handle.DangerousRelease();
        }
    }
}

/// <summary>
/// What <see cref="Native.TryPeek"/> saw: the length (0 also at the end of the connection), and whether descriptors come along.
/// </summary>
internal readonly record struct PeekedPacket(int Length, bool HasDescriptors);

/// <summary>One packet: its length (0 also at the end of the connection) and the descriptors that came with it.</summary>
internal readonly record struct ReceivedPacket(int Length, bool LostDescriptors, SafeDescriptor[]? Descriptors)
{
    public void CloseDescriptors()
    {
        foreach (SafeDescriptor descriptor in Descriptors ?? [])
            DescriptorReaper.Close(descriptor);
    }
}
