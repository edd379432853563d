using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace TypedShm.Layouts.Aot;

// Drawn at random, once: structs of every shape that can be shared. Where each field has to stand is not written down anywhere;
// it is what the runtimes make of it.

public enum Level : byte { Low, High }

public enum Mask : ulong { None }

[InlineArray(4)]
public struct S0Array0
{
    private Half _first;
}

[SharedLayout]
public partial struct S0
{
    public S0Array0 F0;
}

[InlineArray(3)]
public struct S1Array1
{
    private S0 _first;
}

[SharedLayout]
public partial struct S1
{
    public S0 F0;
    public S1Array1 F1;
}

[InlineArray(1)]
public struct S2Array0
{
    private Int128 _first;
}

[StructLayout(LayoutKind.Sequential, Pack = 2)]
[SharedLayout]
public unsafe partial struct S2
{
    public S2Array0 F0;
    public Level F1;
    public fixed byte F2[3];
}

[StructLayout(LayoutKind.Sequential, Pack = 16)]
[SharedLayout]
public partial struct S3
{
    public Matrix4x4 F0;
    public Half F1;
    public char F2;
}

[StructLayout(LayoutKind.Explicit)]
[SharedLayout]
public partial struct S4
{
    [FieldOffset(16)][Atomic] public Level F0;
    [FieldOffset(32)][Atomic] public uint F1;
    [FieldOffset(40)] public byte F2;
    [FieldOffset(48)] public S1 F3;
}

[StructLayout(LayoutKind.Sequential, Pack = 1)]
[SharedLayout]
public unsafe partial struct S5
{
    public Int128 F0;
    public fixed double F1[5];
}

[InlineArray(4)]
public struct S6Array2
{
    private UInt128 _first;
}

[SharedLayout]
public partial struct S6
{
    public Text16 F0;
    public sbyte F1;
    public S6Array2 F2;
    [Atomic] public double F3;
    public char F4;
}

[InlineArray(4)]
public struct S7Array0
{
    private Matrix4x4 _first;
}

[InlineArray(1)]
public struct S7Array1
{
    private S2 _first;
}

[StructLayout(LayoutKind.Explicit)]
[SharedLayout]
public partial struct S7
{
    [FieldOffset(8)] public S7Array0 F0;
    [FieldOffset(331)] public S7Array1 F1;
    [FieldOffset(469)] public Rune F2;
    [FieldOffset(479)] public S5 F3;
    [FieldOffset(600)] public int F4;
    [FieldOffset(607)] public ushort F5;
}

[InlineArray(24)]
public struct S8Text3
{
    private byte _first;
}

[StructLayout(LayoutKind.Sequential, Size = 1248)]
[SharedLayout]
public partial struct S8
{
    public bool F0;
    public uint F1;
    public Text128 F2;
    [Text] public S8Text3 F3;
    public S6 F4;
    public float F5;
    public S4 F6;
}

[SharedLayout]
public partial struct S9
{
    public Matrix4x4 F0;
}

[InlineArray(1)]
public struct S10Array1
{
    private uint _first;
}

[StructLayout(LayoutKind.Explicit)]
[SharedLayout]
public unsafe partial struct S10
{
    [FieldOffset(4)] public fixed bool F0[3];
    [FieldOffset(10)] public S10Array1 F1;
    [FieldOffset(39)] public Range F2;
    [FieldOffset(56)][Atomic] public float F3;
    [FieldOffset(72)][Atomic] public short F4;
}

[SharedLayout]
public unsafe partial struct S11
{
    public S9 F0;
    public Text32 F1;
    public Range F2;
    public sbyte F3;
    [Atomic] public ushort F4;
    public fixed char F5[4];
    [Atomic] public char F6;
}

[InlineArray(24)]
public struct S12Text3
{
    private byte _first;
}

[StructLayout(LayoutKind.Explicit)]
[SharedLayout]
public partial struct S12
{
    [FieldOffset(3)] public float F0;
    [FieldOffset(13)] public ushort F1;
    [FieldOffset(24)][Atomic] public double F2;
    [FieldOffset(32)][Text] public S12Text3 F3;
    [FieldOffset(64)] public DateOnly F4;
}

