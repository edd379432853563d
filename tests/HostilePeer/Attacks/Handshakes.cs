using System.Text;
using TypedShm.HostilePeer.Raw;

namespace TypedShm.HostilePeer.Attacks;

/// <summary>The first message of a client: cut, too long, empty, noise, other numbers, flipped bits, strange layouts.</summary>
internal sealed class HelloAttack : Attack
{
    public override string Name => "hello";

    public override string What => "first messages to servers: cut, too long, empty, noise, mutated by field and by bit, strange layouts";

    public override int Weight => 24;

    public override void Run(Input input)
    {
        Endpoint endpoint = input.AnyServer();
        using RawClient? client = RawClient.Connect(input, endpoint);
        if (client is null)
            return;
        Mutation hello = Make(input.Random, endpoint);
        client.Socket.Send(hello.Bytes);
        Answer answer = client.Hear();
        input.Require(!hello.IsInvalid || answer != Answer.Welcome, $"'{endpoint.Name}' welcomed who said Hello wrongly: {hello.What}");
        if (answer != Answer.Welcome)
            return;

        // Who was let in goes on as it should be done, or is silent, or goes.
        if (input.Random.Next(2) == 0)
            return;
        client.Attach();
        if (input.Random.Next(2) == 0)
            client.Hear();
    }

    private static Mutation Make(Random random, Endpoint endpoint)
    {
        byte[] valid = endpoint.Hello((uint)random.Next(16));
        switch (random.Next(10))
        {
            case 0: return new Mutation(valid, "nothing", false);
            case 1: return new Mutation(new byte[Wire.MostBytes + 1 + random.Next(1000)], "longer than any packet", true);
            case 2: return new Mutation(Layouts(random, endpoint), "layouts", true);
            case 3:
                ushort kind = (ushort)random.Next(9);
                ushort role = (ushort)random.Next(5);
                bool fits = kind == endpoint.Kind && role is 1 or 2 or 3;
                return new Mutation(Wire.HelloOf(kind, role, 7, endpoint.Layouts), $"kind {kind}, role {role}", !fits);
            default: return Mutation.Of(random, valid);
        }
    }

    // None that the server has.
    private static byte[] Layouts(Random random, Endpoint endpoint)
    {
        RawLayout own = endpoint.Layouts[0];
        RawLayout[] layouts = random.Next(8) switch
        {
            0 => [],
            1 => [own, own, own],
            2 => [own with { Fingerprint = own.Fingerprint ^ (1UL << random.Next(64)) }],
            3 => [RawLayout.Of("Another")],
            4 => [Many(random.Next(2) == 0 ? 100 : 2400)],
            5 => [Nested(1 + random.Next(200))],
            6 => [own with { Json = Mutation.Noise(random, random.Next(2000)) }],
            _ => [RawLayout.Of(new string('n', random.Next(2) == 0 ? 513 : 100_000))],
        };
        if (endpoint.Layouts.Length == 2 && layouts.Length == 1)
            layouts = random.Next(2) == 0 ? [endpoint.Layouts[0], layouts[0]] : [layouts[0], endpoint.Layouts[1]];
        return Wire.HelloOf(endpoint.Kind, endpoint.Role, 7, layouts);
    }

    // As many fields as there is room for, and a fingerprint that is right.
    private static RawLayout Many(int count)
    {
        int[] all = [.. Enumerable.Range(0, count)];
        IEnumerable<string> fields = all.Select(i => $$"""{"name":"F{{i}}","kind":"int8","offset":{{i}},"size":1}""");
        IEnumerable<string> lines = all.Select(i => $"F{i} int8 {i} 1 0 -\n");
        string json = $$"""{"name":"Many","size":{{count}},"alignment":1,"fields":[{{string.Join(',', fields)}}]}""";
        return new RawLayout(RawLayout.FingerprintOf($"typedshm 1 {count} 1\n{string.Concat(lines)}"), Encoding.UTF8.GetBytes(json));
    }

    private static RawLayout Nested(int depth)
    {
        StringBuilder json = new("""{"name":"Deep","size":8,"alignment":8,"fields":[""");
        for (int i = 0; i < depth; i++)
            json.Append("""{"name":"L","kind":"struct","offset":0,"size":8,"fields":[""");
        json.Append("""{"name":"X","kind":"int64","offset":0,"size":8}""");
        for (int i = 0; i <= depth; i++)
            json.Append("]}");
        string path = string.Concat(Enumerable.Repeat("L.", depth));
        StringBuilder text = new("typedshm 1 8 8\n");
        for (int i = 1; i <= depth; i++)
            text.Append(string.Join('.', Enumerable.Repeat("L", i))).Append(" struct 0 8 0 -\n");
        text.Append(path).Append("X int64 0 8 0 -\n");
        return new RawLayout(RawLayout.FingerprintOf(text.ToString()), Encoding.UTF8.GetBytes(json.ToString()));
    }
}

