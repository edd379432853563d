using System.Net;
using System.Net.Sockets;
using Tmds.Linux;

namespace TypedShm.Tests.Transport;

/// <summary>Peers that send descriptors whose close blocks for as long as they like. Nobody but themselves waits for it.</summary>
public sealed class LingeringDescriptors(ITestOutputHelper output) : SharingTest(output)
{
    private const int Honest = 100;

    private readonly bool _hasPassRights = Native.HasPassRights;

    public override async Task DisposeAsync()
    {
        Native.HasPassRights = _hasPassRights;
        await base.DisposeAsync();
    }

    /// <summary>With the kernel's own refusal (SO_PASSRIGHTS), where it has it, and without, as on older ones.</summary>
    public static TheoryData<bool, bool> Attackers
    {
        get
        {
            TheoryData<bool, bool> attackers = [];
            foreach (bool hasPassRights in (bool[])[true, false])
            {
                attackers.Add(hasPassRights, false);

                // Root alone can become somebody else.
                if (Native.UserId == 0)
                    attackers.Add(hasPassRights, true);
            }

            return attackers;
        }
    }

    /// <summary>The other user is one whom the policy refuses, at a name that everybody can connect to.</summary>
    [Theory]
    [MemberData(nameof(Attackers))]
    public async Task A_hello_that_brings_one_keeps_nobody_out(bool hasPassRights, bool isOfAnotherUser)
    {
        Native.HasPassRights = hasPassRights;
        string name = isOfAnotherUser ? $"@lingering-{Environment.ProcessId}" : NewName();
        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(name);
        Peer hostile = StartPeer();
        string attack = $"send-lingering {EndpointName.Parse(name).Path ?? name} {Convert.ToBase64String(RawEnd.Hello())}";

        // The first one also loads what the other user may have no right to read.
        Output.WriteLine(hostile.Ask(attack));
        if (isOfAnotherUser)
            hostile.Ask("become 12345");

        for (int i = 0; i < Honest; i++)
        {
            if (i < 30)
                Output.WriteLine(hostile.Ask(attack));
            using SharedStructReader<Telemetry> reader = SharedStruct.Open<Telemetry>(name);
        }

        // Its descriptors close when it has ended.
        hostile.Kill();
        await Until(() => shared.Peers.Count == 0, "everyone has left");
    }

    [Fact]
    public async Task An_attachment_that_brings_one_keeps_nobody_out()
    {
        string name = NewName();
        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(name);
        Peer hostile = StartPeer();
        string packets = $"{Convert.ToBase64String(RawEnd.Hello())} {Convert.ToBase64String(RawEnd.Attach(Native.PageSize))}";

        // Until it has left as much unclosed as one process may: then it is turned away at its Hello, and others are not.
        int sent = 0;
        while (hostile.Ask($"send-lingering {PathOf(name)} {packets}") == "sent")
        {
            sent++;
            using SharedStructReader<Telemetry> reader = SharedStruct.Open<Telemetry>(name);
        }

        Assert.True(sent >= DescriptorReaper.MaxPerProcess, $"{sent} were sent");
        for (int i = 0; i < Honest; i++)
            SharedStruct.Open<Telemetry>(name).Dispose();

        hostile.Kill();
        await Until(() => shared.Peers.Count == 0, "everyone has left");
    }

