using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace TypedShm.Channels.Tests.Lifecycle;

/// <summary>
/// What systemd is to a service that stores descriptors: keeps what it is sent with FDSTORE=1, removes by name, and passes what it has
/// from number 3 on when it starts the service again. One service at a time.
/// </summary>
internal sealed class ServiceManager : IDisposable
{
    // Opens the descriptors of this process for reading under the numbers that the service expects them under, and becomes the service.
    private const string Shell = """
        next=3
        for kept in $KEPT; do eval "exec $next</proc/$PPID/fd/$kept"; next=$((next + 1)); done
        unset KEPT
        export LISTEN_PID=$$
        exec "$@"
        """;

    private readonly List<(string Name, SeqPacket Packet)> _store = [];
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly string _address = Path.Combine(NamesDirectory.Path, NamesDirectory.NewName("notify"));

    public ServiceManager() => _socket.Bind(new UnixDomainSocketEndPoint(_address));

    /// <summary>Under what names descriptors are kept, in the order in which they came.</summary>
    public string[] Names
    {
        get
        {
            Receive();
            return [.. _store.Select(kept => kept.Name)];
        }
    }

    /// <summary>What was removed stays, as after a service that was killed before it asked for that.</summary>
    public bool IgnoresRemovals { get; set; }

    /// <summary>Starts the service with everything that is kept.</summary>
    public Peer Start(string program, params string[] arguments)
    {
        Receive();
        return Peer.Start(["bash", "-c", Shell, "service", Peer.DotNet, program, .. arguments],
            ("NOTIFY_SOCKET", _address),
            ("KEPT", string.Join(' ', _store.Select(each => each.Packet.Descriptors[0]))),
            ("LISTEN_FDS", _store.Count.ToString(CultureInfo.InvariantCulture)),
            ("LISTEN_FDNAMES", string.Join(':', _store.Select(each => each.Name))));
    }

    public void Dispose()
    {
        Receive();
        _socket.Dispose();
        File.Delete(_address);
        foreach ((_, SeqPacket packet) in _store)
            packet.Dispose();
    }

    // Everything that was sent, also by who has ended since: systemd looks at its messages before it looks who has ended.
    private void Receive()
    {
        while (_socket.Poll(0, SelectMode.SelectRead))
        {
            SeqPacket packet = SeqPacket.Take(_socket);
            Apply(Encoding.ASCII.GetString(packet.Bytes).Split('\n').Select(line => line.Split('=', 2))
                .ToDictionary(pair => pair[0], pair => pair[1]), packet);
        }
    }

    private void Apply(Dictionary<string, string> fields, SeqPacket packet)
    {
        if (fields.ContainsKey("FDSTORE"))
        {
            _store.Add((fields["FDNAME"], packet));
            return;
        }

        packet.Dispose();
        foreach ((string Name, SeqPacket Packet) kept in IgnoresRemovals ? [] : _store.ToArray())
        {
            if (fields.ContainsKey("FDSTOREREMOVE") && kept.Name == fields["FDNAME"])
            {
                _store.Remove(kept);
                kept.Packet.Dispose();
            }
        }
    }
}
