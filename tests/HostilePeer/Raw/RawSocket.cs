using System.Diagnostics;
using System.Text;
using TypedShm.TestKit;

namespace TypedShm.HostilePeer.Raw;

/// <summary>What came out of a socket.</summary>
/// <param name="Bytes">The bytes of the packet.</param>
/// <param name="Descriptors">The numbers of the descriptors that came along; whoever has the packet closes them.</param>
internal sealed record RawPacket(byte[] Bytes, int[] Descriptors)
{
    public void Close() => Array.ForEach(Descriptors, descriptor => _ = Sys.close(descriptor));
}

/// <summary>How a wait for a packet ended.</summary>
internal enum Heard
{
    Packet,
    HangUp,
    Silence,
}

/// <summary>A SOCK_SEQPACKET socket.</summary>
internal sealed unsafe class RawSocket(int descriptor) : IDisposable
{
    public const int MostDescriptors = 253;

    /// <summary>Milliseconds after which the other side hangs, however busy the machine is.</summary>
    public static readonly int Patience = (int)Until.Patience.TotalMilliseconds / 2;

    private const int MostBytes = 1 << 19;
    private const int Rights = 1;
    private const int SendBuffer = 7;
    private const int ConnectionReset = 104;
    private const short In = 1;
    private const short HungUp = 0x10 | 0x2000;

    [ThreadStatic]
    private static byte[]? s_buffer;

    private int _descriptor = descriptor;

    public int Descriptor => _descriptor;

    public bool HasHungUp => (Poll(0, 0x2000) & HungUp) != 0;

    /// <summary>Whether nothing has come yet, nor the end.</summary>
    public bool HasNothing => Poll(0, In | 0x2000) == 0;

    /// <summary>Connects.</summary>
    /// <returns>Null and the error number if that fails.</returns>
    public static RawSocket? Connect(string name, out int errno)
    {
        RawSocket socket = New();
        byte[] address = AddressOf(name);
        fixed (byte* bytes = address)
        {
            int result;
            do
                result = Sys.connect(socket._descriptor, bytes, address.Length);
            while (result < 0 && Sys.Errno == Sys.EINTR);
            errno = result < 0 ? Sys.Errno : 0;
        }

        if (errno == 0)
            return socket;
        socket.Dispose();
        return null;
    }

    public static RawSocket Listen(string path)
    {
        File.Delete(path);
        RawSocket socket = New();
        byte[] address = AddressOf(path);
        fixed (byte* bytes = address)
        {
            if (Sys.bind(socket._descriptor, bytes, address.Length) < 0 || Sys.listen(socket._descriptor, 64) < 0)
                throw new IOException($"'{path}' cannot be bound: errno {Sys.Errno}");
        }

        _ = Sys.chmod(path, 0x1B6); // rw-rw-rw-
        return socket;
    }

    /// <returns>The next connection; null if none comes in time.</returns>
    public RawSocket? Accept(int milliseconds)
    {
        if ((Poll(milliseconds, In) & In) == 0)
            return null;
        int client = Sys.accept4(_descriptor, null, null, Sys.CloseOnExec);
        if (client < 0)
            return null;
        RawSocket socket = new(client);
        socket.Widen();
        return socket;
    }

    /// <summary>Sends one packet, without waiting for room.</summary>
    /// <returns>0, or the error number.</returns>
    public int Send(ReadOnlySpan<byte> packet, params ReadOnlySpan<int> descriptors)
    {
        int length = descriptors.Length * sizeof(int);
        byte* control = stackalloc byte[16 + ((MostDescriptors + 1) * sizeof(int))];
        *(long*)control = 16 + length;
        ((int*)control)[2] = Sys.SocketLevel;
        ((int*)control)[3] = Rights;
        descriptors.CopyTo(new Span<int>((int*)control + 4, MostDescriptors));
        fixed (byte* bytes = packet)
        {
            Sys.Vector vector = new() { Base = bytes, Length = packet.Length };
            Sys.Message message = new() { Vectors = &vector, VectorCount = 1 };
            if (length > 0)
            {
                message.Control = control;
                message.ControlLength = 16 + ((length + 7) & ~7);
            }

            while (Sys.sendmsg(_descriptor, &message, Sys.NoSignal | Sys.DontWait) < 0)
            {
                switch (Sys.Errno)
                {
                    // ECONNRESET, of a peer that has not read all, is said once, EPIPE after that.
                    case Sys.EINTR or ConnectionReset: continue;
                    case Sys.EBADF: throw new IOException("This process was about to send a descriptor that it does not have.");
                    case int errno: return errno;
                }
            }
        }

        return 0;
    }

