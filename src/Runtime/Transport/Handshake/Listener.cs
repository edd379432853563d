using System.Diagnostics;
using System.Net.Sockets;
using TypedShm.Interop;

namespace TypedShm.Transport;

/// <summary>
/// Owns a name and lets clients in: policy, handshake, limits, deadlines. Connections are taken on the thread of
/// <see cref="SocketPoller"/>; each handshake, which asks functions of the program and may wait, runs on a thread of its own.
/// </summary>
internal sealed partial class Listener : ISocketWatcher, IDisposable
{
    private const int MaxAcceptsInTurn = 16;

    private static readonly TimeSpan s_backOff = TimeSpan.FromMilliseconds(100);

    private readonly EndpointName _endpoint;
    private readonly IEndpointHost _host;
    private readonly PeerPolicy _policy;
    private readonly TimeSpan _timeout;
    private readonly ConnectRate? _rate;
    private readonly HalfOpenHandshakes _halfOpen = new();
    private readonly Lock _joining = new();
    private readonly NameGuard _guard;
    private volatile EndpointSocket _socket;
    private volatile SocketPoller.SocketWatch _watch;

    // Given up while the process has no descriptor left, so that the next connection can be taken and turned away. Used by the poller's
    // thread.
    private Socket? _reserve;
    private int _disposed;

    private Listener(
        EndpointName endpoint, EndpointSocket socket, IEndpointHost host, PeerPolicy policy, TimeSpan timeout, int? connectsPerUser)
    {
        _endpoint = endpoint;
        _socket = socket;
        _host = host;
        _policy = policy;
        _timeout = timeout;
        _rate = connectsPerUser is { } limit ? new ConnectRate(limit) : null;
        _guard = new NameGuard(this);
        _reserve = UnixSocket.New();
        try
        {
            _watch = SocketPoller.Watch(socket.Socket.SafeHandle, this);
        }
        catch
        {
            _reserve.Dispose();
            throw;
        }
    }

