using System.Runtime.InteropServices;

namespace TypedShm.Memory;

/// <summary>
/// The first 128 bytes of every region, little-endian; <c>docs/format.md</c> describes each word. Written before the
/// region is sent to anyone, never afterwards.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Length)]
internal struct RegionHeader
{
    public const int Length = 128;

    /// <summary>The bytes "TypedShm".</summary>
    public const ulong ExpectedMagic = 0x6D68536465707954;

    public const ushort CurrentMajor = 1;
    public const ushort CurrentMinor = 0;

    [FieldOffset(0)] public ulong Magic;
    [FieldOffset(8)] public ushort Major;
    [FieldOffset(10)] public ushort Minor;
    [FieldOffset(12)] public RegionKind Kind;
    [FieldOffset(14)] public ushort Flags;
    [FieldOffset(16)] public long RegionSize;
    [FieldOffset(24)] public ulong Fingerprint;
    [FieldOffset(32)] public ulong Epoch;
    [FieldOffset(40)] public int LayoutOffset;
    [FieldOffset(44)] public int LayoutLength;
    [FieldOffset(48)] public long ControlOffset;
    [FieldOffset(56)] public long ControlLength;
    [FieldOffset(64)] public long DataOffset;
    [FieldOffset(72)] public long Stride;
    [FieldOffset(80)] public long Count;
    [FieldOffset(88)] public int ValueSize;
    [FieldOffset(92)] public int ValueAlignment;
    [FieldOffset(96)] public SlotLayout Slot;
    [FieldOffset(112)] public ulong PredecessorEpoch;
    [FieldOffset(120)] public ulong FirstVersion;
}

/// <summary>What a region holds. Numbers are part of the format; those of the channels to come are reserved.</summary>
internal enum RegionKind : ushort
{
    /// <summary>No header: bare data, which several processes may write.</summary>
    None = 0,

    /// <summary>The control words of one end of one connection.</summary>
    Control = 1,

    /// <summary>A live struct: header, layout, signal words and the struct.</summary>
    Struct = 2,

    /// <summary>What describes a live struct whose bytes are in a region of their own, because peers may write them.</summary>
    StructDescription = 3,

    State = 4,
    Table = 5,
    QueueLane = 6,
    Broadcast = 7,
    CallLane = 8,
}
