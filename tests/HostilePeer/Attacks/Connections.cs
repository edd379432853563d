using TypedShm.HostilePeer.Raw;
using TypedShm.HostilePeer.Targets;

namespace TypedShm.HostilePeer.Attacks;

/// <summary>Says nothing, at any step, for a moment; now and then until the server has had enough.</summary>
internal sealed class SilenceAttack : Attack
{
    public override string Name => "silence";

    public override string What => "connections to servers on which nothing is said, at each step, up to the deadline of the handshake";

    public override int Weight => 4;

    public override void Run(Input input)
    {
        Endpoint endpoint = input.AnyServer();
        bool untilTheEnd = input.Random.Next(150) == 0;
        List<RawClient?> silent = [];
        try
        {
            for (int i = input.Random.Next(4); i >= 0; i--)
                silent.Add(input.Random.Next(2) == 0 ? RawClient.Connect(input, endpoint) : RawClient.Enter(input, endpoint));
            if (untilTheEnd && silent[0] is { } first)
            {
                // Whoever comes with too many is hung up on without a word; otherwise it is the deadline.
                input.Require(first.Socket.WaitForHangUp(), $"'{endpoint.Name}' waits for who says nothing");
                input.Outcome("waited for the deadline");
            }
            else
            {
                input.Outcome("was silent and went");
            }
        }
        finally
        {
            silent.ForEach(client => client?.Dispose());
        }
    }
}

/// <summary>Connections as fast as they go.</summary>
internal sealed class FloodAttack : Attack
{
    public override string Name => "flood";

    public override string What => "up to 100 connections to a server at once, each closed at another step";

    public override int Weight => 1;

    public override void Run(Input input)
    {
        Endpoint endpoint = input.AnyServer();
        List<RawSocket> sockets = [];
        for (int i = input.Random.Next(100); i >= 0; i--)
        {
            if (RawSocket.Connect(Targets.Run.PathOf(endpoint.Name), out _) is not { } socket)
                continue;
            sockets.Add(socket);
            if (i % 3 == 1)
                socket.Send(endpoint.Hello());
        }

        input.Past(Step.Connected);
        input.Outcome("flooded");
        sockets.ForEach(socket => socket.Dispose());
    }
}

/// <summary>Descriptors that are in flight when the connection ends, and sockets within sockets.</summary>
internal sealed unsafe class InFlightAttack : Attack
{
    public override string Name => "in-flight";

    public override string What => "to servers: descriptors that nobody takes out, sockets that hold others, sockets that linger";

    public override int Weight => 4;

    public override void Run(Input input)
    {
        using RawClient? client = input.Random.Next(3) == 0
            ? RawClient.Open(input, input.AnyServer()) : RawClient.Enter(input, input.AnyServer());
        if (client is null)
            return;
        using Lingering lingering = Lingering.Make();
        int sender = lingering.TakeSender();
        int* ends = stackalloc int[2];
        _ = Sys.socketpair(Sys.Unix, Sys.SeqPacket, 0, ends);
        using RawSocket inner = new(ends[0]);
        using RawSocket outer = new(ends[1]);

        // A socket in the queue of a socket that is sent, and the own one into itself.
        inner.Send([0], sender, ends[1]);
        byte[] packet = input.Random.Next(2) == 0 ? [1] : Wire.AttachOf();
        int sent = 0;
        for (int i = input.Random.Next(5); i >= 0; i--)
        {
            int what = input.Random.Next(3) switch { 0 => sender, 1 => ends[1], _ => client.Socket.Descriptor };
            sent += client.Socket.Send(packet, what) == 0 ? 1 : 0;
        }

        _ = Sys.close(sender);
        input.Outcome(sent > 0 ? "left in flight" : "refused by the kernel");
        if (sent > 0 && input.Random.Next(2) == 0)
            client.ExpectHangUp("sends what is no region");
    }
}

/// <summary>Several that come at once to where there is room for one, and to where there is room for all.</summary>
internal sealed class TwinsAttack : Attack
{
    public override string Name => "twins";

    public override string What => "clients that join a server at the same moment, also for the only place of a queue's reader";

    public override int Weight => 6;

