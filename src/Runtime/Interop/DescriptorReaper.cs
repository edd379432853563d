using System.Runtime.InteropServices;

namespace TypedShm.Interop;

/// <summary>The process that sent a descriptor, as the kernel names it; the id is 0 for one in another PID namespace.</summary>
internal readonly record struct DescriptorSender(int ProcessId, uint UserId);

/// <summary>
/// Closes what a peer sent and nobody wants, and sockets in which such things may still be queued, on threads that may hang: closing a
/// TCP socket with SO_LINGER or a file on a hostile FUSE mount takes as long as its sender likes.
/// </summary>
/// <remarks>
/// What hangs here is bounded per sender, so that nobody can make the closes of others wait for theirs: a user's senders share
/// <see cref="ThreadsPerUser"/> threads, chosen by process id, and a sender with <see cref="MaxPerProcess"/> closes outstanding (a user
/// with <see cref="MaxPerUser"/>) is let in no more, see <see cref="IsOverloadedBy"/>.
/// </remarks>
internal static class DescriptorReaper
{
    public const int MaxPerProcess = 16;
    public const int MaxPerUser = 256;
    private const int ThreadsPerUser = 8;

    private static readonly Lock s_gate = new();

    // One entry for each thread that runs: what it is to close, in order, the first being closed at the moment.
    private static readonly Dictionary<(uint User, int Thread), Queue<(SafeHandle Handle, DescriptorSender Sender)>> s_waiting = [];

    // Entries whose threads could not be started yet.
    private static readonly Queue<(uint User, int Thread)> s_unstarted = [];

    /// <summary>True while so much that the sender sent waits for its close that no further connection of it should be let in.</summary>
    public static bool IsOverloadedBy(DescriptorSender sender)
    {
        lock (s_gate)
        {
            int ofUser = 0;
            int ofProcess = 0;
            for (int thread = 0; thread < ThreadsPerUser; thread++)
            {
                if (!s_waiting.TryGetValue((sender.UserId, thread), out Queue<(SafeHandle Handle, DescriptorSender Sender)>? waiting))
                    continue;
                ofUser += waiting.Count;
                foreach ((_, DescriptorSender other) in waiting)
                    ofProcess += other == sender ? 1 : 0;
            }

            return ofProcess >= MaxPerProcess || ofUser >= MaxPerUser;
        }
    }

    /// <summary>Closes what was received: at once if it is memory, as honest peers send, of which no close waits for anybody.</summary>
    public static void Close(SafeDescriptor descriptor)
    {
        // Only memory has seals, and the kernel looks for them without asking whoever is behind a file.
        if (Native.GetSeals(descriptor) >= 0)
            descriptor.Dispose();
        else
            Close(descriptor, descriptor.Sender);
    }

    /// <summary>Closes a handle for which a sender is to blame if that takes long.</summary>
    public static void Close(SafeHandle handle, DescriptorSender sender)
    {
        (uint User, int Thread) key = (sender.UserId, sender.ProcessId % ThreadsPerUser);
        lock (s_gate)
        {
            ref Queue<(SafeHandle Handle, DescriptorSender Sender)>? waiting =
                ref CollectionsMarshal.GetValueRefOrAddDefault(s_waiting, key, out bool isRunning);
            (waiting ??= []).Enqueue((handle, sender));
            if (!isRunning)
                s_unstarted.Enqueue(key);
        }

        StartThreads();
    }

    private static void StartThreads()
    {
        while (TakeUnstarted() is { } key)
        {
            try
            {
                WorkThread.Run("TypedShm descriptor reaper", () => Run(key));
            }
            catch (Exception error) when (error is OutOfMemoryException or ThreadStartException)
            {
                // For want of memory, or of a descriptor (the runtime takes one for each thread). What waits is counted, and the next
                // close tries again.
                lock (s_gate)
                    s_unstarted.Enqueue(key);
                return;
            }
        }
    }

    private static (uint User, int Thread)? TakeUnstarted()
    {
        lock (s_gate)
            return s_unstarted.TryDequeue(out (uint User, int Thread) key) ? key : null;
    }

    // A handle is closed by whoever is the last to use it, and that may be another thread that was just sending on it, which would hang
    // instead of this one. With a copy of the descriptor its close is not the last one: nothing but the copy's close releases the socket,
    // and that comes after it. After Dispose nobody begins to use the handle, so the wait is for calls that do not block. (A number that
    // was closed and belongs to another socket is only looked at; whoever is behind another file is not asked.) Nothing but sockets is in
    // use elsewhere. In a process that has no descriptor for the copy the few instructions between such a call and its release remain.
    private static void CloseHere(SafeHandle handle)
    {
        try
        {
            int number = (int)handle.DangerousGetHandle();
            using SafeDescriptor? copy = Native.TryDuplicate(handle);
            handle.Dispose();
            while (copy is not null && Native.IsOfSameSocket(number, copy))
                Thread.Sleep(1);
        }
        catch (ObjectDisposedException)
        {
            // Somebody else has closed it.
        }
    }

    private static void Run((uint User, int Thread) key)
    {
        while (true)
        {
            SafeHandle next;
            lock (s_gate)
                next = s_waiting[key].Peek().Handle;
            CloseHere(next);

            lock (s_gate)
            {
                Queue<(SafeHandle Handle, DescriptorSender Sender)> waiting = s_waiting[key];
                waiting.Dequeue();
                if (waiting.Count > 0)
                    continue;
                s_waiting.Remove(key);
                return;
            }
        }
    }
}
