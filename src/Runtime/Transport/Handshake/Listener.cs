using System.Net.Sockets;
using TypedShm.Interop;
using TypedShm.Layout;
using TypedShm.Memory;

namespace TypedShm.Transport;

/// <summary>What a channel is to those who connect to it. Called on threads of the pool, several at once.</summary>
internal interface IEndpointHost : ILinkHandler
{
    ChannelKind Kind { get; }

    LayoutAdvertisement[] Layouts { get; }

    WaitAbilities Abilities { get; }

    /// <summary>Whether the layouts of a client of that role may have fewer or more fields at their end, see <see cref="LayoutCompatibility"/>.</summary>
    bool LayoutsMayHaveGrown(PeerRole role);

    /// <summary>Looks at what a client wants; null to welcome it.</summary>
    RefuseMessage? Consider(HelloMessage hello);

    /// <summary>Prepares everything for a client before it is welcomed.</summary>
    Admission Admit(HelloMessage hello);

    /// <summary>A client was turned away.</summary>
    void Refused(PeerIdentity peer, SharedMemoryException reason);
}

/// <summary>One client on its way into a channel, between Hello and Ready. Disposed when it is in, or will not come.</summary>
internal abstract class Admission : IDisposable
{
    /// <summary>The regions that the client gets; disposing them stays the host's business.</summary>
    public abstract RegionOffer[] Offers { get; }

    /// <summary>What the creator chose, for the Welcome.</summary>
    public virtual long[] Parameters => [];

    /// <summary>Maps what the client sent, after checking it. The last region is its control region, which is not this method's business.</summary>
    public virtual void Attach(ReceivedRegions received, RegionInfo[] stated) => received.Match(stated, RegionKind.Control);

    /// <summary>The client has attached, and everything it sent is valid. The link is the host's from now on.</summary>
    /// <returns>The position that the client starts from, for channels that have positions.</returns>
    /// <exception cref="PeerRefusedException">Others have taken the last places since the client was considered.</exception>
    public abstract ulong Join(Link link);

    /// <summary>Gives up what belongs to nobody else.</summary>
    public abstract void Dispose();
}

/// <summary>Owns a name and lets clients in: policy, handshake, limits, deadlines.</summary>
internal sealed class Listener : IDisposable
{
    private const int Backlog = 128;
    private const int MaxHandshakes = 64;

    private static readonly TimeSpan s_backOff = TimeSpan.FromMilliseconds(100);

    private readonly EndpointName _endpoint;
    private readonly Socket _socket;
    private readonly SafeDescriptor? _lock;
    private readonly IEndpointHost _host;
    private readonly PeerPolicy _policy;
    private readonly TimeSpan _timeout;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _handshakes = new(MaxHandshakes);

    // Given up while the process has no descriptor left, so that the next connection can be taken and turned away.
    private Socket? _reserve = NewSocket();
    private int _disposed;

    private Listener(EndpointName endpoint, Socket socket, SafeDescriptor? nameLock, IEndpointHost host, PeerPolicy policy, TimeSpan timeout)
    {
        _endpoint = endpoint;
        _socket = socket;
        _lock = nameLock;
        _host = host;
        _policy = policy;
        _timeout = timeout;
    }