    [Fact]
    public async Task On_an_open_connection_one_ends_that_connection_alone()
    {
        Native.HasPassRights = false;
        string name = NewName();
        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(name);
        Stack<IDisposable> hostile = new();
        for (int i = 0; i < 2 * Environment.ProcessorCount; i++)
        {
            RawEnd client = RawEnd.Connect(name);
            hostile.Push(client);
            hostile.Push(await client.ShakeHands());
            hostile.Push(SendLingering(client));
        }

        for (int i = 0; i < Honest; i++)
            SharedStruct.Open<Telemetry>(name).Dispose();
        Peer honest = StartPeer();
        honest.Ask($"open {name}");
        await Until(() => shared.Peers.Count == 1, "the hostile connections have ended");
        honest.Kill();

        await Until(() => shared.Peers.Count == 0, "a death is noticed");
        while (hostile.TryPop(out IDisposable? end))
            end.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_open_fails_at_its_deadline_and_not_when_its_creator_likes(bool asynchronous)
    {
        string path = $"{NamesDirectory.Path}/{NewName()}";
        Peer hostile = StartPeer();
        hostile.Ask($"serve-lingering {path}");

        Task<SharedStructReader<Telemetry>> opening = asynchronous
            ? SharedStruct.OpenAsync<Telemetry>(path, new OpenOptions { Timeout = Peer.Patience }).AsTask()
            : Task.Run(() => SharedStruct.Open<Telemetry>(path, new OpenOptions { Timeout = Peer.Patience }));

        await Assert.ThrowsAsync<ProtocolException>(() => Soon(opening));
        hostile.Kill();
    }

    /// <summary>Whoever is the last to use a handle closes it, and would hang, if the reaper had not a copy of its own.</summary>
    [Fact]
    public async Task Who_still_uses_what_is_to_be_closed_does_not_hang_either()
    {
        (Socket lingering, Socket receiver) = NewLingering();
        SafeDescriptor handle = new(LibC.dup((int)lingering.Handle));
        bool isUsed = false;
        handle.DangerousAddRef(ref isUsed);
        lingering.SafeHandle.SetHandleAsInvalid();
        _ = LibC.close((int)lingering.Handle);

        string file = new FileInfo($"/proc/self/fd/{handle.DangerousGetHandle()}").LinkTarget!;
        DescriptorReaper.Close(handle, new DescriptorSender(Environment.ProcessId, Native.UserId));
        await Until(
            () => Directory.GetFiles("/proc/self/fd").Count(path => new FileInfo(path).LinkTarget == file) == 2,
            "the reaper has its copy");
        await Soon(Task.Run(handle.DangerousRelease));

        receiver.Dispose();
    }

    /// <summary>Nothing is asked of a file that never answers, should it have the number of a socket that was closed.</summary>
    [MuteFact]
    public async Task Whether_a_closed_number_is_still_the_same_socket_is_the_kernels_answer_alone()
    {
        using MuteFileSystem files = MuteFileSystem.TryMount(out _)!;
        using SafeDescriptor file = new(files.OpenFile());
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using SafeDescriptor same = Native.TryDuplicate(socket.SafeHandle)!;
        using SafeDescriptor other = new(LibC.eventfd(0, 0));

        using (files.BeSilent())
        {
            Task<bool> asked = Task.Run(() => Native.IsOfSameSocket((int)file.DangerousGetHandle(), same));
            Assert.False(await Soon(asked));
            Assert.True(Native.IsOfSameSocket((int)socket.Handle, same));
            Assert.False(Native.IsOfSameSocket((int)socket.Handle, other));
        }
    }

    /// <summary>A file that hangs whoever asks it anything, in place of a region: refused, and closed by a thread that may hang.</summary>
    [MuteFact]
    public async Task A_file_that_never_answers_keeps_nobody_waiting()
    {
        using MuteFileSystem files = MuteFileSystem.TryMount(out _)!;
        string name = NewName();
        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(name);
        using (SafeDescriptor file = new(files.OpenFile()))
        using (IDisposable silence = files.BeSilent())
        {
            using RawEnd client = RawEnd.Connect(name);
            client.Send(RawEnd.Hello());
            (_, SafeDescriptor[] regions) = await client.Receive();
            Array.ForEach(regions, region => region.Dispose());
            client.Send(RawEnd.Attach(Native.PageSize), file);
            Assert.Equal(RefusalReason.Malformed, (await client.ReceiveRefusal()).Reason);
            await Until(() => files.IsWaitedFor, "its close waits");
            for (int i = 0; i < Honest; i++)
                SharedStruct.Open<Telemetry>(name).Dispose();
        }

        await Until(() => shared.Peers.Count == 0, "everyone has left");
    }

    /// <returns>What the lingering socket sends to: once it is closed, so is that one.</returns>
    private static Socket SendLingering(RawEnd client)
    {
        (Socket lingering, Socket receiver) = NewLingering();
        SafeDescriptor copy = new(LibC.dup((int)lingering.Handle));
        client.Send([(byte)LinkMessage.Wake], copy);

        // The other side may be quicker with its close, so that this one is the one that hangs.
        new Thread(() =>
        {
            copy.Dispose();
            lingering.Dispose();
        })
        { IsBackground = true }.Start();
        return receiver;
    }

    private static (Socket Lingering, Socket Receiver) NewLingering()
    {
        using Socket listener = new(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        listener.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        listener.Listen();
        Socket lingering = new(SocketType.Stream, ProtocolType.Tcp) { SendBufferSize = 4096 };
        lingering.Connect(listener.LocalEndPoint!);
        Socket receiver = listener.Accept();
        lingering.Blocking = false;
        byte[] data = new byte[65536];
        while (lingering.Send(data, SocketFlags.None, out SocketError error) > 0 || error != SocketError.WouldBlock)
        {
        }

        lingering.LingerState = new LingerOption(true, 600);
        return (lingering, receiver);
    }

    private static string PathOf(string name) => EndpointName.Parse(name).Path!;
}

/// <summary>A fact for who can have files that never answer; skipped elsewhere, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class MuteFactAttribute : FactAttribute
{
    public MuteFactAttribute()
    {
        using MuteFileSystem? files = MuteFileSystem.TryMount(out string whyNot);
        if (files is null)
            Skip = $"There are no files here that never answer: {whyNot}";
    }
}
