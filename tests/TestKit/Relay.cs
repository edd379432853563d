using System.Net.Sockets;

namespace TypedShm.TestKit;

/// <summary>What a <see cref="Relay"/> does once it has passed on as many packets as it was told.</summary>
public enum RelayEnd
{
    /// <summary>It hangs up on both sides, as the kernel does for a process that was killed.</summary>
    HangUp,

    /// <summary>It passes nothing on any more, as if the process that it stands for were stopped.</summary>
    Stop,

    /// <summary>It sends the next packet twice.</summary>
    Repeat,

    /// <summary>It sends descriptors with the next packet that belong to nobody.</summary>
    AddDescriptors,

    /// <summary>It passes on everything.</summary>
    Never,
}

/// <summary>
/// Stands between a client and a creator of any channel and passes the packets of their handshake on, up to a step that a test chooses. For
/// each of the two it is the other one, which is killed, or
/// stopped, or says the wrong thing, at exactly that step. It understands none of the packets.
/// </summary>
public sealed class Relay : IDisposable
{
    /// <summary>How many packets a handshake has: Hello, Welcome, Attach, Ready.</summary>
    public const int HandshakeLength = 4;

    private readonly Socket _listener = SeqPacket.NewSocket();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Socket> _sockets = [];
    private readonly string _path;
    private readonly string _creator;
    private readonly int _steps;
    private readonly RelayEnd _end;
    private readonly Task _accepting;
    private int _ended;

    /// <param name="creator">The name that the real creator has taken.</param>
    /// <param name="steps">How many packets of a connection are passed on, of both directions together.</param>
    /// <param name="end">What comes then.</param>
    public Relay(string creator, int steps, RelayEnd end)
    {
        _creator = Path.Combine(NamesDirectory.Path, creator + ".sock");
        _steps = steps;
        _end = end;
        Name = NamesDirectory.NewName("relay");
        _path = Path.Combine(NamesDirectory.Path, Name + ".sock");
        _listener.Bind(new UnixDomainSocketEndPoint(_path));
        _listener.Listen();
        _accepting = Accept();
    }

    /// <summary>The name under which clients find it.</summary>
    public string Name { get; }

    /// <summary>How many connections have come to the step.</summary>
    public int Ended => Volatile.Read(ref _ended);

    /// <summary>Hangs up on everyone and goes.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        lock (_sockets)
            _sockets.ForEach(socket => socket.Dispose());
        Until.Soon(_accepting).GetAwaiter().GetResult();
        File.Delete(_path);
        _stop.Dispose();
    }

    private async Task Accept()
    {
        List<Task> connections = [];
        try
        {
            while (true)
                connections.Add(Serve(await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false)));
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException
            || (error is SocketException && _stop.IsCancellationRequested))
        {
            await Task.WhenAll(connections).ConfigureAwait(false);
        }
    }

    private async Task Serve(Socket client)
    {
        using Socket creator = SeqPacket.NewSocket();
        lock (_sockets)
            _sockets.AddRange([client, creator]);
        try
        {
            await creator.ConnectAsync(new UnixDomainSocketEndPoint(_creator), _stop.Token).ConfigureAwait(false);

            // The handshake goes back and forth; after it both speak when they like.
            for (int step = 0; step < HandshakeLength; step++)
            {
                (Socket from, Socket to) = step % 2 == 0 ? (client, creator) : (creator, client);
                if (step == _steps && _end != RelayEnd.AddDescriptors && _end != RelayEnd.Repeat)
                {
                    await End(client, creator).ConfigureAwait(false);
                    return;
                }

                if (!await Pass(from, to, step).ConfigureAwait(false))
                    return;
            }

            if (_steps == HandshakeLength && _end is RelayEnd.HangUp or RelayEnd.Stop)
            {
                await End(client, creator).ConfigureAwait(false);
                return;
            }

            await Task.WhenAny(PassAll(client, creator), PassAll(creator, client)).ConfigureAwait(false);
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One of the two has gone, or the test is over.
        }
        finally
        {
            client.Dispose();
        }
    }

    private async Task End(Socket client, Socket creator)
    {
        Interlocked.Increment(ref _ended);
        if (_end == RelayEnd.HangUp)
            return;
        await Task.WhenAny(HungUp(client), HungUp(creator)).ConfigureAwait(false);
    }

    // What is sent meanwhile stays unread.
    private async Task HungUp(Socket socket)
    {
        while (!SystemCalls.HasHungUp((int)socket.Handle))
            await Task.Delay(5, _stop.Token).ConfigureAwait(false);
    }

    private async Task PassAll(Socket from, Socket to)
    {
        while (await Pass(from, to, HandshakeLength).ConfigureAwait(false))
        {
        }
    }

    private async Task<bool> Pass(Socket from, Socket to, int step)
    {
        using SeqPacket packet = await SeqPacket.Receive(from, _stop.Token).ConfigureAwait(false);
        if (packet.Bytes.Length == 0)
            return false;
        bool isIt = step == _steps && step < HandshakeLength;
        if (isIt)
            Interlocked.Increment(ref _ended);
        if (isIt && _end == RelayEnd.AddDescriptors)
            packet.Send(to, (int)_listener.Handle, (int)_listener.Handle);
        else
            packet.Send(to);
        if (isIt && _end == RelayEnd.Repeat)
            packet.Send(to);
        return true;
    }
}
