using System.Runtime.InteropServices;
using Tmds.Linux;

namespace TypedShm.Interop;

internal static unsafe partial class Native
{
    public const short PollIn = 0x001;
    public const short PollOut = 0x004;
    public const short PollError = 0x008;
    public const short PollHangUp = 0x010;
    public const short PollPeerHangUp = 0x2000;

    // The header of a control message: cmsg_len (size_t), cmsg_level, cmsg_type. Not taken from Tmds.LibC, whose
    // CMSG_LEN(4) is 24 instead of 20: the kernel would read a second descriptor, 0, from the padding and send it.
    private const int ControlHeader = 16;
    private const int MaxDescriptors = 8;
    private const int ScmRights = 1;

    /// <summary>Sends one packet, with descriptors, without blocking.</summary>
    /// <returns>False if the peer's queue is full; true if the packet was sent.</returns>
    public static bool TrySend(SafeHandle socket, ReadOnlySpan<byte> packet, ReadOnlySpan<SafeDescriptor> descriptors = default)
    {
        if (descriptors.Length > MaxDescriptors)
            throw new ArgumentException($"At most {MaxDescriptors} descriptors go into one packet, not {descriptors.Length}.", nameof(descriptors));

        byte* control = stackalloc byte[ControlHeader + (MaxDescriptors * sizeof(int))];
        if (descriptors.Length > 0)
        {
            *(ulong*)control = (ulong)(ControlHeader + (descriptors.Length * sizeof(int)));
            ((int*)control)[2] = LibC.SOL_SOCKET;
            ((int*)control)[3] = ScmRights;
            for (int i = 0; i < descriptors.Length; i++)
                ((int*)control)[4 + i] = descriptors[i].Number;
        }

        fixed (byte* bytes = packet)
        {
            iovec vector = new() { iov_base = bytes, iov_len = packet.Length };
            msghdr message = new() { msg_iov = &vector, msg_iovlen = 1 };
            if (descriptors.Length > 0)
            {
                message.msg_control = control;
                message.msg_controllen = (uint)Align8(ControlHeader + (descriptors.Length * sizeof(int)));
            }

            using Borrowed borrowed = new(socket);
            while (true)
            {
                long sent = (long)LibC.sendmsg(borrowed.Descriptor, &message, LibC.MSG_DONTWAIT | LibC.MSG_NOSIGNAL);
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
    }

    /// <summary>Receives one packet without blocking. Every descriptor that comes with it is in the result, owned.</summary>
    /// <param name="socket">A SOCK_SEQPACKET socket.</param>
    /// <param name="buffer">Room for the packet.</param>
    /// <param name="acceptDescriptors">If false, no control buffer is given, and the kernel itself closes what was sent along.</param>
    /// <param name="packet">What was received.</param>
    /// <returns>False if nothing is there yet.</returns>
    public static bool TryReceive(SafeHandle socket, Span<byte> buffer, bool acceptDescriptors, out ReceivedPacket packet)
    {
        const int ControlLength = ControlHeader + (MaxDescriptors * sizeof(int));
        byte* control = stackalloc byte[ControlLength];
        fixed (byte* bytes = buffer)
        {
            iovec vector = new() { iov_base = bytes, iov_len = buffer.Length };
            msghdr message = new() { msg_iov = &vector, msg_iovlen = 1 };
            if (acceptDescriptors)
            {
                message.msg_control = control;
                message.msg_controllen = ControlLength;
            }

            using Borrowed borrowed = new(socket);
            while (true)
            {
                long received = (long)LibC.recvmsg(borrowed.Descriptor, &message, LibC.MSG_DONTWAIT | LibC.MSG_CMSG_CLOEXEC);
                if (received >= 0)
                {
                    SafeDescriptor[] descriptors = acceptDescriptors ? TakeDescriptors(control, (int)(uint)message.msg_controllen) : [];
                    packet = new ReceivedPacket((int)received, (message.msg_flags & LibC.MSG_TRUNC) != 0, acceptDescriptors && (message.msg_flags & LibC.MSG_CTRUNC) != 0, descriptors);
                    return true;
                }

                switch (Marshal.GetLastPInvokeError())
                {
                    case Errno.EINTR: continue;
                    case Errno.EAGAIN: packet = default; return false;
                    // The peer closed its end with packets of ours unread. The kernel says so once; what the peer had
                    // sent before, perhaps why it closed, can still be read, and after that the end.
                    case Errno.ECONNRESET: continue;
                    case int errno: throw SystemCallException.Create("recvmsg", errno, "receiving from a peer");
                }
            }
        }
    }

    /// <summary>Waits for events on one descriptor.</summary>
    /// <param name="handle">The socket.</param>
    /// <param name="events">What to wait for; errors and hang-ups are always reported.</param>
    /// <param name="milliseconds">How long; 0 only looks.</param>
    /// <returns>What happened; 0 for nothing yet, which a signal can cause before the time is over.</returns>
    public static short Poll(SafeHandle handle, short events, int milliseconds)
    {
        using Borrowed borrowed = new(handle);
        PollDescriptor descriptor = new() { Descriptor = borrowed.Descriptor, Events = events };
        int count = poll(&descriptor, 1, milliseconds);
        if (count < 0 && Marshal.GetLastPInvokeError() != Errno.EINTR)
            throw SystemCallException.FromLastError("poll", "waiting for a peer");
        return count > 0 ? descriptor.Happened : (short)0;
    }

    /// <summary>True once the peer's end of the connection is closed, by the peer or by the kernel at its death.</summary>
    public static bool HasHungUp(SafeHandle socket) =>
        (Poll(socket, PollPeerHangUp, 0) & (PollPeerHangUp | PollHangUp | PollError)) != 0;

    private static SafeDescriptor[] TakeDescriptors(byte* control, int length)
    {
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
                    descriptors.Add(new SafeDescriptor(*(int*)(control + at + i)));
            }

            at += Align8((int)messageLength);
        }

        return [.. descriptors];
    }

    private static int Align8(int length) => (length + 7) & ~7;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(PollDescriptor* descriptors, ulong count, int milliseconds);

    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }

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

/// <summary>One packet: its length (0 also at the end of the connection) and the descriptors that came with it.</summary>
internal readonly record struct ReceivedPacket(int Length, bool IsTruncated, bool LostDescriptors, SafeDescriptor[]? Descriptors)
{
    public void CloseDescriptors()
    {
        foreach (SafeDescriptor descriptor in Descriptors ?? [])
            descriptor.Dispose();
    }
}