[StructLayout(LayoutKind.Sequential, Pack = 1)]
[SharedLayout]
public partial struct S13
{
    public Quaternion F0;
    public Vector128<byte> F1;
    public Level F2;
}

[SharedLayout]
public partial struct S14
{
    public DateOnly F0;
    [Atomic] public long F1;
    public Mask F2;
    public Text256 F3;
    [Atomic] public char F4;
}

[InlineArray(1)]
public struct S15Array6
{
    private S12 _first;
}

[SharedLayout]
public unsafe partial struct S15
{
    public fixed char F0[4];
    public fixed uint F1[4];
    public fixed char F2[3];
    public fixed float F3[2];
    public Text256 F4;
    public ulong F5;
    public S15Array6 F6;
}

[StructLayout(LayoutKind.Sequential, Pack = 2)]
[SharedLayout]
public unsafe partial struct S16
{
    public fixed uint F0[4];
    public Matrix3x2 F1;
}

[SharedLayout]
public partial struct S17
{
    [Atomic] public long F0;
    public S4 F1;
    public Mask F2;
}

[SharedLayout]
public partial struct S18
{
    public S1 F0;
    public Vector64<int> F1;
    public long F2;
}

[InlineArray(4)]
public struct S19Array0
{
    private uint _first;
}

[InlineArray(8)]
public struct S19Text1
{
    private byte _first;
}

[InlineArray(24)]
public struct S19Text3
{
    private byte _first;
}

[InlineArray(1)]
public struct S19Array5
{
    private decimal _first;
}

[SharedLayout]
public unsafe partial struct S19
{
    public S19Array0 F0;
    [Text] public S19Text1 F1;
    public fixed float F2[5];
    [Text] public S19Text3 F3;
    public Text256 F4;
    public S19Array5 F5;
    public S5 F6;
}

[SharedLayout]
public partial struct S20
{
    [Atomic] public ushort F0;
}

[InlineArray(24)]
public struct S21Text1
{
    private byte _first;
}

[StructLayout(LayoutKind.Sequential, Pack = 1)]
[SharedLayout]
public partial struct S21
{
    public S16 F0;
    [Text] public S21Text1 F1;
    public Text32 F2;
}

[InlineArray(1)]
public struct S22Array1
{
    private Vector64<int> _first;
}

[SharedLayout]
public unsafe partial struct S22
{
    public Text256 F0;
    public S22Array1 F1;
    public fixed short F2[2];
    public long F3;
    public S16 F4;
    public char F5;
    public S11 F6;
}

[SharedLayout]
public unsafe partial struct S23
{
    [Atomic] public char F0;
    public fixed long F1[5];
    public double F2;
    [Atomic] public Level F3;
    public fixed uint F4[1];
    public S0 F5;
}

[InlineArray(4)]
public struct S24Array1
{
    private Range _first;
}

[StructLayout(LayoutKind.Explicit)]
[SharedLayout]
public partial struct S24
{
    [FieldOffset(8)] public S1 F0;
    [FieldOffset(608)] public S24Array1 F1;
    [FieldOffset(705)] public Vector3 F2;
    [FieldOffset(720)][Atomic] public bool F3;
    [FieldOffset(736)] public double F4;
    [FieldOffset(752)][Atomic] public uint F5;
    [FieldOffset(768)] public Level F6;
}

[InlineArray(2)]
public struct S25Array0
{
    private S3 _first;
}

[InlineArray(3)]
public struct S25Array2
{
    private Matrix4x4 _first;
}

[InlineArray(100)]
public struct S25Text3
{
    private byte _first;
}

[StructLayout(LayoutKind.Sequential, Pack = 4)]
[SharedLayout]
public unsafe partial struct S25
{
    public S25Array0 F0;
    public Text256 F1;
    public S25Array2 F2;
    [Text] public S25Text3 F3;
    public decimal F4;
    public fixed char F5[5];
    public char F6;
}

[InlineArray(1)]
public struct S26Array3
{
    private Level _first;
}

[SharedLayout]
public unsafe partial struct S26
{
    public bool F0;
    public fixed int F1[5];
    [Atomic] public Level F2;
    public S26Array3 F3;
    public S0 F4;
    public double F5;
}

