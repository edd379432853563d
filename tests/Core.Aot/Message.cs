using System.Runtime.CompilerServices;

namespace TypedShm.Core.Aot;

/// <summary>A message whose parts betray a torn copy, with fields of every size.</summary>
[SharedLayout]
internal partial struct Message
{
    public byte Kind;
    public short Small;
    public int Half;
    public long Number;
    public double Real;
    public Text32 Text;
    public Samples Samples;
    [Atomic] public long Count;

    public static Message Of(long number)
    {
        Message message = new() { Kind = (byte)number, Small = (short)number, Half = (int)number, Number = number, Real = number };
        for (int i = 0; i < Samples.Length; i++)
            message.Samples[i] = number * i;
        return message;
    }

    public readonly bool IsWhole
    {
        get
        {
            bool whole = Kind == (byte)Number && Small == (short)Number && Half == (int)Number && Real == Number;
            for (int i = 0; i < Samples.Length; i++)
                whole &= Samples[i] == Number * i;
            return whole;
        }
    }
}

[InlineArray(Length)]
internal struct Samples
{
    public const int Length = 6;

    private long _first;
}
