using TypedShm.HostilePeer.Raw;

namespace TypedShm.HostilePeer.Attacks;

/// <summary>Something that is sent in place of a region that keeps the rules.</summary>
/// <param name="Descriptor">What is sent.</param>
/// <param name="Info">What is said of it.</param>
/// <param name="What">What is wrong.</param>
/// <param name="Hold">What its close waits for; null if for nothing.</param>
internal sealed record Forgery(int Descriptor, RawInfo Info, string What, IDisposable? Hold = null) : IDisposable
{
    private const long TebiBytes32 = 1L << 45;

    public void Dispose()
    {
        // What it waits for goes first, so that no close, here or there, waits for ever.
        Hold?.Dispose();
        if (Descriptor >= 0)
            _ = Sys.close(Descriptor);
    }

    /// <summary>Any forgery of a region: none that a receiver may take.</summary>
    public static Forgery Of(Random random, RawShape shape)
    {
        long size = RawRegion.SizeOf(shape);
        RawInfo honest = new(shape.Kind, 0, size);
        switch (random.Next(11))
        {
            case 0 or 1 or 2:
                List<Lie> lies = Lie.For(shape);
                Lie lie = lies[random.Next(lies.Count)];
                RawRegion lying = RawRegion.Make(shape, lie: address => RawRegion.Write(address + lie.Offset, lie.Size, lie.Value));
                return Made(lying, honest, $"{lie.Field} 0x{lie.Value:x}");
            case 3:
                int missing = 1 << random.Next(5);
                int seals = missing == Sys.SealWrite ? 0 : Sys.AllSeals & ~missing;
                return Made(RawRegion.Make(shape, seals), honest, $"seals 0x{seals:x}");
            case 4:
                long[] sizes = [0, -1, size - 1, size + 4096, 1L << 40, long.MinValue, long.MaxValue];
                long announced = sizes[random.Next(sizes.Length)];
                return Made(RawRegion.Make(shape), honest with { Size = announced }, $"{size} bytes announced as {announced}");
            case 5:
                long surplus = random.Next(3) switch { 0 => 1, 1 => 4096, _ => 4 << 20 };
                RawRegion larger = RawRegion.Make(shape, surplus: surplus);
                return Made(larger, honest with { Size = larger.Size }, $"{surplus} bytes more than it holds");
            case 6:
                long hole = random.Next(2) == 0 ? size : Sys.PageSize;
                return new Forgery(RawRegion.MakeSparse(size, hole == size ? long.MaxValue : hole), honest, "holes");
            case 7:
                return new Forgery(RawRegion.MakeDeceptive(size), honest, "blocks behind its end in place of those before it");
            case 8:
                return random.Next(2) == 0
                    ? new Forgery(RawRegion.MakeSparse(TebiBytes32), honest with { Size = TebiBytes32 }, "32 TiB of nothing")
                    : new Forgery(RawRegion.MakeSparse(0), honest with { Size = 0 }, "0 bytes");
            case 9 when shape.Layout is { } layout:
                // The name of the first field, or what makes the text one of JSON; the name of the struct is not in the fingerprint.
                ReadOnlySpan<byte> before = "\"fields\":[{\"name\":\""u8;
                int at = random.Next(2) == 0 ? layout.Json.AsSpan().IndexOf(before) + before.Length : 0;
                RawRegion other = RawRegion.Make(shape, lie: address => RawRegion.Write(address + 128 + at, 1, (byte)'x'));
                return Made(other, honest, "describes itself otherwise");
            default:
                return Foreign(random, honest);
        }
    }

    /// <summary>A descriptor of something else.</summary>
    public static Forgery Foreign(Random random, RawInfo info)
    {
        int what = random.Next(Strangers.Kinds.Length);
        (int descriptor, IDisposable? hold) = Strangers.Open(what);
        return new Forgery(descriptor, info, Strangers.Kinds[what], hold);
    }

    // The mapping is not needed: what was written into it is in the file.
    private static Forgery Made(RawRegion region, RawInfo info, string what)
    {
        int descriptor = Sys.fcntl(region.Descriptor, 1030, 0); // F_DUPFD_CLOEXEC
        region.Dispose();
        return new Forgery(descriptor, info, what);
    }
}
