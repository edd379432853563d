using System.Diagnostics;
using TypedShm.HostilePeer.Raw;
using TypedShm.HostilePeer.Targets;

namespace TypedShm.HostilePeer.Attacks;

/// <summary>An attack on a client: this process has the name that the client opens.</summary>
internal abstract class ServerAttack : Attack
{
    private static readonly string[] s_kinds = [.. ClientTarget.Kinds.Keys];

    protected static string AnyKind(Input input) => s_kinds[input.Random.Next(s_kinds.Length)];
}

/// <summary>The first message of a server.</summary>
internal sealed class WelcomeAttack : ServerAttack
{
    public override string Name => "welcome";

    public override string What => "first messages to clients: the same as hello, and 0 to 253 descriptors";

    public override int Weight => 20;

    public override void Run(Input input)
    {
        using RawServer? server = RawServer.Accept(input, AnyKind(input));
        if (server is null)
            return;
        server.MakeRegions();
        RawWelcome welcome = server.MakeWelcome();
        int[] descriptors = [.. server.Regions.Select(region => region.Descriptor)];
        Mutation mutation = Make(input.Random, server, welcome, ref descriptors);
        server.Socket.Send(mutation.Bytes, descriptors);
        bool attached = server.HearAttach();
        input.Require(!attached || !mutation.IsInvalid, $"a client of kind '{server.Kind}' took a wrong Welcome: {mutation.What}");
        if (attached && input.Random.Next(2) == 0)
            server.SayReady();
    }

    private static Mutation Make(Random random, RawServer server, RawWelcome welcome, ref int[] descriptors)
    {
        switch (random.Next(8))
        {
            case 0:
                return new Mutation(Wire.WelcomeOf(welcome), "nothing", false);
            case 1:
                int before = descriptors.Length;
                int count = random.Next(4) == 0 ? random.Next(254) : random.Next(6);
                int last = descriptors[^1];
                descriptors = [.. descriptors.Take(count), .. Enumerable.Repeat(last, Math.Max(0, count - before))];
                return new Mutation(Wire.WelcomeOf(welcome), $"{count} descriptors for {before}", count != before);
            case 2:
                RawInfo[] regions = [.. welcome.Regions];
                int which = random.Next(regions.Length);
                regions[which] = regions[which] with { Kind = (ushort)(regions[which].Kind + 1 + random.Next(7)) };
                return new Mutation(Wire.WelcomeOf(welcome with { Regions = regions }), "a region of another kind", true);
            case 3:
                RawLayout own = welcome.Layouts[0];
                RawLayout[] layouts = random.Next(4) switch
                {
                    0 => [],
                    1 => [own, own, own],
                    2 => [own with { Fingerprint = own.Fingerprint + 1 }],
                    _ => [RawLayout.Of("Another")],
                };
                return new Mutation(Wire.WelcomeOf(welcome with { Layouts = layouts }), "layouts", true);
            case 4:
                return new Mutation(Wire.HelloOf(1, 1, 7, server.Hello.Layouts), "a Hello", true);
            default:
                return Mutation.Of(random, Wire.WelcomeOf(welcome));
        }
    }
}

/// <summary>The second message of a server.</summary>
internal sealed class ReadyAttack : ServerAttack
{
    public override string Name => "ready";

    public override string What => "second messages to clients: the same, and starts that cannot be";

    public override int Weight => 8;

    public override void Run(Input input)
    {
        using RawServer? server = RawServer.Welcome(input, input.Random.Next(3) == 0 ? "call" : AnyKind(input));
        if (server is null)
            return;
        RawRegion[] regions = server.MakeReady();
        int[] descriptors = [.. regions.Select(region => region.Descriptor)];
        RawInfo[] infos = [.. regions.Select(region => region.Info)];
        ulong start = input.Random.Next(2) == 0 ? 0 : Mutation.Number(input.Random);
        if (regions.Length > 0 && input.Random.Next(2) == 0)
        {
            using Forgery forgery = Forgery.Of(input.Random, regions[0].Shape);
            server.Socket.Send(Wire.ReadyOf(start, forgery.Info), forgery.Descriptor);
            server.ExpectHangUp($"sent a forgery with Ready: {forgery.What}");
            return;
        }

        byte[] ready = input.Random.Next(2) == 0
            ? Wire.ReadyOf(start, infos) : Mutation.Of(input.Random, Wire.ReadyOf(start, infos)).Bytes;
        server.Socket.Send(ready, descriptors);
        server.ExpectHangUp("said Ready like this");
    }
}