[StructLayout(LayoutKind.Sequential, Pack = 2, Size = 77)]
[SharedLayout]
public unsafe partial struct S27
{
    public fixed int F0[5];
}

[StructLayout(LayoutKind.Sequential, Size = 976)]
[SharedLayout]
public unsafe partial struct S28
{
    public Guid F0;
    public S3 F1;
    public fixed long F2[1];
    public S4 F3;
}

[SharedLayout]
public partial struct S29
{
    public S23 F0;
    public S12 F1;
    public long F2;
    public ulong F3;
    public Vector4 F4;
}

[SharedLayout]
public unsafe partial struct S30
{
    public fixed uint F0[4];
}

[SharedLayout]
public partial struct S31
{
    public Mask F0;
    [Atomic] public int F1;
    public Complex F2;
}

[InlineArray(4)]
public struct S32Array2
{
    private Quaternion _first;
}

[SharedLayout]
public partial struct S32
{
    public ushort F0;
    public Vector3 F1;
    public S32Array2 F2;
    public Vector4 F3;
}

[StructLayout(LayoutKind.Explicit)]
[SharedLayout]
public partial struct S33
{
    [FieldOffset(8)] public short F0;
}

[SharedLayout]
public partial struct S34
{
    public byte F0;
    public ushort F1;
    [Atomic] public double F2;
    public Vector3 F3;
    [Atomic] public ulong F4;
}

[StructLayout(LayoutKind.Sequential, Size = 340)]
[SharedLayout]
public partial struct S35
{
    public Vector3 F0;
    public S21 F1;
}

[InlineArray(100)]
public struct S36Text3
{
    private byte _first;
}

[SharedLayout]
public partial struct S36
{
    public float F0;
    [Atomic] public bool F1;
    public S6 F2;
    [Text] public S36Text3 F3;
    [Atomic] public bool F4;
    public S21 F5;
}

[InlineArray(1)]
public struct S37Array0
{
    private int _first;
}

[InlineArray(4)]
public struct S37Array1
{
    private S24 _first;
}

[InlineArray(1)]
public struct S37Array3
{
    private S31 _first;
}

[StructLayout(LayoutKind.Sequential, Size = 3616)]
[SharedLayout]
public partial struct S37
{
    public S37Array0 F0;
    public S37Array1 F1;
    public Vector2 F2;
    public S37Array3 F3;
    public bool F4;
    [Atomic] public long F5;
    [Atomic] public Level F6;
}

[InlineArray(3)]
public struct S38Array3
{
    private Plane _first;
}

[InlineArray(100)]
public struct S38Text6
{
    private byte _first;
}

[StructLayout(LayoutKind.Explicit)]
[SharedLayout]
public unsafe partial struct S38
{
    [FieldOffset(6)] public Int128 F0;
    [FieldOffset(32)] public S24 F1;
    [FieldOffset(840)] public S6 F2;
    [FieldOffset(1112)] public S38Array3 F3;
    [FieldOffset(1216)] public ulong F4;
    [FieldOffset(1232)] public fixed ulong F5[4];
    [FieldOffset(1272)][Text] public S38Text6 F6;
}

[InlineArray(5)]
public struct S39Text0
{
    private byte _first;
}

[SharedLayout]
public partial struct S39
{
    [Text] public S39Text0 F0;
    public Level F1;
}

[InlineArray(1)]
public struct S40Array4
{
    private Mask _first;
}

[SharedLayout]
public partial struct S40
{
    public S4 F0;
    public S12 F1;
    public S13 F2;
    public Text64 F3;
    public S40Array4 F4;
}

[InlineArray(5)]
public struct S41Text1
{
    private byte _first;
}

[InlineArray(1)]
public struct S41Array3
{
    private Vector4 _first;
}

[StructLayout(LayoutKind.Sequential, Pack = 8)]
[SharedLayout]
public unsafe partial struct S41
{
    public Mask F0;
    [Text] public S41Text1 F1;
    public fixed double F2[2];
    public S41Array3 F3;
}

[InlineArray(3)]
public struct S42Array3
{
    private Quaternion _first;
}

[StructLayout(LayoutKind.Sequential, Size = 704)]
[SharedLayout]
public partial struct S42
{
    public S35 F0;
    [Atomic] public Level F1;
    public double F2;
    public S42Array3 F3;
    public Text128 F4;
}

