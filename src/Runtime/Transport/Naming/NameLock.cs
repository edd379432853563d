using System.Net.Sockets;
using TypedShm.Interop;

namespace TypedShm.Transport;

/// <summary>
/// The lock file beside a socket, held for as long as its listener lives. Whoever holds it may replace the socket; the
/// kernel frees it when the holder ends, however it ends. The file itself stays, since removing it would race.
/// </summary>
internal static class NameLock
{
    public static SafeDescriptor Take(EndpointName endpoint)
    {
        string path = endpoint.Path + ".lock";
        SafeDescriptor file = Native.OpenLocked(path)
            ?? throw new EndpointInUseException($"The endpoint '{endpoint}' is in use{HolderOf(endpoint)}. Choose another name, or end that process.");
        return file;
    }

    /// <summary>Who holds an endpoint, as the end of a sentence; empty if it cannot be found out.</summary>
    public static string HolderOf(EndpointName endpoint)
    {
        try
        {
            using Socket socket = new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified) { Blocking = false };
            socket.Connect(endpoint.Address);
            PeerIdentity holder = PeerIdentity.Of(socket);
            return $" by {(holder.ProcessId == Environment.ProcessId ? "this process" : "process")} {holder.ProcessId} '{holder.Command}' of user {holder.UserId}";
        }
        catch (SocketException)
        {
            // It may just be starting, or its queue may be full.
            return "";
        }
    }
}
