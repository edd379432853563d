namespace TypedShm.Generator.Tests;

public class FieldTests
{
    [Fact]
    public Task Every_primitive() => Snapshot.Verify("""
        using TypedShm;
        namespace Acme;

        [SharedLayout]
        public partial struct Primitives
        {
            public bool Bool;
            public sbyte SByte;
            public byte Byte;
            public short Int16;
            public ushort UInt16;
            public int Int32;
            public uint UInt32;
            public long Int64;
            public ulong UInt64;
            public float Single;
            public double Double;
            public char Char;
            public decimal Decimal;
        }
        """);

    [Fact]
    public Task Enums_of_every_size() => Snapshot.Verify("""
        using TypedShm;
        namespace Acme;

        public enum Tiny : sbyte { A }
        public enum Small : ushort { A }
        public enum Plain { A }
        public enum Large : ulong { A }
        public static class Outer { public enum Inner : byte { A } }

        [SharedLayout]
        public partial struct Enums
        {
            public Tiny Tiny;
            public Small Small;
            public Plain Plain;
            public Large Large;
            public Outer.Inner Inner;
            public System.DayOfWeek Day;
        }
        """);

    [Fact]
    public Task Known_structs_of_the_BCL() => Snapshot.Verify("""
        using TypedShm;
        namespace Acme;

        [SharedLayout]
        public partial struct Known
        {
            public System.Guid Guid;
            public System.TimeSpan TimeSpan;
            public System.DateOnly DateOnly;
            public System.TimeOnly TimeOnly;
            public System.Index Index;
            public System.Range Range;
            public System.Text.Rune Rune;
            public System.Numerics.Complex Complex;
            public System.Numerics.Vector2 Vector2;
            public System.Numerics.Vector3 Vector3;
            public System.Numerics.Vector4 Vector4;
            public System.Numerics.Quaternion Quaternion;
            public System.Numerics.Plane Plane;
            public System.Numerics.Matrix3x2 Matrix3x2;
            public System.Numerics.Matrix4x4 Matrix4x4;
            public System.Runtime.Intrinsics.Vector64<byte> Vector64;
            public System.Runtime.Intrinsics.Vector128<double> Vector128;
        }
        """);

    [Fact]
    public Task Wide_and_half_numbers() => Snapshot.Verify("""
        using System;
        using TypedShm;
        namespace Acme;

        [SharedLayout]
        public partial struct Numbers
        {
            public Half Half;
            public Int128 Int128;
            public UInt128 UInt128;
        }
        """);

    [Fact]
    public Task Readonly_fields() => Snapshot.Verify("""
        using TypedShm;
        namespace Acme;

        [SharedLayout]
        public partial struct Inner { public int X; }

        [System.Runtime.CompilerServices.InlineArray(3)]
        public struct Three { private int _first; }

        [SharedLayout]
        public partial struct Constants
        {
            public readonly long Number;
            public readonly Inner Inner;
            public readonly Three Three;
            public readonly Text16 Text;
            [Atomic] public readonly int Atomic;
        }
        """);

    [Fact]
    public Task Volatile_fields() => Snapshot.Verify("""
        using TypedShm;
        namespace Acme;

        [SharedLayout]
        public partial struct Flags
        {
            public volatile int Ready;
            [Atomic] public volatile uint Count;
        }
        """);

    [Fact]
    public Task Private_and_internal_fields() => Snapshot.Verify("""
        using TypedShm;
        namespace Acme;

        [SharedLayout]
        public partial struct Mixed
        {
            public int Seen;
            internal int Inside;
            private int _hidden;
            private readonly long _reserved;
            internal Text16 Note;
        }
        """);

    [Fact]
    public Task No_fields() => Snapshot.Verify("""
        using TypedShm;
        namespace Acme;

        [SharedLayout]
        public partial struct Empty;
        """);

    [Fact]
    public Task Obsolete_fields_types_and_structs() => Snapshot.Verify("""
        using System;
        using TypedShm;
        namespace Acme;

        #pragma warning disable CS0612, CS0618
        [Obsolete] public enum Old { A }

        [Obsolete("Use another."), SharedLayout]
        public partial struct Past { public int X; }

        [Obsolete("Lost.", true), SharedLayout]
        internal partial struct Lost { public int X; }

        [SharedLayout]
        public partial struct Present
        {
            [Obsolete] public int Bare;
            [Obsolete("Use \"Other\".")] public int Number;
            [Obsolete("Gone.", true)] public long Gone;
            [Obsolete("Gone.", error: true)] internal Lost Lost;
            public Old Old;
            public Past Past;
        }
        """);

    [Fact]
    public Task Statics_constants_methods_and_properties_are_left_alone() => Snapshot.Verify("""
        using TypedShm;
        namespace Acme;

        [SharedLayout]
        public partial struct Reading
        {
            public const int Limit = 10;
            public static int Instances;
            public int Raw;
            public static string Title { get; set; } = "";
            public readonly double Celsius => Raw / 16.0;
            public void Reset() => Raw = 0;
            public Reading(int raw) => Raw = raw;
        }
        """);
}
