namespace TypedShm.Soak;

/// <summary>
/// A message whose words all follow from its number, so that a reader knows what it has to look like. One cache line with a slot's
/// sequence.
/// </summary>
[SharedLayout]
internal partial struct Message
{
    public long Number;
    public ulong A;
    public ulong B;
    public ulong C;
    public ulong D;
    public ulong E;
    public ulong Check;

    public static Message Of(long number)
    {
        Message message = default;
        message.Fill(number);
        return message;
    }

    public void Fill(long number)
    {
        Number = number;
        A = Mix((ulong)number + 1);
        B = Mix(A);
        C = Mix(B);
        D = Mix(C);
        E = Mix(D);
        Check = A + B + C + D + E;
    }

    /// <summary>Words of two messages, as one that was copied while it was written.</summary>
    public void Tear(long number)
    {
        Message other = Of(number + 1);
        Fill(number);
        D = other.D;
        E = other.E;
    }

    public readonly bool IsWhole => A == Mix((ulong)Number + 1) && B == Mix(A) && C == Mix(B) && D == Mix(C) && E == Mix(D)
        && Check == A + B + C + D + E;

    private static ulong Mix(ulong word)
    {
        word *= 0x9E3779B97F4A7C15;
        return word ^ (word >> 29);
    }
}