    /// <summary>Takes the name and begins to accept.</summary>
    /// <exception cref="EndpointInUseException">Another process, or another channel of this one, has it.</exception>
    public static Listener Start(
        EndpointName endpoint, IEndpointHost host, PeerPolicy policy, TimeSpan timeout, int? connectsPerUser)
    {
        EndpointSocket socket = EndpointSocket.Bind(endpoint, policy);
        try
        {
            host.OnNameTaken();
            Listener listener = new(endpoint, socket, host, policy, timeout, connectsPerUser);
            listener._watch.Resume();
            if (endpoint.Path is not null)
                listener._guard.Start();
            return listener;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void OnReady()
    {
        try
        {
            for (int i = 0; i < MaxAcceptsInTurn; i++)
            {
                int errno = Native.TryAccept(_socket.Socket, out Socket? client);
                if (client is not null)
                {
                    if (Accept(client))
                        continue;
                    _watch.Pause();
                    return;
                }

                if (errno is Errno.EMFILE or Errno.ENFILE)
                    TurnAwayOne();

                // Whatever else it is, for instance want of memory, passes or does not: the connection stays in the queue.
                if (errno != Errno.EAGAIN)
                    BackOff();
                return;
            }
        }
        catch (ObjectDisposedException)
        {
            // The listener was disposed.
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _guard.Dispose();
        _watch.Dispose();
        _socket.Dispose();
        _halfOpen.Close();
        Interlocked.Exchange(ref _reserve, null)?.Dispose();
    }

    /// <returns>Whether more can be taken now.</returns>
    private bool Accept(Socket client)
    {
        HalfOpenHandshake handshake;
        try
        {
            DescriptorSender sender = Native.PeerCredentials(client).Sender;
            if (_rate?.TryTake(sender.UserId, Stopwatch.GetTimestamp(), out bool isFirst) == false)
            {
                TurnAway(client, sender, isFirst);
                return true;
            }

            handshake = new HalfOpenHandshake(client, sender);
        }
        catch (SocketException)
        {
            client.Dispose();
            return true;
        }

        bool hasRoom = _halfOpen.Add(handshake);
        try
        {
            WorkThread.Run("TypedShm handshake", () => Serve(handshake));
        }
        catch (Exception error) when (error is OutOfMemoryException or ThreadStartException)
        {
            // No thread can be started now, for want of memory, of a descriptor (the runtime takes one for each) or by a limit.
            Finish(handshake, isOpen: false);
            BackOff();
        }

        return hasRoom;
    }

    // No thread is started for it, nothing is read from it, and of many the host is told once a second.
    private void TurnAway(Socket client, DescriptorSender sender, bool isFirst)
    {
        PeerIdentity? peer = isFirst ? PeerIdentity.Of(client) : null;
        PeerRefusedException reason = new(RefusalReason.Full, $"User {sender.UserId} connects to '{_endpoint}' more often than "
            + $"{_rate!.PerSecond} times a second, which is as often as one user may. Try again in a second, or raise MaxConnectsPerUser.");
        try
        {
            Native.TrySend(client.SafeHandle, HandshakeCodec.Encode(new RefuseMessage(reason.Reason, reason.Message, [])));
        }
        catch (SystemCallException)
        {
            // It has gone already.
        }

        SocketCloser.Close(client, sender);
        if (peer is not null && Volatile.Read(ref _disposed) == 0)
            _host.Refused(peer, reason);
    }

    // Without a free descriptor a connection stays in the queue and the accept fails again and again. The reserve's
    // number takes it out of the queue, so that its client learns at once; then there is a pause.
    private void TurnAwayOne()
    {
        Interlocked.Exchange(ref _reserve, null)?.Dispose();

        // Unless another thread of the process was quicker with the number.
        if (Native.TryAccept(_socket.Socket, out Socket? client) == 0)
            SocketCloser.Close(client!, Native.PeerCredentials(client!).Sender);
        try
        {
            _reserve = UnixSocket.New();
            if (Volatile.Read(ref _disposed) != 0)
                Interlocked.Exchange(ref _reserve, null)?.Dispose();
        }
        catch (SystemCallException)
        {
            // Tried again with the next connection that finds no descriptor.
        }
    }

    private void BackOff()
    {
        SocketPoller.SocketWatch watch = _watch;
        watch.Pause();
        watch.Poller.PostAfter(s_backOff, watch.Resume);
    }

    private void Serve(HalfOpenHandshake handshake)
    {
        PeerIdentity? peer = null;
        Link? link = null;
        try
        {
            peer = PeerIdentity.Of(handshake.Socket);
            link = new ServerHandshake(handshake, peer, _host, _endpoint, Deadline.After(_timeout), _joining).Run(_policy);
        }
        catch (PeerGoneException) when (peer is not null && handshake.WasEvicted)
        {
            _host.Refused(peer, new ProtocolException(
                $"{peer} was silent in its handshake with '{_endpoint}' while others waited; the connection was closed."));
        }
        catch (SharedMemoryException error) when (peer is not null)
        {
            // What ends because the listener stops turns nobody away; what was told to the client before that does.
            if (error is not PeerGoneException || Volatile.Read(ref _disposed) == 0)
                _host.Refused(peer, error);
        }
        catch (TimeoutException) when (peer is not null)
        {
            _host.Refused(peer, new ProtocolException(
                $"The handshake with {peer} at '{_endpoint}' took more than {_timeout.TotalSeconds:0.#} s; the connection was closed."));
        }
        catch (Exception error) when (error is ObjectDisposedException or SocketException)
        {
            // The listener stops, or the client went away before it said who it is.
        }
        finally
        {
            Finish(handshake, isOpen: link is not null);
        }
    }

    private void Finish(HalfOpenHandshake handshake, bool isOpen)
    {
        if (!isOpen)
            SocketCloser.Close(handshake.Socket, handshake.Sender);
        if (_halfOpen.Remove(handshake) && Volatile.Read(ref _disposed) == 0)
            _watch.Resume();
    }
}
