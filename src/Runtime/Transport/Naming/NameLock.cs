using System.Net.Sockets;
using TypedShm.Interop;

namespace TypedShm.Transport;

/// <summary>
/// The lock file beside a socket, held for as long as its listener lives. Whoever holds it may replace the socket; the
/// kernel frees it when the holder ends, however it ends.
/// </summary>
/// <remarks>
/// The holder removes the file while it still holds the lock. Whoever opened the file before that gets the lock of a file that has no
/// name any more: after locking he compares what he locked with what the name stands for now, and begins anew if they differ. So of all
/// who hold a lock at any moment, at most one holds that of the file that has the name: two would have locked the same file, since the
/// name stood for it when each of them compared, and only a holder takes the name away.
/// </remarks>
internal sealed class NameLock : IDisposable
{
    private readonly string _path;
    private readonly SafeDescriptor _file;

    private NameLock(string path, SafeDescriptor file)
    {
        _path = path;
        _file = file;
    }

    /// <exception cref="EndpointInUseException">Another process, or another channel of this one, holds it.</exception>
    public static NameLock Take(EndpointName endpoint)
    {
        string path = endpoint.Path + ".lock";
        while (true)
        {
            SafeDescriptor file = Native.OpenLocked(path)
                ?? throw new EndpointInUseException(
                    $"The endpoint '{endpoint}' is in use{HolderOf(endpoint)}. Choose another name, or end that process.");
            if (Native.IsFileAt(file, path))
                return new NameLock(path, file);
            file.Dispose();
        }
    }

    /// <summary>Who holds an endpoint, as the end of a sentence; empty if it cannot be found out.</summary>
    public static string HolderOf(EndpointName endpoint) => FindHolder(endpoint) is { } holder
        ? $" by {(holder.ProcessId == Environment.ProcessId ? $"this process, {holder.ProcessId} '{holder.Command}'" : holder.Process)}"
            + $" of user {holder.UserId}"
        : "";

    /// <summary>Who listens at an endpoint; null if it cannot be found out.</summary>
    public static PeerIdentity? FindHolder(EndpointName endpoint)
    {
        try
        {
            using Socket socket = UnixSocket.New();
            socket.Blocking = false;
            Native.AcceptDescriptors(socket, accept: false);
            socket.Connect(endpoint.Address);
            return PeerIdentity.Of(socket);
        }
        catch (Exception error) when (error is SocketException or SystemCallException)
        {
            // It may just be starting, or its queue may be full.
            return null;
        }
    }

    /// <summary>Whether the file still has the name. If not, another process can take the name.</summary>
    public bool IsInPlace => Native.IsFileAt(_file, _path);

    public void Dispose()
    {
        try
        {
            // Unless it was removed, and is another holder's by now.
            if (IsInPlace)
                File.Delete(_path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The directory is gone or may not be written any more; the next creator takes the file as it is.
        }

        _file.Dispose();
    }
}