    /// <summary>Takes the name and begins to accept.</summary>
    /// <exception cref="EndpointInUseException">Another process, or another channel of this one, has it.</exception>
    public static Listener Start(EndpointName endpoint, IEndpointHost host, PeerPolicy policy, TimeSpan timeout)
    {
        SafeDescriptor? nameLock = null;
        Socket socket = NewSocket();
        try
        {
            if (endpoint.Path is null)
            {
                BindAbstract(endpoint, socket);
            }
            else
            {
                endpoint.PrepareDirectory();
                nameLock = NameLock.Take(endpoint);
                BindPath(endpoint.Path, socket, policy);
            }

            // Starts the runtime's timer thread, if nothing has yet, while there is a descriptor for it: the back-off of a
            // process that has run out of them would be too late.
            _ = Task.Delay(1);
            Listener listener = new(endpoint, socket, nameLock, host, policy, timeout);
            _ = listener.AcceptAll();
            return listener;
        }
        catch
        {
            socket.Dispose();
            nameLock?.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;

        // The name goes first, while the lock still keeps any other starter from putting its own there.
        if (_endpoint.Path is not null)
            File.Delete(_endpoint.Path);
        _stop.Cancel();
        _socket.Dispose();
        _reserve?.Dispose();
        _lock?.Dispose();
    }

    private static Socket NewSocket() => new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);

    private static void BindAbstract(EndpointName endpoint, Socket socket)
    {
        try
        {
            socket.Bind(endpoint.Address);
            socket.Listen(Backlog);
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new EndpointInUseException($"The endpoint '{endpoint}' is in use{NameLock.HolderOf(endpoint)}. Choose another name, or end that process.");
        }
    }

    // Bound under a name that nobody looks for and renamed into place, so that a client finds either nothing or a socket
    // that listens, and what a killed process left behind is replaced in one step.
    private static void BindPath(string path, Socket socket, PeerPolicy policy)
    {
        string temporary = $"{Path.GetDirectoryName(path)}/.{Path.GetRandomFileName()[..8]}";
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(temporary));
            File.SetUnixFileMode(temporary, policy.SocketMode);
            socket.Listen(Backlog);
            File.Move(temporary, path, overwrite: true);
        }
        catch (SocketException error)
        {
            throw new SharedMemoryException($"The socket '{path}' cannot be made: {error.Message}. Check that the directory exists and that this user may write there.", error);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private async Task AcceptAll()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _handshakes.WaitAsync(_stop.Token).ConfigureAwait(false);
                Socket client = await AcceptOne().ConfigureAwait(false);
                _ = Serve(client);
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task<Socket> AcceptOne()
    {
        while (true)
        {
            try
            {
                return await _socket.AcceptAsync(_stop.Token).ConfigureAwait(false);
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.TooManyOpenSockets)
            {
                await TurnAwayOne().ConfigureAwait(false);
            }
            catch (SocketException) when (!_stop.IsCancellationRequested)
            {
                // The client went away between connect and accept.
                await Task.Delay(s_backOff, _stop.Token).ConfigureAwait(false);
            }
        }
    }

    // Without a free descriptor a connection stays in the queue and the accept fails again and again. The reserve's
    // number takes it out of the queue, so that its client learns at once; then there is a pause.
    private async Task TurnAwayOne()
    {
        _reserve?.Dispose();
        _reserve = null;
        try
        {
            using Socket refused = await _socket.AcceptAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            // Another thread of the process was quicker with the number.
        }

        try
        {
            _reserve = NewSocket();
        }
        catch (SocketException)
        {
            // Tried again with the next connection that finds no descriptor.
        }

        await Task.Delay(s_backOff, _stop.Token).ConfigureAwait(false);
    }

    private async Task Serve(Socket client)
    {
        PeerIdentity? peer = null;
        Link? link = null;
        try
        {
            peer = PeerIdentity.Of(client);
            link = await ServerHandshake.Run(client, peer, _host, _policy, _endpoint, Deadline.After(_timeout), _stop.Token).ConfigureAwait(false);
        }
        catch (SharedMemoryException error) when (peer is not null)
        {
            _host.Refused(peer, error);
        }
        catch (TimeoutException) when (peer is not null)
        {
            _host.Refused(peer, new ProtocolException($"The handshake with {peer} at '{_endpoint}' took more than {_timeout.TotalSeconds:0.#} s; the connection was closed."));
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The listener stops, or the client went away before it said who it is.
        }
        finally
        {
            if (link is null)
                client.Dispose();
            _handshakes.Release();
        }
    }
}