/// <summary>Refusals, with any reason and text, at either step.</summary>
internal sealed class RefuseAttack : ServerAttack
{
    public override string Name => "refusals";

    public override string What => "refusals to clients: any reason, texts of control characters, texts longer than said, layouts";

    public override int Weight => 6;

    public override void Run(Input input)
    {
        Random random = input.Random;
        using RawServer? server = random.Next(2) == 0
            ? RawServer.Accept(input, AnyKind(input)) : RawServer.Welcome(input, AnyKind(input));
        if (server is null)
            return;
        byte[] text = Mutation.Noise(random, random.Next(random.Next(4) == 0 ? 100_000 : 200));
        RawLayout[] layouts = random.Next(3) == 0 ? [RawLayout.Of("Another")] : random.Next(2) == 0 ? server.Hello.Layouts : [];
        byte[] refusal = Wire.RefuseOf(random.Next(2) == 0 ? (uint)random.Next(10) : (uint)Mutation.Number(random), text, layouts);
        server.Socket.Send(random.Next(2) == 0 ? refusal : Mutation.Of(random, refusal).Bytes);
        server.ExpectHangUp("has refused it");
    }
}

/// <summary>Regions that no client may map.</summary>
internal sealed class ServerRegionAttack : ServerAttack
{
    public override string Name => "client-regions";

    public override string What => "to clients: headers that lie, seals missing, sizes, holes, layouts, and descriptors of everything else";

    public override int Weight => 20;

    public override void Run(Input input)
    {
        using RawServer? server = RawServer.Accept(input, AnyKind(input));
        if (server is null)
            return;
        server.MakeRegions();
        RawWelcome welcome = server.MakeWelcome();
        int[] descriptors = [.. server.Regions.Select(region => region.Descriptor)];
        int which = input.Random.Next(descriptors.Length);
        bool isBare = server.Regions[which].Shape.Kind == 0;
        using Forgery forgery = isBare
            ? Forgery.Foreign(input.Random, welcome.Regions[which]) : Forgery.Of(input.Random, server.Regions[which].Shape);
        welcome.Regions[which] = forgery.Info with { Access = welcome.Regions[which].Access };
        descriptors[which] = forgery.Descriptor;
        server.Send(welcome, descriptors);
        bool attached = server.HearAttach();
        input.Require(!attached, $"a client of kind '{server.Kind}' mapped a region of kind {forgery.Info.Kind}: {forgery.What}");
    }
}

/// <summary>Headers that change while a client checks them.</summary>
internal sealed class FlippingServerAttack : ServerAttack
{
    public override string Name => "client-flipping";

    public override string What => "to clients: headers that change while they are checked";

    public override void Run(Input input)
    {
        using RawServer? server = RawServer.Accept(input, AnyKind(input));
        if (server is null)
            return;
        server.MakeRegions();
        RawRegion region = server.Regions[input.Random.Next(server.Regions.Count)];
        server.Send(server.MakeWelcome(), [.. server.Regions.Select(each => each.Descriptor)]);
        if (region.Shape.Kind != 0)
            Flip.While(input.Random, region, () => server.Socket.HasNothing);
        if (server.HearAttach() && input.Random.Next(2) == 0)
            server.SayReady();
    }
}

/// <summary>Parameters that describe no channel, or one that is larger than the client allows.</summary>
internal sealed class ParametersAttack : ServerAttack
{
    public override string Name => "parameters";

    public override string What => "to clients: parameters that describe nothing, or more memory than they allow";

    public override void Run(Input input)
    {
        string[] kinds = ["state", "table", "queue-in", "queue-out", "broadcast", "lossless", "call"];
        using RawServer? server = RawServer.Accept(input, kinds[input.Random.Next(kinds.Length)]);
        if (server is null)
            return;
        server.MakeRegions();
        long[] parameters = server.Parameters;
        int which = input.Random.Next(parameters.Length);
        long before = parameters[which];
        parameters[which] = input.Random.Next(3) switch
        {
            0 => (long)Mutation.Number(input.Random),
            1 => 1L << input.Random.Next(40),
            _ => before + input.Random.Next(5) - 2,
        };
        if (input.Random.Next(10) == 0)
            parameters = parameters[..which];
        RawWelcome welcome = server.MakeWelcome() with { Parameters = parameters };
        server.Send(welcome, [.. server.Regions.Select(region => region.Descriptor)]);
        bool attached = server.HearAttach();

        // Who makes a lane by the parameters makes what is asked for, up to the limit. Otherwise capacities that are not those of the
        // region are refused; with another alignment, or lossless, it may be the same.
        bool isSame = parameters.Length > which && (parameters[which] == before || which is 2 or 4);
        bool makesLane = server.Kind is "queue-in" or "call";
        string what = $"the parameters {string.Join(", ", parameters)}";
        input.Require(!attached || isSame || makesLane, $"a client of kind '{server.Kind}' took {what}");
        long attachedBytes = server.Attached.Sum(region => region.Info.Size);
        input.Require(attachedBytes <= Targets.Run.MaxMemory + (1 << 20), $"a client of kind '{server.Kind}' allocated by {what}");
        if (attached)
            server.SayReady();
    }
}

