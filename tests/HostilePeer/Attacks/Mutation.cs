using TypedShm.HostilePeer.Raw;

namespace TypedShm.HostilePeer.Attacks;

/// <summary>A message that is not what it should be.</summary>
/// <param name="Bytes">The packet.</param>
/// <param name="What">What is wrong with it.</param>
/// <param name="IsInvalid">Whether no reader of the protocol can take it for good; what was changed at random may still be.</param>
internal sealed record Mutation(byte[] Bytes, string What, bool IsInvalid)
{
    private static readonly ulong[] s_numbers =
    [
        0, 1, 2, 3, 7, 8, 9, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1UL << 32, 1UL << 40,
        long.MaxValue, 1UL << 63, ulong.MaxValue - 1, ulong.MaxValue,
    ];

    /// <summary>A number that is at an edge of something, or any.</summary>
    public static ulong Number(Random random) =>
        random.Next(4) == 0 ? (ulong)random.NextInt64(long.MinValue, long.MaxValue) : s_numbers[random.Next(s_numbers.Length)];

    /// <summary>Spoils a message that keeps the rules.</summary>
    public static Mutation Of(Random random, byte[] valid)
    {
        byte[] bytes = [.. valid];
        switch (random.Next(9))
        {
            case 0:
                return new Mutation([], "empty", true);
            case 1:
                return new Mutation(bytes[..random.Next(bytes.Length)], "cut", true);
            case 2:
                return new Mutation(Wire.Relength(bytes[..random.Next(bytes.Length)]), "cut, and its length says so", true);
            case 3:
                return new Mutation([.. bytes, .. Noise(random, 1 + random.Next(64))], "longer than it says", true);
            case 4:
                return new Mutation(Noise(random, 1 + random.Next(2 * bytes.Length)), "noise", true);
            case 5:
                Noise(random, bytes.Length - Wire.HeaderLength).CopyTo(bytes, Wire.HeaderLength);
                return new Mutation(bytes, "a header and noise", false);
            case 6:
                return Header(random, bytes);
            case 7:
                int size = 1 << random.Next(4);
                int at = Wire.HeaderLength + random.Next(Math.Max(1, Math.Min(64, bytes.Length - Wire.HeaderLength - size)));
                ulong number = Number(random);
                for (int i = 0; i < size && at + i < bytes.Length; i++)
                    bytes[at + i] = (byte)(number >> (8 * i));
                return new Mutation(bytes, "another number", false);
            default:
                for (int i = random.Next(8); i >= 0; i--)
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                return new Mutation(bytes, "flipped bits", false);
        }
    }

    public static byte[] Noise(Random random, int length)
    {
        byte[] noise = new byte[length];
        random.NextBytes(noise);
        return noise;
    }

    // Magic, type, version, length.
    private static Mutation Header(Random random, byte[] bytes)
    {
        (int at, int size) = random.Next(4) switch { 0 => (0, 4), 1 => (4, 2), 2 => (6, 2), _ => (8, 4) };
        byte[] before = bytes[at..(at + size)];
        ulong number = Number(random);
        for (int i = 0; i < size; i++)
            bytes[at + i] = (byte)(number >> (8 * i));
        return new Mutation(bytes, "another header", !before.AsSpan().SequenceEqual(bytes.AsSpan(at, size)));
    }
}
