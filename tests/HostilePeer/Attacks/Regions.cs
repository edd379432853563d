using TypedShm.HostilePeer.Raw;

namespace TypedShm.HostilePeer.Attacks;

/// <summary>Regions, and what is no region, that no server may map.</summary>
internal sealed class RegionAttack : Attack
{
    public override string Name => "regions";

    public override string What => "to servers: headers that lie, seals missing, sizes, holes, layouts, and descriptors of everything else";

    public override int Weight => 24;

    public override void Run(Input input)
    {
        Endpoint endpoint = input.Random.Next(2) == 0 ? input.AnyServer() : input.Server("queue-in", "call");
        using RawClient? client = RawClient.Enter(input, endpoint);
        if (client is null)
            return;
        RawRegion[] regions = client.MakeAttachment();
        RawInfo[] infos = [.. regions.Select(region => region.Info)];
        int[] descriptors = [.. regions.Select(region => region.Descriptor)];
        int which = input.Random.Next(regions.Length);
        using Forgery forgery = Forgery.Of(input.Random, regions[which].Shape);
        infos[which] = forgery.Info;
        descriptors[which] = forgery.Descriptor;
        client.Socket.Send(Wire.AttachOf(infos), descriptors);
        Answer answer = client.Hear();
        input.Require(answer != Answer.Ready, $"'{endpoint.Name}' mapped a region of kind {regions[which].Shape.Kind}: {forgery.What}");
    }
}

/// <summary>Regions whose header changes while it is checked.</summary>
internal sealed class FlippingRegionAttack : Attack
{
    public override string Name => "flipping";

    public override string What => "to servers: headers that change while they are checked";

    public override void Run(Input input)
    {
        Endpoint endpoint = input.Random.Next(3) == 0 ? input.AnyServer() : input.Server("queue-in", "call");
        using RawClient? client = RawClient.Enter(input, endpoint);
        if (client is null)
            return;
        client.Attach();
        RawRegion region = client.Attached[input.Random.Next(client.Attached.Length)];
        Flip.While(input.Random, region, () => client.Socket.HasNothing);
        client.Hear();
    }
}

/// <summary>Changes what a receiver is looking at.</summary>
internal static unsafe class Flip
{
    /// <summary>Writes a lie, and the truth again, for as long as a condition holds, but not for ever.</summary>
    public static void While(Random random, RawRegion region, Func<bool> condition)
    {
        List<Lie> lies = Lie.For(region.Shape);
        for (int i = 0; i < 20_000 && (i % 16 != 0 || condition()); i++)
        {
            Lie lie = lies[random.Next(lies.Count)];
            ulong truth = *(ulong*)(region.Address + lie.Offset);
            RawRegion.Write((nint)region.Address + lie.Offset, lie.Size, lie.Value);
            *(ulong*)(region.Address + lie.Offset) = truth;
            if (region.Shape.Layout is { } layout)
                region.Address[128 + random.Next(layout.Json.Length)] ^= (byte)(i % 2 == 0 ? 0 : 1);
        }
    }
}
