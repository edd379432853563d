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

    public const uint EpollOneShot = 1 << 30;

    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;

    // struct epoll_event { uint32_t events; uint64_t data; }, packed on x64 only.
    private static readonly int s_epollData = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    /// <summary>What epoll operations there are.</summary>
    public enum EpollOperation
    {
        Add = 1,
        Remove = 2,
        Change = 3,
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

    public static SafeDescriptor CreateEpoll() => NewDescriptor(epoll_create1(CloseOnExec), "epoll_create1");

    /// <summary>A descriptor that is readable once <see cref="SignalEvent"/> was called, until <see cref="DrainEvent"/>.</summary>
    public static SafeDescriptor CreateEvent() => NewDescriptor(eventfd(0, CloseOnExec | NonBlocking), "eventfd");

    public static void SignalEvent(SafeDescriptor file)
    {
        // Fails only if so many signals wait already that the count is full: the descriptor is readable then too.
        ulong one = 1;
        using Borrowed borrowed = new(file);
        LibC.write(borrowed.Descriptor, &one, sizeof(ulong));
    }

    public static void DrainEvent(SafeDescriptor file)
    {
        ulong count;
        using Borrowed borrowed = new(file);
        LibC.read(borrowed.Descriptor, &count, sizeof(ulong));
    }

    /// <summary>Changes what an epoll descriptor watches. Hang-ups and errors are always reported.</summary>
    /// <param name="epoll">The epoll descriptor.</param>
    /// <param name="operation">What to do.</param>
    /// <param name="handle">What is watched.</param>
    /// <param name="events">What to report.</param>
    /// <param name="id">What <see cref="WaitForEpoll"/> gives for it.</param>
    public static void ControlEpoll(SafeDescriptor epoll, EpollOperation operation, SafeHandle handle, uint events, ulong id)
    {
        byte* buffer = stackalloc byte[16];
        *(uint*)buffer = events;
        *(ulong*)(buffer + s_epollData) = id;
        using Borrowed borrowedEpoll = new(epoll);
        using Borrowed borrowed = new(handle);
        if (epoll_ctl(borrowedEpoll.Descriptor, (int)operation, borrowed.Descriptor, buffer) != 0)
            throw SystemCallException.FromLastError("epoll_ctl", "watching a socket");
    }

    /// <summary>Waits for what an epoll descriptor watches.</summary>
    /// <param name="epoll">The epoll descriptor.</param>
    /// <param name="ids">Room for the ids of what has happened.</param>
    /// <param name="milliseconds">How long; -1 without limit.</param>
    /// <returns>How many ids were written; 0 after the time or a signal.</returns>
    public static int WaitForEpoll(SafeDescriptor epoll, Span<ulong> ids, int milliseconds)
    {
        int stride = s_epollData + sizeof(ulong);
        byte* buffer = stackalloc byte[ids.Length * stride];
        using Borrowed borrowed = new(epoll);
        int count = epoll_wait(borrowed.Descriptor, buffer, ids.Length, milliseconds);
        if (count < 0)
            return Marshal.GetLastPInvokeError() == Errno.EINTR
                ? 0
                : throw SystemCallException.FromLastError("epoll_wait", "waiting for peers");
        for (int i = 0; i < count; i++)
            ids[i] = *(ulong*)(buffer + (i * stride) + s_epollData);
        return count;
    }

    private static SafeDescriptor NewDescriptor(int number, string call) =>
        number >= 0 ? new SafeDescriptor(number) : throw SystemCallException.FromLastError(call, "preparing to watch sockets");

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int epoll, int operation, int descriptor, byte* change);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(int epoll, byte* events, int room, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(PollDescriptor* descriptors, ulong count, int milliseconds);

    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }
}