[SharedLayout]
public unsafe partial struct S43
{
    [Atomic] public long F0;
    public fixed sbyte F1[1];
    public Complex F2;
    public UInt128 F3;
    public UInt128 F4;
    public int F5;
    [Atomic] public char F6;
}

[SharedLayout]
public partial struct S44
{
    public Text128 F0;
}

[SharedLayout]
public partial struct S45
{
    public S21 F0;
}

[InlineArray(1)]
public struct S46Array2
{
    private char _first;
}

[InlineArray(100)]
public struct S46Text4
{
    private byte _first;
}

[StructLayout(LayoutKind.Explicit, Pack = 1)]
[SharedLayout]
public unsafe partial struct S46
{
    [FieldOffset(7)] public S13 F0;
    [FieldOffset(127)] public fixed short F1[1];
    [FieldOffset(134)] public S46Array2 F2;
    [FieldOffset(154)] public fixed double F3[1];
    [FieldOffset(163)][Text] public S46Text4 F4;
}

[StructLayout(LayoutKind.Sequential, Size = 192)]
[SharedLayout]
public partial struct S47
{
    public S10 F0;
}

[InlineArray(4)]
public struct S48Array2
{
    private uint _first;
}

[InlineArray(8)]
public struct S48Text3
{
    private byte _first;
}

[SharedLayout]
public partial struct S48
{
    public double F0;
    public ushort F1;
    public S48Array2 F2;
    [Text] public S48Text3 F3;
}

[InlineArray(2)]
public struct S49Array0
{
    private Int128 _first;
}

[InlineArray(8)]
public struct S49Text2
{
    private byte _first;
}

[SharedLayout]
public unsafe partial struct S49
{
    public S49Array0 F0;
    public Matrix4x4 F1;
    [Text] public S49Text2 F2;
    [Atomic] public double F3;
    public fixed ulong F4[1];
}

[InlineArray(1)]
public struct S50Array1
{
    private S44 _first;
}

[SharedLayout]
public unsafe partial struct S50
{
    [Atomic] public uint F0;
    public S50Array1 F1;
    public fixed sbyte F2[5];
}

[InlineArray(4)]
public struct S51Array3
{
    private S18 _first;
}

[StructLayout(LayoutKind.Explicit)]
[SharedLayout]
public partial struct S51
{
    [FieldOffset(5)] public ulong F0;
    [FieldOffset(20)] public S21 F1;
    [FieldOffset(260)] public Matrix4x4 F2;
    [FieldOffset(329)] public S51Array3 F3;
    [FieldOffset(3154)] public int F4;
    [FieldOffset(3164)] public Text64 F5;
    [FieldOffset(3240)] public S24 F6;
}

[SharedLayout]
public partial struct S52
{
    public S47 F0;
}

[SharedLayout]
public unsafe partial struct S53
{
    public fixed ulong F0[4];
    public int F1;
}

[InlineArray(3)]
public struct S54Array3
{
    private S50 _first;
}

[StructLayout(LayoutKind.Sequential, Size = 1440)]
[SharedLayout]
public unsafe partial struct S54
{
    public fixed sbyte F0[2];
    public fixed ulong F1[4];
    public S26 F2;
    public S54Array3 F3;
    public long F4;
    public char F5;
    public Level F6;
}

[InlineArray(4)]
public struct S55Array3
{
    private int _first;
}

[SharedLayout]
public partial struct S55
{
    public ushort F0;
    public Mask F1;
    public Mask F2;
    public S55Array3 F3;
    public Text128 F4;
    public Level F5;
    public S24 F6;
}

[StructLayout(LayoutKind.Explicit)]
[SharedLayout]
public unsafe partial struct S56
{
    [FieldOffset(3)] public uint F0;
    [FieldOffset(11)] public fixed ushort F1[1];
    [FieldOffset(17)] public UInt128 F2;
}

[InlineArray(1)]
public struct S57Array1
{
    private uint _first;
}

[SharedLayout]
public unsafe partial struct S57
{
    public fixed short F0[5];
    public S57Array1 F1;
}

