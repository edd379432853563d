using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace TypedShm.ChannelPeer;

/// <summary>A value with a field of every kind, for those who write values in another form and back.</summary>
[SharedLayout]
internal partial struct Everything
{
    public bool Bool;
    public sbyte Int8;
    public short Int16;
    public int Int32;
    public long Int64;
    public Int128 Int128;
    public byte UInt8;
    public ushort UInt16;
    public uint UInt32;
    public ulong UInt64;
    public UInt128 UInt128;
    public Half Half;
    public float Single;
    public double Double;
    public decimal Decimal;
    public char Char;
    public Guid Guid;
    public Rune Rune;
    public TimeSpan Span;
    public DateOnly Date;
    public TimeOnly Time;
    public Index Index;
    public Range Range;
    public Complex Complex;
    public Vector2 Vector2;
    public Vector3 Vector3;
    public Vector4 Vector4;
    public Quaternion Quaternion;
    public Plane Plane;
    public Matrix3x2 Matrix3x2;
    public Matrix4x4 Matrix4x4;
    public Text16 Text;
    public Colour Colour;
    public Inner Inner;
    public Inners Inners;
    public Numbers Numbers;
    [Atomic] public int Atomic;

    /// <summary>One whose fields all differ, from each other and from those of other numbers.</summary>
    public static Everything Of(long number)
    {
        float x = number + 0.25f;
        Everything value = new()
        {
            Bool = number % 2 == 1,
            Int8 = (sbyte)-number,
            Int16 = (short)(-300 - number),
            Int32 = (int)(-70_000 - number),
            Int64 = long.MinValue + number,
            Int128 = Int128.MinValue + number,
            UInt8 = (byte)(200 + number),
            UInt16 = (ushort)(60_000 + number),
            UInt32 = (uint)(4_000_000_000 + number),
            UInt64 = ulong.MaxValue - (ulong)number,
            UInt128 = UInt128.MaxValue - (UInt128)number,
            Half = (Half)(number + 0.5),
            Single = number + 0.125f,
            Double = number + 0.1,
            Decimal = -9_228_162_514.123456780m - number,
            Char = (char)('a' + number),
            Guid = new Guid((int)number, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
            Rune = new Rune(0x1F600 + (int)number),
            Span = TimeSpan.FromTicks(-1_234_567 - number),
            Date = new DateOnly(1969, 12, 24).AddDays((int)number),
            Time = new TimeOnly(23, 59, 59).Add(TimeSpan.FromTicks(number)),
            Index = ^(int)(number + 1),
            Range = 1..^(int)(number + 1),
            Complex = new Complex(number, -0.5),
            Vector2 = new(x, 1),
            Vector3 = new(x, 1, 2),
            Vector4 = new(x, 1, 2, 3),
            Quaternion = new(x, 1, 2, 3),
            Plane = new(x, 1, 2, 3),
            Matrix3x2 = new(x, 1, 2, 3, 4, 5),
            Matrix4x4 = new(x, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
            Text = $"\"Zoë\", {number}",
            Colour = (Colour)(number % 3),
            Inner = new Inner { Number = (int)number, Name = $"in {number}" },
            Atomic = (int)number,
        };
        for (int i = 0; i < 2; i++)
            value.Inners[i] = new Inner { Number = (int)(number + i), Name = $"{i}" };
        for (int i = 0; i < 5; i++)
            value.Numbers[i] = (short)(number * i);
        return value;
    }
}

/// <summary>An enum.</summary>
internal enum Colour : ulong
{
    Red,
    Green,
    Blue = ulong.MaxValue,
}

/// <summary>A nested struct.</summary>
[SharedLayout]
internal partial struct Inner
{
    public int Number;
    public Text16 Name;
}

/// <summary>Two of them.</summary>
[InlineArray(2)]
internal struct Inners
{
    private Inner _first;
}

/// <summary>Five numbers.</summary>
[InlineArray(5)]
internal struct Numbers
{
    private short _first;
}
