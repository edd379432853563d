using TypedShm.CodeFixes;

namespace TypedShm.Generator.Tests;

public sealed class PaddingFixTests
{
    private const string Before = """
        using System;
        using TypedShm;

        [SharedLayout]
        public partial struct {|TSHM0012:Sample|}
        {
            public const int Version = 1;

            public byte Channel; // 1 to 8
            /// <summary>In ticks.</summary>
            public long Time;
            public ushort Low, High;

            public readonly bool IsLow => Low == 0;

            public Int128 Sum;
            public byte _padding2;
        }
        """;

    [Fact]
    public Task Padding_becomes_private_fields() => FixTest.Check<PaddingFix>(Before, """
        using System;
        using TypedShm;

        [SharedLayout]
        public partial struct Sample
        {
            public const int Version = 1;

            public byte Channel; // 1 to 8
            private byte _padding1;
            private ushort _padding3;
            private uint _padding4;
            /// <summary>In ticks.</summary>
            public long Time;
            public ushort Low, High;
            private uint _padding5;
            private ulong _padding6;

            public readonly bool IsLow => Low == 0;

            public Int128 Sum;
            public byte _padding2;
            private byte _padding7;
            private ushort _padding8;
            private uint _padding9;
            private ulong _padding10;
        }
        """, "explicit");

    [Fact]
    public Task Fields_are_put_in_the_order_that_needs_least() => FixTest.Check<PaddingFix>(Before, """
        using System;
        using TypedShm;

        [SharedLayout]
        public partial struct Sample
        {
            public const int Version = 1;

            public Int128 Sum;
            /// <summary>In ticks.</summary>
            public long Time;
            public ushort Low, High;

            public readonly bool IsLow => Low == 0;

            public byte Channel; // 1 to 8
            public byte _padding2;
            private ushort _padding1;
        }
        """, "reorder");

    [Fact]
    public Task Both_work_on_several_structs_at_once() => FixTest.Check<PaddingFix>("""
        using TypedShm;

        [SharedLayout]
        public partial struct {|TSHM0012:Pair|}
        {
            public int Count;
            public long Sum;
        }

        public partial class Outer
        {
            [SharedLayout]
            public partial struct {|TSHM0012:Inner|}
            {
                public byte Kind;
                public Pair Pair;
                public byte Rank;
            }
        }
        """, """
        using TypedShm;

        [SharedLayout]
        public partial struct Pair
        {
            public int Count;
            private uint _padding1;
            public long Sum;
        }

        public partial class Outer
        {
            [SharedLayout]
            public partial struct Inner
            {
                public byte Kind;
                private byte _padding1;
                private ushort _padding2;
                private uint _padding3;
                public Pair Pair;
                public byte Rank;
                private byte _padding4;
                private ushort _padding5;
                private uint _padding6;
            }
        }
        """, "explicit");

    [Fact]
    public Task Reordering_is_not_offered_where_it_would_save_nothing() => FixTest.Check<PaddingFix>("""
        using TypedShm;

        [SharedLayout]
        public partial struct {|TSHM0012:Sample|}
        {
            public long Time;
            public byte Channel;
        }
        """, """
        using TypedShm;

        [SharedLayout]
        public partial struct {|TSHM0012:Sample|}
        {
            public long Time;
            public byte Channel;
        }
        """, "reorder");
}