[StructLayout(LayoutKind.Sequential, Pack = 4)]
[SharedLayout]
public unsafe partial struct S58
{
    public fixed ulong F0[3];
}

[StructLayout(LayoutKind.Sequential, Size = 136)]
[SharedLayout]
public partial struct S59
{
    public long F0;
    public char F1;
    public long F2;
}

[InlineArray(100)]
public struct S60Text1
{
    private byte _first;
}

[InlineArray(3)]
public struct S60Array2
{
    private bool _first;
}

[StructLayout(LayoutKind.Explicit, Pack = 16)]
[SharedLayout]
public partial struct S60
{
    [FieldOffset(2)] public Rune F0;
    [FieldOffset(10)][Text] public S60Text1 F1;
    [FieldOffset(115)] public S60Array2 F2;
    [FieldOffset(166)] public Half F3;
    [FieldOffset(174)] public S5 F4;
    [FieldOffset(298)] public float F5;
    [FieldOffset(302)] public S33 F6;
}

[InlineArray(4)]
public struct S61Array1
{
    private Range _first;
}

[InlineArray(5)]
public struct S61Text2
{
    private byte _first;
}

[StructLayout(LayoutKind.Sequential, Size = 225)]
[SharedLayout]
public partial struct S61
{
    public Plane F0;
    public S61Array1 F1;
    [Text] public S61Text2 F2;
}

[StructLayout(LayoutKind.Sequential, Size = 880)]
[SharedLayout]
public unsafe partial struct S62
{
    public S49 F0;
    public fixed ulong F1[3];
    public ulong F2;
    public S10 F3;
    public Text256 F4;
    public Matrix3x2 F5;
    public fixed short F6[2];
}

[StructLayout(LayoutKind.Sequential, Pack = 4, Size = 117)]
[SharedLayout]
public partial struct S63
{
    public Text16 F0;
    public Text32 F1;
}

[SharedLayout]
public partial struct S64
{
    public S5 F0;
    public Text16 F1;
    public S9 F2;
    public uint F3;
    public sbyte F4;
}

[SharedLayout]
public partial struct S65
{
    public Text128 F0;
    public ulong F1;
}

[StructLayout(LayoutKind.Explicit)]
[SharedLayout]
public unsafe partial struct S66
{
    [FieldOffset(2)] public Text64 F0;
    [FieldOffset(75)] public fixed double F1[5];
    [FieldOffset(124)] public fixed int F2[2];
}

[InlineArray(3)]
public struct S67Array0
{
    private DateOnly _first;
}

[SharedLayout]
public partial struct S67
{
    public S67Array0 F0;
}

[SharedLayout]
public partial struct S68
{
    [Atomic] public int F0;
    public Index F1;
    public UInt128 F2;
    public S34 F3;
    [Atomic] public ushort F4;
    public Text256 F5;
}

[InlineArray(8)]
public struct S69Text1
{
    private byte _first;
}

[StructLayout(LayoutKind.Sequential, Pack = 2)]
[SharedLayout]
public partial struct S69
{
    public Half F0;
    [Text] public S69Text1 F1;
}

[InlineArray(5)]
public struct S70Text0
{
    private byte _first;
}

[SharedLayout]
public partial struct S70
{
    [Text] public S70Text0 F0;
    public Text128 F1;
    public uint F2;
    public Vector64<int> F3;
    [Atomic] public char F4;
}

[InlineArray(8)]
public struct S71Text1
{
    private byte _first;
}

[StructLayout(LayoutKind.Sequential, Pack = 4, Size = 110)]
[SharedLayout]
public partial struct S71
{
    public Level F0;
    [Text] public S71Text1 F1;
}

[SharedLayout]
public partial struct S72
{
    [Atomic] public float F0;
    public long F1;
    public TimeOnly F2;
    [Atomic] public short F3;
    public Text16 F4;
    public bool F5;
    [Atomic] public ushort F6;
}

[StructLayout(LayoutKind.Explicit)]
[SharedLayout]
public partial struct S73
{
    [FieldOffset(7)] public short F0;
    [FieldOffset(16)][Atomic] public int F1;
}

[StructLayout(LayoutKind.Sequential, Pack = 2)]
[SharedLayout]
public partial struct S74
{
    public S2 F0;
}

