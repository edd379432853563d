using System.Net.Sockets;
using TypedShm.Interop;

namespace TypedShm.Transport;

/// <summary>Makes the sockets of endpoints.</summary>
internal static class UnixSocket
{
    /// <exception cref="SystemCallException">The process, or the machine, has used up its descriptors.</exception>
    public static Socket New()
    {
        try
        {
            return new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        }
        catch (SocketException error)
        {
            // .NET makes ENFILE of EMFILE, which is the far commoner one.
            int errno = error.SocketErrorCode == SocketError.TooManyOpenSockets ? Errno.EMFILE : error.NativeErrorCode;
            throw SystemCallException.Create("socket", errno, "making a socket for an endpoint");
        }
    }
}
