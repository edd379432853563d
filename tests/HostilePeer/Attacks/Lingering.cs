using TypedShm.HostilePeer.Raw;

namespace TypedShm.HostilePeer.Attacks;

/// <summary>
/// A TCP socket with SO_LINGER and data that nobody reads: whoever closes it last waits until the reader is gone, or for 10 minutes.
/// </summary>
internal sealed unsafe class Lingering : IDisposable
{
    private const int Internet = 2;
    private const int Stream = 1 | Sys.CloseOnExec;
    private const int SendBuffer = 7;
    private const int ReceiveBuffer = 8;
    private const int Linger = 13;

    private int _sender;
    private int _receiver;

    private Lingering(int sender, int receiver) => (_sender, _receiver) = (sender, receiver);

    public static Lingering Make()
    {
        byte* address = stackalloc byte[16];
        new Span<byte>(address, 16).Clear();
        *(ushort*)address = Internet;
        *(uint*)(address + 4) = 0x0100007F; // 127.0.0.1
        int length = 16;
        int listener = Sys.socket(Internet, Stream, 0);
        int small = 4096;
        _ = Sys.setsockopt(listener, Sys.SocketLevel, ReceiveBuffer, &small, sizeof(int));
        if (Sys.bind(listener, address, 16) < 0 || Sys.listen(listener, 1) < 0 || Sys.getsockname(listener, address, &length) < 0)
            throw new IOException($"A TCP socket: errno {Sys.Errno}");
        int sender = Sys.socket(Internet, Stream, 0);
        _ = Sys.setsockopt(sender, Sys.SocketLevel, SendBuffer, &small, sizeof(int));
        if (Sys.connect(sender, address, 16) < 0)
            throw new IOException($"A TCP connection: errno {Sys.Errno}");
        int receiver = Sys.accept4(listener, null, null, Sys.CloseOnExec);
        _ = Sys.close(listener);
        byte* data = stackalloc byte[4096];
        while (Sys.send(sender, data, 4096, Sys.DontWait | Sys.NoSignal) > 0)
        {
        }

        int* linger = stackalloc int[2] { 1, 600 };
        _ = Sys.setsockopt(sender, Sys.SocketLevel, Linger, linger, 2 * sizeof(int));
        return new Lingering(sender, receiver);
    }

    /// <summary>The socket, which is the caller's now. It is to be closed after <see cref="Dispose"/>.</summary>
    public int TakeSender()
    {
        int sender = _sender;
        _sender = -1;
        return sender;
    }

    public void Dispose()
    {
        if (_receiver >= 0)
            _ = Sys.close(_receiver);
        _receiver = -1;
        if (_sender >= 0)
            _ = Sys.close(_sender);
        _sender = -1;
    }
}