[SharedLayout]
public partial struct S75
{
    public UInt128 F0;
}

[InlineArray(4)]
public struct S76Array2
{
    private S64 _first;
}

[SharedLayout]
public unsafe partial struct S76
{
    public Level F0;
    public S11 F1;
    public S76Array2 F2;
    public fixed ushort F3[4];
    public Vector3 F4;
}

[InlineArray(5)]
public struct S77Text2
{
    private byte _first;
}

[StructLayout(LayoutKind.Sequential, Pack = 16, Size = 106)]
[SharedLayout]
public partial struct S77
{
    public bool F0;
    public TimeOnly F1;
    [Text] public S77Text2 F2;
}

[InlineArray(4)]
public struct S78Array1
{
    private Complex _first;
}

[SharedLayout]
public partial struct S78
{
    public S74 F0;
    public S78Array1 F1;
    public uint F2;
    public S27 F3;
    public Int128 F4;
    public S41 F5;
    public bool F6;
}

[StructLayout(LayoutKind.Sequential, Pack = 4)]
[SharedLayout]
public partial struct S79
{
    public sbyte F0;
}

[InlineArray(3)]
public struct S80Array3
{
    private char _first;
}

[SharedLayout]
public partial struct S80
{
    [Atomic] public uint F0;
    public S63 F1;
    [Atomic] public ushort F2;
    public S80Array3 F3;
}

[InlineArray(1)]
public struct S81Array0
{
    private char _first;
}

[InlineArray(4)]
public struct S81Array2
{
    private double _first;
}

[InlineArray(4)]
public struct S81Array4
{
    private S57 _first;
}

[SharedLayout]
public unsafe partial struct S81
{
    public S81Array0 F0;
    public fixed byte F1[2];
    public S81Array2 F2;
    public fixed byte F3[1];
    public S81Array4 F4;
}

[InlineArray(1)]
public struct S82Array1
{
    private short _first;
}

[SharedLayout]
public partial struct S82
{
    public S45 F0;
    public S82Array1 F1;
    public ushort F2;
    public Vector64<int> F3;
    public Int128 F4;
}

[InlineArray(2)]
public struct S83Array5
{
    private S9 _first;
}

[SharedLayout]
public unsafe partial struct S83
{
    public Mask F0;
    public ulong F1;
    public fixed ulong F2[3];
    public S64 F3;
    public Vector3 F4;
    public S83Array5 F5;
    public Text64 F6;
}

[SharedLayout]
public partial struct S84
{
    public S23 F0;
    public Text32 F1;
}

[InlineArray(4)]
public struct S85Array2
{
    private uint _first;
}

[SharedLayout]
public partial struct S85
{
    public S11 F0;
    public Text256 F1;
    public S85Array2 F2;
    public S43 F3;
    public S11 F4;
    public long F5;
}

[InlineArray(100)]
public struct S86Text3
{
    private byte _first;
}

[SharedLayout]
public partial struct S86
{
    public Text128 F0;
    public Text256 F1;
    [Atomic] public short F2;
    [Text] public S86Text3 F3;
}

[InlineArray(1)]
public struct S87Array0
{
    private Vector128<byte> _first;
}

[StructLayout(LayoutKind.Explicit)]
[SharedLayout]
public unsafe partial struct S87
{
    [FieldOffset(3)] public S87Array0 F0;
    [FieldOffset(40)] public ushort F1;
    [FieldOffset(46)] public Text32 F2;
    [FieldOffset(85)] public fixed bool F3[5];
    [FieldOffset(91)] public S41 F4;
}

[InlineArray(3)]
public struct S88Array1
{
    private S7 _first;
}

[StructLayout(LayoutKind.Explicit, Pack = 4)]
[SharedLayout]
public unsafe partial struct S88
{
    [FieldOffset(8)] public sbyte F0;
    [FieldOffset(11)] public S88Array1 F1;
    [FieldOffset(1982)] public Vector2 F2;
    [FieldOffset(1996)] public Vector64<int> F3;
    [FieldOffset(2012)] public fixed sbyte F4[1];
}

[StructLayout(LayoutKind.Sequential, Pack = 4, Size = 238)]
[SharedLayout]
public unsafe partial struct S89
{
    public float F0;
    public S9 F1;
    public uint F2;
    public fixed int F3[3];
}

