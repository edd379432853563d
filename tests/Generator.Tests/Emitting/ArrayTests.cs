namespace TypedShm.Generator.Tests;

public class ArrayTests
{
    [Fact]
    public Task Inline_arrays_of_every_kind_of_element() => Snapshot.Verify("""
        using System.Numerics;
        using System.Runtime.CompilerServices;
        using TypedShm;
        namespace Acme;

        public enum Color : byte { Red }

        [SharedLayout]
        public partial struct Point { public int X; public byte Y; }

        [InlineArray(2)] public struct Ints { private int _first; }
        [InlineArray(3)] public struct Colors { private Color _first; }
        [InlineArray(4)] public struct Vectors { private Vector3 _first; }
        [InlineArray(5)] public struct Points { private Point _first; }
        [InlineArray(6)] public struct Words { private Text16 _first; }

        [SharedLayout]
        public partial struct Arrays
        {
            public Ints Ints;
            public Colors Colors;
            public Vectors Vectors;
            public Points Points;
            public Words Words;
        }
        """);

    [Fact]
    public Task Generic_inline_arrays() => Snapshot.Verify("""
        using System.Runtime.CompilerServices;
        using TypedShm;
        namespace Acme;

        [InlineArray(4)] public struct Four<T> where T : unmanaged { private T _first; }

        [SharedLayout]
        public partial struct Arrays
        {
            public Four<short> Shorts;
            public Four<System.Guid> Guids;
        }
        """);

    [Fact]
    public Task Inline_array_of_another_assembly() => Snapshot.Verify("""
        using TypedShm;
        namespace Acme;

        [SharedLayout]
        public partial struct Arrays { public byte First; public Maker.Three Three; public Maker.Record Record; }
        """, static project => project with
    {
        References =
            [
                new TestProject("""
                    using System.Runtime.CompilerServices;
                    using TypedShm;
                    namespace Maker;
                    [InlineArray(3)] public struct Three { private long _first; }
                    [SharedLayout] public partial struct Record { public Three Three; [Text] public Letters Letters; }
                    [InlineArray(12)] public struct Letters { private byte _first; }
                    """) { Name = "Maker" }.ToReference(),
            ],
    });

    [Fact]
    public Task Fixed_buffers() => Snapshot.Verify("""
        using TypedShm;
        namespace Acme;

        [SharedLayout]
        public unsafe partial struct Buffers
        {
            public fixed bool Bools[3];
            public fixed byte Bytes[5];
            public fixed char Chars[2];
            public fixed short Shorts[3];
            public fixed int Ints[2];
            public fixed long Longs[2];
            public fixed float Floats[3];
            public fixed double Doubles[1];
            private fixed byte _reserved[7];
            [Text] public fixed byte Name[24];
        }
        """, static project => project with { AllowUnsafe = true });

    [Fact]
    public Task Arrays_of_structs_atomics_and_texts() => Snapshot.Verify("""
        using System.Runtime.CompilerServices;
        using TypedShm;
        namespace Acme;

        [SharedLayout] public partial struct Item { [Atomic] public int Hits; public Text16 Name; }
        [InlineArray(4)] public struct Items { private Item _first; }
        [InlineArray(4)] public struct Counts { private long _first; }
        [InlineArray(4)] public struct Marked { [Atomic] private int _first; }
        [InlineArray(4)] public struct Names { private Text32 _first; }

        [SharedLayout]
        public unsafe partial struct Stock
        {
            public Items Items;
            [Atomic] public Counts Counts;
            public Marked Marked;
            public Names Names;
            [Atomic] public fixed int Buffer[4];
        }
        """, static project => project with { AllowUnsafe = true });
}
