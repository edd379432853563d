using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace TypedShm.Samples.CPeer;

/// <summary>One field of each kind that docs/format.md lists.</summary>
[SharedLayout]
public partial struct EveryKind
{
    /// <summary>Stored last: whoever reads it sees everything else of that round.</summary>
    [Atomic] public int Round;

    public bool Bool;
    public sbyte Int8;
    public byte UInt8;
    public short Int16;
    public ushort UInt16;
    public int Int32;
    public uint UInt32;
    public long Int64;
    public ulong UInt64;
    public Int128 Int128;
    public UInt128 UInt128;
    public Half Float16;
    public float Float32;
    public double Float64;
    public char Char16;
    public decimal Decimal;
    public Guid Guid;
    public Rune Rune;
    public TimeSpan TimeSpan;
    public DateOnly DateOnly;
    public TimeOnly TimeOnly;
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
    public Vector64<byte> Vector64;
    public Vector128<int> Vector128;
    public Text32 Text;
    public DayOfWeek Enum;
    public Triple Array;
    public Core Struct;
    public TwoCores Structs;

    /// <summary>A value in each field.</summary>
    public static EveryKind Example
    {
        get
        {
            EveryKind value = new()
            {
                Bool = true,
                Int8 = -8,
                UInt8 = 8,
                Int16 = -16,
                UInt16 = 16,
                Int32 = -32,
                UInt32 = 32,
                Int64 = -64,
                UInt64 = ulong.MaxValue,
                Int128 = Int128.MinValue,
                UInt128 = UInt128.MaxValue,
                Float16 = (Half)0.5,
                Float32 = -1.25f,
                Float64 = 0.1,
                Char16 = 'ß',
                Decimal = -123.4500m,
                Guid = new Guid("00112233-4455-6677-8899-aabbccddeeff"),
                Rune = new Rune(0x1F680),
                TimeSpan = TimeSpan.FromMilliseconds(-1500),
                DateOnly = new DateOnly(2024, 2, 29),
                TimeOnly = new TimeOnly(12, 34, 56),
                Index = ^3,
                Range = 1..^2,
                Complex = new Complex(1, -2),
                Vector2 = new Vector2(1, 2),
                Vector3 = new Vector3(1, 2, 3),
                Vector4 = new Vector4(1, 2, 3, 4),
                Quaternion = new Quaternion(1, 2, 3, 4),
                Plane = new Plane(1, 2, 3, 4),
                Matrix3x2 = new Matrix3x2(11, 12, 21, 22, 31, 32),
                Matrix4x4 = Matrix4x4.Identity,
                Vector64 = System.Runtime.Intrinsics.Vector64.Create((byte)0xAB),
                Vector128 = System.Runtime.Intrinsics.Vector128.Create(1, 2, 3, -1),
                Text = "grüezi",
                Enum = DayOfWeek.Friday,
                Struct = new Core { User = 1, Idle = 2 },
            };
            value.Array[0] = 10;
            value.Array[1] = -20;
            value.Array[2] = 30;
            value.Structs[0] = new Core { User = 3, Idle = 4 };
            value.Structs[1] = new Core { User = 5, Idle = 6 };
            return value;
        }
    }

    /// <summary>The same, as the peer prints it.</summary>
    public const string ExampleText = """
        Bool = true
        Int8 = -8
        UInt8 = 8
        Int16 = -16
        UInt16 = 16
        Int32 = -32
        UInt32 = 32
        Int64 = -64
        UInt64 = 18446744073709551615
        Int128 = -170141183460469231731687303715884105728
        UInt128 = 340282366920938463463374607431768211455
        Float16 = 0.5
        Float32 = -1.25
        Float64 = 0.10000000000000001
        Char16 = U+00DF
        Decimal = -123.4500
        Guid = 00112233-4455-6677-8899-aabbccddeeff
        Rune = U+1F680
        TimeSpan = -1.5000000 s
        DateOnly = 2024-02-29
        TimeOnly = 45296.0000000 s
        Index = ^3
        Range = 1..^2
        Complex = (1 -2)
        Vector2 = (1 2)
        Vector3 = (1 2 3)
        Vector4 = (1 2 3 4)
        Quaternion = (1 2 3 4)
        Plane = (1 2 3 4)
        Matrix3x2 = (11 12 21 22 31 32)
        Matrix4x4 = (1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1)
        Vector64 = abababababababab
        Vector128 = 010000000200000003000000ffffffff
        Text = "grüezi"
        Enum = 5
        Array = [10, -20, 30]
        Struct.User = 1
        Struct.Idle = 2
        Structs[0].User = 3
        Structs[0].Idle = 4
        Structs[1].User = 5
        Structs[1].Idle = 6
        """;
}

/// <summary>A struct in the struct.</summary>
[SharedLayout]
public partial struct Core
{
    public uint User;
    public uint Idle;
}

/// <summary>An array of numbers.</summary>
[InlineArray(3)]
public struct Triple
{
    private short _first;
}

/// <summary>An array of structs.</summary>
[InlineArray(2)]
public struct TwoCores
{
    private Core _first;
}