[StructLayout(LayoutKind.Sequential, Pack = 8, Size = 1776)]
[SharedLayout]
public unsafe partial struct S90
{
    public S61 F0;
    public fixed int F1[4];
    public S25 F2;
    public Text256 F3;
    public byte F4;
    public float F5;
    public Plane F6;
}

[InlineArray(8)]
public struct S91Text0
{
    private byte _first;
}

[InlineArray(1)]
public struct S91Array4
{
    private S12 _first;
}

[SharedLayout]
public unsafe partial struct S91
{
    [Text] public S91Text0 F0;
    public fixed long F1[4];
    public bool F2;
    public char F3;
    public S91Array4 F4;
}

[StructLayout(LayoutKind.Sequential, Pack = 2)]
[SharedLayout]
public partial struct S92
{
    public byte F0;
}

[InlineArray(1)]
public struct S93Array4
{
    private int _first;
}

[StructLayout(LayoutKind.Sequential, Pack = 2, Size = 408)]
[SharedLayout]
public unsafe partial struct S93
{
    public float F0;
    public int F1;
    public fixed bool F2[4];
    public S65 F3;
    public S93Array4 F4;
    public fixed float F5[4];
}

[StructLayout(LayoutKind.Sequential, Size = 384)]
[SharedLayout]
public partial struct S94
{
    public Mask F0;
    public S43 F1;
    public S69 F2;
}

[InlineArray(2)]
public struct S95Array0
{
    private UInt128 _first;
}

[SharedLayout]
public partial struct S95
{
    public S95Array0 F0;
    public Text256 F1;
}

[InlineArray(1)]
public struct S96Array0
{
    private float _first;
}

[StructLayout(LayoutKind.Sequential, Pack = 1)]
[SharedLayout]
public partial struct S96
{
    public S96Array0 F0;
}

[InlineArray(3)]
public struct S97Array2
{
    private S87 _first;
}

[InlineArray(3)]
public struct S97Array3
{
    private S95 _first;
}

[StructLayout(LayoutKind.Explicit)]
[SharedLayout]
public unsafe partial struct S97
{
    [FieldOffset(9)] public int F0;
    [FieldOffset(16)][Atomic] public int F1;
    [FieldOffset(32)] public S97Array2 F2;
    [FieldOffset(928)] public S97Array3 F3;
    [FieldOffset(2136)] public S21 F4;
    [FieldOffset(2384)] public S31 F5;
    [FieldOffset(2504)] public fixed char F6[2];
}

[SharedLayout]
public partial struct S98
{
    public Text16 F0;
}

[StructLayout(LayoutKind.Explicit)]
[SharedLayout]
public unsafe partial struct S99
{
    [FieldOffset(8)][Atomic] public short F0;
    [FieldOffset(24)] public Complex F1;
    [FieldOffset(48)] public int F2;
    [FieldOffset(64)][Atomic] public double F3;
    [FieldOffset(80)] public fixed ulong F4[3];
    [FieldOffset(112)] public short F5;
    [FieldOffset(120)][Atomic] public float F6;
}

[SharedLayout]
public partial struct S100
{
    [Atomic] public float F0;
    public sbyte F1;
}

[InlineArray(3)]
public struct S101Array2
{
    private Level _first;
}

[StructLayout(LayoutKind.Explicit)]
[SharedLayout]
public partial struct S101
{
    [FieldOffset(8)][Atomic] public float F0;
    [FieldOffset(32)] public Text16 F1;
    [FieldOffset(56)] public S101Array2 F2;
    [FieldOffset(112)] public Level F3;
    [FieldOffset(120)] public S47 F4;
}

[StructLayout(LayoutKind.Sequential, Pack = 2)]
[SharedLayout]
public partial struct S102
{
    public Mask F0;
    public long F1;
    public Text32 F2;
}

[StructLayout(LayoutKind.Sequential, Pack = 1)]
[SharedLayout]
public partial struct S103
{
    public ulong F0;
}

[StructLayout(LayoutKind.Sequential, Pack = 8)]
[SharedLayout]
public unsafe partial struct S104
{
    public UInt128 F0;
    public fixed uint F1[4];
    public Level F2;
    public Mask F3;
}