    public override void Run(Input input)
    {
        Endpoint endpoint = input.Random.Next(2) == 0 ? input.Server("queue-out") : input.AnyServer();
        List<RawClient> clients = [];
        for (int i = 1 + input.Random.Next(3); i >= 0; i--)
        {
            if (RawClient.Enter(input, endpoint) is { } client)
                clients.Add(client);
        }

        // All at once, and only then the answers.
        clients.ForEach(client => client.Attach());
        int ready = clients.Count(client => client.Hear() == Answer.Ready);
        input.Require(ready <= 1 || endpoint.Name != "queue-out", $"{ready} readers of one queue");
        clients.ForEach(client => client.Dispose());
    }
}

/// <summary>Goes, at every step, and between any two steps of the server.</summary>
internal sealed class LeavingAttack : Attack
{
    public override string Name => "leaving";

    public override string What => "clients that go at each step, also while the server makes them a member";

    public override int Weight => 20;

    public override void Run(Input input)
    {
        Endpoint endpoint = input.AnyServer();
        int step = input.Random.Next(8);
        using RawClient? client = step == 0 ? RawClient.Connect(input, endpoint)
            : step == 7 ? RawClient.Open(input, endpoint) : RawClient.Enter(input, endpoint);
        if (client is null)
            return;
        switch (step)
        {
            case 0:
                if (input.Random.Next(2) == 0)
                    client.Socket.Send(endpoint.Hello());
                break;
            case 1:
                break;
            case 7:
                Close(input, client);
                break;
            default:
                client.Attach();

                // From here to Ready takes the server 20 to 300 microseconds.
                Thread.SpinWait(input.Random.Next(8000));
                Close(input, client);
                break;
        }

        input.Outcome("went");
        client.Socket.Shutdown();
    }

    // On purpose or not.
    private static unsafe void Close(Input input, RawClient client)
    {
        if (input.Random.Next(2) == 0)
            *(uint*)(client.Control.ControlWords + 512) = 1;
    }
}

/// <summary>Packets on an open connection.</summary>
internal sealed class PacketAttack : Attack
{
    public override string Name => "packets";

    public override string What => "packets of any length and content on open connections to servers";

    public override void Run(Input input)
    {
        using RawClient? client = RawClient.Open(input, input.AnyServer());
        if (client is null)
            return;
        for (int i = input.Random.Next(200); i >= 0; i--)
        {
            byte[] good = Mutation.Noise(input.Random, input.Random.Next(2) == 0 ? 1 : 9);
            good[0] = (byte)input.Random.Next(input.Random.Next(2) == 0 ? 4 : 256);
            client.Socket.Send(good);
        }

        if (input.Random.Next(2) == 0)
        {
            input.Outcome("sent what is allowed");
            return;
        }

        int length = input.Random.Next(4) switch { 0 => 0, 1 => 2 + input.Random.Next(7), 2 => 10, _ => 11 + input.Random.Next(5000) };
        while (client.Socket.Send(Mutation.Noise(input.Random, length)) == Sys.EAGAIN)
            Thread.Sleep(1);
        client.ExpectHangUp($"sends packets of {length} bytes");
    }
}

/// <summary>Comes from another user to where only those of the same user may, or to where it is let in, and says what it likes.</summary>
internal sealed class StrangerAttack : Attack
{
    public override string Name => "stranger";

    public override string What => "another user at a name that all can find, of a server with the default policy (as root only)";

    public override int Weight => 4;

    public override void Run(Input input)
    {
        using RawSocket? socket = RawSocket.Connect(ServerTarget.StrangersName, out int errno);
        if (socket is null)
        {
            input.Outcome($"errno {errno}");
            return;
        }

        input.Past(Step.Connected);
        Endpoint endpoint = input.Attacker.Endpoints[0];
        byte[] hello = input.Random.Next(2) == 0 ? endpoint.Hello() : Mutation.Of(input.Random, endpoint.Hello()).Bytes;
        if (input.Random.Next(4) != 0)
            socket.Send(hello);
        if (!input.Attacker.IsStranger)
        {
            input.Outcome("of the same user");
            return;
        }

        Heard heard = socket.Receive(out RawPacket packet);
        packet.Close();
        bool isRefused = heard == Heard.Packet && Wire.TypeOf(packet.Bytes) == Wire.Refuse && Wire.ReadRefuse(packet.Bytes).Reason == 3;
        input.Require(isRefused, $"the default policy answered another user with {heard} {Wire.TypeOf(packet.Bytes)}");
        input.Outcome("refused: policy");
    }
}
