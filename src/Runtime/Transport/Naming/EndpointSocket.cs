using System.Buffers.Binary;
using System.Buffers.Text;
using System.Net.Sockets;
using System.Text;
using TypedShm.Interop;

namespace TypedShm.Transport;

/// <summary>A listening socket that owns its name: nobody else gets it before this is disposed or the process ends.</summary>
internal sealed class EndpointSocket : IDisposable
{
    /// <summary>Characters of the name that a socket is bound to before it is renamed into place: a dot, and base 64.</summary>
    public const int TemporaryNameLength = 1 + (HashedBytes * 4 / 3);

    private const int HashedBytes = 6;
    private const int Backlog = 128;

    private readonly string? _path;
    private readonly FileId? _file;
    private NameLock? _lock;

    private EndpointSocket(Socket socket, string? path, FileId? file, NameLock? nameLock)
    {
        Socket = socket;
        _path = path;
        _file = file;
        _lock = nameLock;
    }

    public Socket Socket { get; }

    /// <summary>
    /// Whether clients still find this socket by its name, and nobody else can take the name. False once somebody has removed the
    /// socket, its lock file or their directory. An abstract name cannot be lost.
    /// </summary>
    public bool IsInPlace => _path is null || (_lock is { IsInPlace: true } && Native.FileAt(_path) == _file);

    /// <summary>
    /// Takes the name and begins to listen. Clients cannot send descriptors to what is accepted, see
    /// <see cref="Native.AcceptDescriptors"/>.
    /// </summary>
    /// <exception cref="EndpointInUseException">Another process, or another channel of this one, has it.</exception>
    public static EndpointSocket Bind(EndpointName endpoint, PeerPolicy policy) => Bind(endpoint, policy, null);

    /// <summary>
    /// Takes the name again after it was lost, with another socket; this one's lock, if that is still in place, is its from then on.
    /// </summary>
    /// <exception cref="SharedMemoryException">
    /// Another process has the name, or the directory is missing. This one is as it was.
    /// </exception>
    public EndpointSocket BindAgain(EndpointName endpoint, PeerPolicy policy)
    {
        NameLock? held = _lock is { IsInPlace: true } ? _lock : null;
        EndpointSocket successor = Bind(endpoint, policy, held);
        if (held is not null)
            _lock = null;
        return successor;
    }

    /// <summary>Frees the name. Never throws: whatever has become of the directory, the socket is closed and the lock released.</summary>
    public void Dispose()
    {
        try
        {
            // While the lock is held, and only this socket: after the name was lost there may be a successor's.
            if (_path is not null && IsInPlace)
                File.Delete(_path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The directory is gone or may not be written any more. A socket that stays behind refuses connections, and the next
            // creator replaces it.
        }

        Socket.Dispose();
        _lock?.Dispose();
    }

    private static EndpointSocket Bind(EndpointName endpoint, PeerPolicy policy, NameLock? held)
    {
        FileId? file = null;
        NameLock? nameLock = null;
        Socket socket = UnixSocket.New();
        try
        {
            socket.Blocking = false;

            // Before the first client: what is connected inherits it, so that nobody can send any before it is known who he is.
            Native.AcceptDescriptors(socket, accept: false);
            if (endpoint.Path is null)
            {
                BindAbstract(endpoint, socket);
            }
            else
            {
                endpoint.PrepareDirectory(policy);
                nameLock = held ?? NameLock.Take(endpoint);
                CrashPoint.Reach(CrashStep.NameLocked);
                file = BindPath(endpoint.Path, socket, policy);
            }

            return new EndpointSocket(socket, endpoint.Path, file, nameLock);
        }
        catch
        {
            socket.Dispose();
            if (held is null)
                nameLock?.Dispose();
            throw;
        }
    }

    private static void BindAbstract(EndpointName endpoint, Socket socket)
    {
        try
        {
            socket.Bind(endpoint.Address);
            socket.Listen(Backlog);
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new EndpointInUseException(
                $"The endpoint '{endpoint}' is in use{NameLock.HolderOf(endpoint)}. Choose another name, or end that process.");
        }
    }

    // Bound under a name that nobody looks for and renamed into place, so that a client finds either nothing or a socket
    // that listens, and what a killed process left behind is replaced in one step. It is the same temporary name each time, which the
    // lock of the final one protects: whoever holds that removes what a process left there that was killed before the rename.
    private static FileId? BindPath(string path, Socket socket, PeerPolicy policy)
    {
        string temporary = TemporaryFor(path);
        bool isBound = false;
        try
        {
            if (Native.KindAt(temporary) == FileKind.Socket)
                DeleteIfThere(temporary);
            socket.Bind(new UnixDomainSocketEndPoint(temporary));
            isBound = true;
            File.SetUnixFileMode(temporary, policy.SocketMode);
            socket.Listen(Backlog);
            FileId? file = Native.FileAt(temporary);

            // Whoever may write to the directory could put a file there between this look and the rename; the lock keeps those out who
            // create endpoints.
            if (Native.KindAt(path) == FileKind.Other)
                throw new SharedMemoryException($"'{path}' exists and is no socket, so the endpoint cannot be made there: only a "
                    + "socket is ever replaced. Choose another name, or remove it.");
            CrashPoint.Reach(CrashStep.NameBound);
            File.Move(temporary, path, overwrite: true);
            isBound = false;
            CrashPoint.Reach(CrashStep.NameTaken);
            return file;
        }
        catch (Exception error) when (error is SocketException or IOException or UnauthorizedAccessException)
        {
            throw new SharedMemoryException($"The socket '{path}' cannot be made: {error.Message}. Check that the directory exists and "
                + "that this user may write there.", error);
        }
        finally
        {
            if (isBound)
                DeleteIfThere(temporary);
        }
    }

    // As short as it can be, since the kernel limits the length of a socket's path, and no other name's: 48 bits of its hash.
    internal static string TemporaryFor(string path)
    {
        Span<byte> hash = stackalloc byte[sizeof(ulong)];
        ulong whole = Fnv.Hash(Encoding.UTF8.GetBytes(Path.GetFileName(path)));
        BinaryPrimitives.WriteUInt64LittleEndian(hash, whole ^ (whole >> (8 * HashedBytes)));
        return $"{Path.GetDirectoryName(path)!.TrimEnd('/')}/.{Base64Url.EncodeToString(hash[..HashedBytes])}";
    }

    private static void DeleteIfThere(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Why the socket could not be made is what the caller is told.
        }
    }
}