[StructLayout(LayoutKind.Sequential, Pack = 16)]
[SharedLayout]
public partial struct S105
{
    public Text128 F0;
    public ushort F1;
}

[StructLayout(LayoutKind.Explicit)]
[SharedLayout]
public unsafe partial struct S106
{
    [FieldOffset(4)] public byte F0;
    [FieldOffset(10)] public fixed uint F1[5];
    [FieldOffset(38)] public Mask F2;
    [FieldOffset(48)] public Text64 F3;
    [FieldOffset(120)] public S11 F4;
}

[InlineArray(2)]
public struct S107Array1
{
    private float _first;
}

[InlineArray(2)]
public struct S107Array5
{
    private S71 _first;
}

[SharedLayout]
public unsafe partial struct S107
{
    [Atomic] public ushort F0;
    public S107Array1 F1;
    [Atomic] public sbyte F2;
    public Vector64<int> F3;
    public fixed bool F4[5];
    public S107Array5 F5;
    public short F6;
}

[SharedLayout]
public unsafe partial struct S108
{
    public Level F0;
    public S84 F1;
    public fixed double F2[1];
}

[SharedLayout]
public partial struct S109
{
    public S73 F0;
}

[InlineArray(5)]
public struct S110Text0
{
    private byte _first;
}

[InlineArray(8)]
public struct S110Text2
{
    private byte _first;
}

[StructLayout(LayoutKind.Explicit, Pack = 8)]
[SharedLayout]
public partial struct S110
{
    [FieldOffset(4)][Text] public S110Text0 F0;
    [FieldOffset(16)] public Guid F1;
    [FieldOffset(40)][Text] public S110Text2 F2;
}

[SharedLayout]
public unsafe partial struct S111
{
    public Text32 F0;
    public fixed short F1[4];
}

[SharedLayout]
public unsafe partial struct S112
{
    [Atomic] public double F0;
    public Text64 F1;
    public fixed int F2[3];
    public DateOnly F3;
}

[InlineArray(2)]
public struct S113Array1
{
    private Vector64<int> _first;
}

[InlineArray(1)]
public struct S113Array3
{
    private TimeSpan _first;
}

[SharedLayout]
public partial struct S113
{
    public Int128 F0;
    public S113Array1 F1;
    public Half F2;
    public S113Array3 F3;
}

[InlineArray(3)]
public struct S114Array0
{
    private S93 _first;
}

[StructLayout(LayoutKind.Explicit)]
[SharedLayout]
public unsafe partial struct S114
{
    [FieldOffset(6)] public S114Array0 F0;
    [FieldOffset(1287)] public fixed bool F1[4];
    [FieldOffset(1296)] public S100 F2;
    [FieldOffset(1384)] public Index F3;
    [FieldOffset(1400)] public Vector2 F4;
}

[StructLayout(LayoutKind.Explicit)]
[SharedLayout]
public partial struct S115
{
    [FieldOffset(16)][Atomic] public Level F0;
    [FieldOffset(32)] public UInt128 F1;
    [FieldOffset(56)] public Level F2;
}

[InlineArray(3)]
public struct S116Array1
{
    private Mask _first;
}

[StructLayout(LayoutKind.Sequential, Pack = 1, Size = 644)]
[SharedLayout]
public partial struct S116
{
    public ulong F0;
    public S116Array1 F1;
    public S0 F2;
    public Text128 F3;
    public S48 F4;
}

[InlineArray(3)]
public struct S117Array2
{
    private ulong _first;
}

[SharedLayout]
public partial struct S117
{
    public S0 F0;
    public char F1;
    public S117Array2 F2;
}

[SharedLayout]
public partial struct S118
{
    public Text64 F0;
    public S34 F1;
}

[InlineArray(3)]
public struct S119Array3
{
    private int _first;
}

[StructLayout(LayoutKind.Sequential, Pack = 4)]
[SharedLayout]
public unsafe partial struct S119
{
    public fixed char F0[1];
    public Guid F1;
    public sbyte F2;
    public S119Array3 F3;
    public Text64 F4;
    public S74 F5;
    public S56 F6;
}
