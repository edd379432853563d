namespace TypedShm.Interop;

/// <summary>
/// Closes descriptors that a peer sent and that turned out not to be memfds, on a thread of its own: closing a file on
/// a hostile FUSE mount may never return.
/// </summary>
internal static class DescriptorReaper
{
    private const int MaxWaiting = 16;

    private static readonly Lock s_gate = new();
    private static readonly Queue<SafeDescriptor> s_waiting = new();
    private static bool s_running;

    /// <summary>True while so many descriptors wait for their close that no further peer should be let in.</summary>
    public static bool IsOverloaded
    {
        get
        {
            lock (s_gate)
                return s_waiting.Count >= MaxWaiting;
        }
    }

    public static void Close(SafeDescriptor descriptor)
    {
        lock (s_gate)
        {
            s_waiting.Enqueue(descriptor);
            if (s_running)
                return;
            s_running = true;
        }

        new Thread(Run) { IsBackground = true, Name = "TypedShm descriptor reaper" }.Start();
    }

    private static void Run()
    {
        while (true)
        {
            SafeDescriptor? next;
            lock (s_gate)
            {
                if (!s_waiting.TryPeek(out next))
                {
                    s_running = false;
                    return;
                }
            }

            next.Dispose();
            lock (s_gate)
                s_waiting.Dequeue();
        }
    }
}