    /// <summary>Waits for the next packet.</summary>
    public Heard Receive(out RawPacket packet, int? milliseconds = null)
    {
        packet = new RawPacket([], []);
        if ((Poll(milliseconds ?? Patience, In | 0x2000) & (In | HungUp)) == 0)
            return Heard.Silence;
        byte[] buffer = s_buffer ??= new byte[MostBytes];
        byte* control = stackalloc byte[16 + ((MostDescriptors + 1) * sizeof(int))];
        fixed (byte* bytes = buffer)
        {
            while (true)
            {
                Sys.Vector vector = new() { Base = bytes, Length = buffer.Length };
                Sys.Message message = new()
                {
                    Vectors = &vector,
                    VectorCount = 1,
                    Control = control,
                    ControlLength = 16 + ((MostDescriptors + 1) * sizeof(int)),
                };
                nint length = Sys.recvmsg(_descriptor, &message, Sys.DontWait | 0x4000_0000);

                // ECONNRESET is said once, before what is still there.
                if (length < 0 && Sys.Errno is Sys.EINTR or ConnectionReset)
                    continue;
                if (length <= 0)
                    return Heard.HangUp;
                int count = message.ControlLength >= 16 ? ((int)*(long*)control - 16) / sizeof(int) : 0;
                packet = new RawPacket(buffer[..(int)length], new ReadOnlySpan<int>((int*)control + 4, count).ToArray());
                return Heard.Packet;
            }
        }
    }

    /// <summary>Reads whatever comes until the other side hangs up.</summary>
    /// <returns>Whether it did in time.</returns>
    public bool WaitForHangUp()
    {
        long begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun).TotalMilliseconds < Patience)
        {
            Heard heard = Receive(out RawPacket packet, 100);
            packet.Close();
            if (heard == Heard.HangUp)
                return true;
        }

        return false;
    }

    public void Shutdown() => _ = Sys.shutdown(_descriptor, 2);

    public void Dispose()
    {
        int number = Interlocked.Exchange(ref _descriptor, -1);
        if (number >= 0)
            _ = Sys.close(number);
    }

    private static RawSocket New()
    {
        int descriptor = Sys.socket(Sys.Unix, Sys.SeqPacket, 0);
        if (descriptor < 0)
            throw new IOException($"socket: errno {Sys.Errno}");
        RawSocket socket = new(descriptor);
        socket.Widen();
        return socket;
    }

    // The longest packet of the protocol has 244,096 bytes, more than the buffer has room for by default.
    private void Widen()
    {
        int size = MostBytes;
        _ = Sys.setsockopt(_descriptor, Sys.SocketLevel, SendBuffer, &size, sizeof(int));
    }

    private static byte[] AddressOf(string name)
    {
        byte[] text = Encoding.UTF8.GetBytes(name);
        bool isAbstract = name[0] == '@';
        if (isAbstract)
            text[0] = 0;
        byte[] address = [Sys.Unix, 0, .. text];
        return isAbstract ? address : [.. address, 0];
    }

    private short Poll(int milliseconds, short events)
    {
        Sys.PollEntry entry = new() { Descriptor = _descriptor, Events = events };
        return Sys.poll(&entry, 1, milliseconds) > 0 ? entry.Returned : (short)0;
    }
}
