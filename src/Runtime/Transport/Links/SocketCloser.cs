using System.Net.Sockets;
using TypedShm.Interop;

namespace TypedShm.Transport;

/// <summary>Hangs up. Never waits for what the peer has queued in the socket, see <see cref="DescriptorReaper"/>.</summary>
internal static class SocketCloser
{
    /// <summary>Closes a connected socket. The peer sees the hang-up before this returns.</summary>
    /// <remarks>
    /// After the shutdown the peer's sends fail, so what is in the queue then is all that will ever be. If no packet of it has
    /// descriptors, closing
    /// the socket closes nothing else. Otherwise the reaper closes it, unread: a single descriptor of this process, however many are
    /// queued.
    /// </remarks>
    public static void Close(Socket socket, DescriptorSender peer)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // Not connected any more.
        }
        catch (ObjectDisposedException)
        {
            return;
        }

        if (IsFreeOfDescriptors(socket))
            socket.Dispose();
        else
            DescriptorReaper.Close(socket.SafeHandle, peer);
    }

    private static bool IsFreeOfDescriptors(Socket socket)
    {
        try
        {
            return Native.TryDiscardQueue(socket);
        }
        catch (Exception error) when (error is SystemCallException or SocketException or ObjectDisposedException)
        {
            return false;
        }
    }
}
