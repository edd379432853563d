using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace TypedShm.CrossProcess.Workloads;

internal enum Carrier
{
    Unix,
    SeqPacket,
    Tcp,
    Pipe,
}

/// <summary>There and back over what the system and .NET have for it, 56 bytes, blocking.</summary>
internal sealed partial class StreamRoundTrip(string name, Carrier carrier, int count) : Workload(name)
{
    private const int Size = 56;
    private const int OwnerOnly = 0x180;

    private readonly byte[] _message = new byte[Size];
    private Connection? _connection;
    private FileStream? _in;
    private FileStream? _out;
    private long _number;
    private long _last;

    public override void OpenMain()
    {
        if (carrier == Carrier.Pipe)
        {
            _out = new FileStream(Fifo("there"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);
            _in = new FileStream(Fifo("back"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 0);
        }
        else
        {
            _connection = Connection.Connect(carrier, Name);
        }
    }

    public override void OpenPeer()
    {
        if (carrier == Carrier.Pipe)
        {
            _in = new FileStream(Fifo("there"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 0);
            _out = new FileStream(Fifo("back"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);
        }
        else
        {
            _connection = Connection.Accept(carrier, Name);
        }
    }

    public override Run RunMain()
    {
        long start = _last = Now();
        for (int i = 0; i < count; i++)
            Ask();
        return new Run(start, Now(), count);
    }

    public override Run RunPeer()
    {
        for (int i = 0; i < count; i++)
        {
            Receive();
            Send();
        }

        return new Run(0, Now(), count);
    }

    public override void Dispose()
    {
        _connection?.Dispose();
        _in?.Dispose();
        _out?.Dispose();
        File.Delete($"{Name}-there");
        File.Delete($"{Name}-back");
    }

    private void Ask()
    {
        MemoryMarshal.AsRef<Message56>(_message.AsSpan()).Number = ++_number;
        Send();
        Receive();
        Check(MemoryMarshal.AsRef<Message56>(_message).Number, _number);
        Record(ref _last);
    }

    private void Send()
    {
        if (_out is not null)
            _out.Write(_message);
        else
            _connection!.Socket.Send(_message);
    }

    private void Receive()
    {
        for (int got = 0; got < Size;)
        {
            Span<byte> rest = _message.AsSpan(got);
            int more = _in is not null ? _in.Read(rest) : _connection!.Socket.Receive(rest, SocketFlags.None);
            got += more > 0 ? more : throw new EndOfStreamException("The other process has ended.");
        }
    }

    private string Fifo(string direction)
    {
        string path = $"{Name}-{direction}";
        const int EEXIST = 17;
        if (mkfifo(path, OwnerOnly) != 0 && Marshal.GetLastPInvokeError() != EEXIST)
            throw new InvalidOperationException($"mkfifo {path}: {Marshal.GetLastPInvokeErrorMessage()}.");
        return path;
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkfifo(string path, uint mode);
}

/// <summary>The same over a Unix stream socket, with await on both sides.</summary>
internal sealed class AsyncSocketRoundTrip(string name, int count) : Workload(name)
{
    private const int Size = 56;

    private readonly byte[] _message = new byte[Size];
    private Connection _connection = null!;
    private long _number;
    private long _last;

    public override Pinning Pinning => Pinning.Process;

    public override void OpenMain() => _connection = Connection.Connect(Carrier.Unix, Name);

    public override void OpenPeer() => _connection = Connection.Accept(Carrier.Unix, Name);

    public override Run RunMain()
    {
        long start = _last = Now();
        AskAsync().GetAwaiter().GetResult();
        return new Run(start, Now(), count);
    }

    public override Run RunPeer()
    {
        AnswerAsync().GetAwaiter().GetResult();
        return new Run(0, Now(), count);
    }

    public override void Dispose() => _connection?.Dispose();

    private async Task AskAsync()
    {
        for (int i = 0; i < count; i++)
        {
            MemoryMarshal.AsRef<Message56>(_message.AsSpan()).Number = ++_number;
            await _connection.Socket.SendAsync(_message.AsMemory(), SocketFlags.None).ConfigureAwait(false);
            await ReceiveAsync().ConfigureAwait(false);
            Check(MemoryMarshal.AsRef<Message56>(_message).Number, _number);
            Record(ref _last);
        }
    }

    private async Task AnswerAsync()
    {
        for (int i = 0; i < count; i++)
        {
            await ReceiveAsync().ConfigureAwait(false);
            await _connection.Socket.SendAsync(_message.AsMemory(), SocketFlags.None).ConfigureAwait(false);
        }
    }

    private async ValueTask ReceiveAsync()
    {
        for (int got = 0; got < Size;)
        {
            int more = await _connection.Socket.ReceiveAsync(_message.AsMemory(got), SocketFlags.None).ConfigureAwait(false);
            got += more > 0 ? more : throw new EndOfStreamException("The other process has ended.");
        }
    }
}

/// <summary>A connected socket. The accepting side says where it listens in a file, which the other one waits for.</summary>
internal sealed class Connection(Socket socket, string path) : IDisposable
{
    public Socket Socket => socket;

    public static Connection Accept(Carrier carrier, string path)
    {
        using Socket listener = New(carrier);
        listener.Bind(carrier == Carrier.Tcp ? new IPEndPoint(IPAddress.Loopback, 0) : new UnixDomainSocketEndPoint(path));
        listener.Listen(1);
        string ready = Ready(path);
        File.WriteAllText($"{ready}.new", carrier == Carrier.Tcp ? $"{((IPEndPoint)listener.LocalEndPoint!).Port}" : "");
        File.Move($"{ready}.new", ready);
        return new Connection(NoDelay(listener.Accept(), carrier), path);
    }

    public static Connection Connect(Carrier carrier, string path)
    {
        while (!File.Exists(Ready(path)))
            Thread.Sleep(1);
        EndPoint end = carrier == Carrier.Tcp
            ? new IPEndPoint(IPAddress.Loopback, int.Parse(File.ReadAllText(Ready(path)), CultureInfo.InvariantCulture))
            : new UnixDomainSocketEndPoint(path);
        Socket socket = New(carrier);
        socket.Connect(end);
        return new Connection(NoDelay(socket, carrier), path);
    }

    public void Dispose()
    {
        socket.Dispose();
        File.Delete(path);
        File.Delete(Ready(path));
    }

    private static string Ready(string path) => $"{path}.ready";

    private static Socket New(Carrier carrier) => carrier switch
    {
        Carrier.Tcp => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp),
        Carrier.SeqPacket => new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified),
        _ => new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified),
    };

    private static Socket NoDelay(Socket socket, Carrier carrier)
    {
        if (carrier == Carrier.Tcp)
            socket.NoDelay = true;
        return socket;
    }
}
