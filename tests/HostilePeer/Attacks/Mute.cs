using TypedShm.HostilePeer.Raw;
using TypedShm.TestKit;

namespace TypedShm.HostilePeer.Attacks;

/// <summary>
/// Files of a file system that never answers, wherever a server may take a descriptor: whoever asks them anything waits, and cannot even
/// be killed.
/// </summary>
internal sealed class MuteAttack : Attack
{
    public override string Name => "mute";

    public override string What => "to servers: files that never answer, 1 to 20 at once, with each message and on the open connection";

    public override int Weight => 4;

    public override void Run(Input input)
    {
        if (Strangers.Mute is not { } files)
        {
            input.Outcome("no such files here");
            return;
        }

        Endpoint endpoint = input.AnyServer();
        int step = input.Random.Next(4);
        using RawClient? client = step == 0 ? RawClient.Connect(input, endpoint)
            : step == 3 ? RawClient.Open(input, endpoint) : RawClient.Enter(input, endpoint);
        if (client is null)
            return;
        int count = 1 + input.Random.Next(input.Random.Next(4) == 0 ? 20 : 3);
        using MuteFiles mute = new(files, step == 1 ? client.Endpoint.Attachment(client.Welcome).Length : count);
        Send(input, client, step, mute.Descriptors);

        // Who comes next is answered, or turned away, while what was sent still waits.
        RawClient.Enter(input, endpoint)?.Dispose();
    }

    private static void Send(Input input, RawClient client, int step, int[] mute)
    {
        switch (step)
        {
            case 0:
                int errno = client.Socket.Send(client.Endpoint.Hello(), mute);
                if (errno == 0)
                    input.Require(client.Hear() != Answer.Welcome, $"'{client.Endpoint.Name}' took files with a Hello");
                else
                    input.Outcome(errno == Sys.EPERM ? "refused by the kernel" : "hung up");
                return;
            case 1:
                RawShape[] shapes = client.Endpoint.Attachment(client.Welcome);
                RawInfo[] infos = [.. shapes.Select(shape => new RawInfo(shape.Kind, 0, RawRegion.SizeOf(shape)))];
                client.Socket.Send(Wire.AttachOf(infos), mute);
                input.Require(client.Hear() != Answer.Ready, $"'{client.Endpoint.Name}' took files for regions");
                return;
            case 2:
                input.Outcome(client.Socket.Send(Wire.AttachOf(), mute) == 0 ? "left in flight" : "hung up");
                client.Socket.Dispose();
                return;
            default:
                if (client.Socket.Send([1], mute) == 0)
                    client.ExpectHangUp("sends files over an open connection");
                else
                    input.Outcome("refused by the kernel");
                return;
        }
    }
}

/// <summary>The same, wherever a client may take one.</summary>
internal sealed class MuteServerAttack : ServerAttack
{
    public override string Name => "client-mute";

    public override string What => "to clients: files that never answer, in place of regions and beside them";

    public override int Weight => 4;

    public override void Run(Input input)
    {
        if (Strangers.Mute is not { } files)
        {
            input.Outcome("no such files here");
            return;
        }

        bool isWelcomed = input.Random.Next(2) == 0;
        string kind = isWelcomed && input.Random.Next(2) == 0 ? "call" : AnyKind(input);
        using RawServer? server = isWelcomed ? RawServer.Welcome(input, kind) : RawServer.Accept(input, kind);
        if (server is null)
            return;
        if (!isWelcomed)
            server.MakeRegions();
        RawRegion[] regions = isWelcomed ? server.MakeReady() : [.. server.Regions];
        int surplus = input.Random.Next(3) == 0 || regions.Length == 0 ? 1 + input.Random.Next(20) : 0;
        using MuteFiles mute = new(files, regions.Length + surplus);
        if (isWelcomed)
        {
            server.Socket.Send(Wire.ReadyOf(0, [.. regions.Select(region => region.Info)]), mute.Descriptors);
            server.ExpectHangUp("sent files with Ready");
        }
        else
        {
            server.Send(server.MakeWelcome(), mute.Descriptors);
            input.Require(!server.HearAttach(), $"a client of kind '{kind}' took files for regions");
        }
    }
}

/// <summary>Some files that do not answer until they are disposed.</summary>
internal sealed class MuteFiles : IDisposable
{
    private readonly IDisposable _silence;

    public MuteFiles(MuteFileSystem files, int count)
    {
        Descriptors = [.. Enumerable.Range(0, count).Select(_ => files.OpenFile())];
        _silence = files.BeSilent();
    }

    public int[] Descriptors { get; }

    public void Dispose()
    {
        // First, so that no close waits.
        _silence.Dispose();
        Array.ForEach(Descriptors, descriptor => _ = Sys.close(descriptor));
    }
}