/// <summary>Servers that go at each step, or say nothing.</summary>
internal sealed unsafe class LeavingServerAttack : ServerAttack
{
    public override string Name => "client-leaving";

    public override string What => "servers that go at each step, or say nothing until the client has had enough";

    public override int Weight => 12;

    public override void Run(Input input)
    {
        string kind = AnyKind(input);
        int step = input.Random.Next(4);
        using RawServer? server = step switch
        {
            0 => RawServer.Accept(input, kind),
            1 => RawServer.Welcome(input, kind),
            _ => RawServer.Open(input, kind),
        };
        if (server is null)
            return;
        if (input.Random.Next(300) == 0)
        {
            server.ExpectHangUp("says nothing");
            return;
        }

        if (input.Random.Next(3) == 0)
            Thread.SpinWait(input.Random.Next(8000));
        if (server.Regions.Count > 0 && input.Random.Next(2) == 0)
            *(uint*)(server.Regions[^1].ControlWords + 512) = 1;
        input.Outcome("went");
    }
}

/// <summary>Every word that a server owns, as it likes, while the client is at work.</summary>
internal sealed unsafe class ServerWordsAttack : ServerAttack
{
    public override string Name => "client-words";

    public override string What => "all words of a server's regions (versions, sequences, lengths, ends), changed under a client";

    public override int Weight => 14;

    public override void Run(Input input)
    {
        Random random = input.Random;
        using RawServer? server = RawServer.Open(input, AnyKind(input));
        if (server is null)
            return;
        long begun = Stopwatch.GetTimestamp();
        long ticks = Stopwatch.Frequency / 1000 * (1 + random.Next(10));
        int count = 0;
        ulong position = (ulong)random.Next(3);
        while (Stopwatch.GetTimestamp() - begun < ticks)
        {
            RawRegion region = server.Regions[random.Next(server.Regions.Count)];
            if (region.Shape.Kind == 0)
                continue;
            Words.Disturb(random, region, position);
            if (random.Next(50) == 0)
                Words.DisturbHeader(random, region);
            if (region.Shape.Count > 0 && random.Next(3) == 0)
                Publish(random, region, ref position);
            if (++count % 64 == 0)
                server.Socket.Send(random.Next(8) == 0 ? Mutation.Noise(random, random.Next(12)) : [1]);
        }

        input.Outcome(server.Socket.HasHungUp ? "hung up" : "endured");
    }

    // A message or value that is there, of whatever length it says.
    private static void Publish(Random random, RawRegion region, ref ulong position)
    {
        RawShape shape = region.Shape;
        byte* slot = region.Data + ((long)(position % (ulong)shape.Count) * shape.Stride);
        if ((shape.Marks & 4) != 0)
            *(uint*)(slot + shape.LengthOffset) = random.Next(2) == 0 ? (uint)random.Next(256) : (uint)Mutation.Number(random);
        switch (shape.Kind)
        {
            case RawShape.BroadcastKind:
                *(ulong*)slot = (2 * position) + 2;
                *(ulong*)region.ControlWords = ++position;
                break;
            case RawShape.StateKind:
                *(ulong*)slot = 2 * position;
                *(ulong*)region.ControlWords = position++;
                break;
            case RawShape.TableKind:
                *(ulong*)slot = (2 * position) + (ulong)random.Next(2);
                *(ulong*)region.ControlWords = position++;
                break;
            default:
                if (shape.Kind == RawShape.CallKind)
                    *(ulong*)(slot + shape.CallOffset) = random.Next(2) == 0 ? (ulong)random.Next(64) : Mutation.Number(random);
                *(ulong*)slot = ++position;
                break;
        }
    }
}