/// <summary>The second message of a client, after a Hello as it should be.</summary>
internal sealed class AttachAttack : Attack
{
    public override string Name => "attach";

    public override string What => "second messages to servers: the same, and regions that do not belong there";

    public override int Weight => 16;

    public override void Run(Input input)
    {
        using RawClient? client = RawClient.Enter(input, input.AnyServer());
        if (client is null)
            return;
        RawRegion[] regions = client.MakeAttachment();
        RawInfo[] infos = [.. regions.Select(region => region.Info)];
        int[] descriptors = [.. regions.Select(region => region.Descriptor)];
        Mutation attach = Make(input.Random, infos);
        client.Socket.Send(attach.Bytes, descriptors);
        Answer answer = client.Hear();
        input.Require(!attach.IsInvalid || answer != Answer.Ready, $"'{client.Endpoint.Name}' let in who attached wrongly: {attach.What}");
    }

    private static Mutation Make(Random random, RawInfo[] infos)
    {
        switch (random.Next(6))
        {
            case 0: return new Mutation(Wire.AttachOf(), "no regions", true);
            case 1: return new Mutation(Wire.AttachOf([.. infos, infos[^1]]), "one region too many", true);
            case 2: return new Mutation(Wire.AttachOf([.. Enumerable.Repeat(infos[^1], 9 + random.Next(100))]), "too many regions", true);
            case 3:
                int which = random.Next(infos.Length);
                ushort before = infos[which].Kind;
                ushort kind = (ushort)Mutation.Number(random);
                infos[which] = infos[which] with { Kind = kind };
                return new Mutation(Wire.AttachOf(infos), $"a region of kind {kind}", kind != before);
            default: return Mutation.Of(random, Wire.AttachOf(infos));
        }
    }
}

/// <summary>0 to 253 descriptors, with each message and on the open connection.</summary>
internal sealed class CountAttack : Attack
{
    public override string Name => "descriptors";

    public override string What => "0 to 253 descriptors with each message of a client";

    public override int Weight => 6;

    public override void Run(Input input)
    {
        Endpoint endpoint = input.AnyServer();
        int count = input.Random.Next(4) == 0 ? input.Random.Next(254) : input.Random.Next(6);
        int step = input.Random.Next(3);
        (int pipe, _) = Strangers.Open(0);
        int[] strangers = [.. Enumerable.Repeat(pipe, count)];
        using RawClient? client = step == 0 ? RawClient.Connect(input, endpoint)
            : step == 1 ? RawClient.Enter(input, endpoint) : RawClient.Open(input, endpoint);
        try
        {
            if (client is null)
                return;
            switch (step)
            {
                case 0:
                    int errno = client.Socket.Send(endpoint.Hello(), strangers);
                    if (errno != 0)
                    {
                        // Where the kernel has SO_PASSRIGHTS it takes none. A server that is being made anew, or is full, may have hung up.
                        input.Require(errno is Sys.EPERM or Sys.EPIPE, $"errno {errno} from sendmsg");
                        input.Outcome(errno == Sys.EPERM ? "refused by the kernel" : "hung up");
                        return;
                    }

                    bool isWelcome = client.Hear() == Answer.Welcome;
                    input.Require(!isWelcome || count == 0, $"'{endpoint.Name}' took {count} descriptors with a Hello");
                    return;
                case 1:
                    RawRegion[] regions = client.MakeAttachment();
                    int[] descriptors = [.. regions.Select(region => region.Descriptor), .. strangers];
                    if (descriptors.Length > RawSocket.MostDescriptors)
                        descriptors = descriptors[..RawSocket.MostDescriptors];
                    if (count == 0)
                        descriptors = descriptors[..^1];
                    client.Socket.Send(Wire.AttachOf([.. regions.Select(region => region.Info)]), descriptors);
                    bool isReady = client.Hear() == Answer.Ready;
                    input.Require(!isReady, $"'{endpoint.Name}' took {descriptors.Length} descriptors for {regions.Length}");
                    return;
                default:
                    if (count > 0 && client.Socket.Send([1], strangers) == 0)
                        client.ExpectHangUp($"sends {count} descriptors over an open connection");
                    return;
            }
        }
        finally
        {
            _ = Sys.close(pipe);
        }
    }
}
