using TypedShm.CodeFixes;

namespace TypedShm.Generator.Tests;

/// <summary>Fixes that give a field another type.</summary>
public sealed class FieldFixTests
{
    [Fact]
    public Task A_native_size_becomes_a_fixed_one() => FixTest.Check<FixedSizeFix>("""
        using System;
        using System.Runtime.CompilerServices;
        using System.Runtime.InteropServices;
        using TypedShm;

        [InlineArray(4)]
        public struct Positions
        {
            private nint _first;
        }

        [SharedLayout]
        public partial struct Cursor
        {
            public nint {|TSHM0006:Position|}, {|TSHM0006:Limit|};
            public UIntPtr {|TSHM0006:Mask|}; // of the ring
            public NFloat {|TSHM0006:Rate|};
            public Positions {|TSHM0006:Others|};
        }
        """, """
        using System;
        using System.Runtime.CompilerServices;
        using System.Runtime.InteropServices;
        using TypedShm;

        [InlineArray(4)]
        public struct Positions
        {
            private long _first;
        }

        [SharedLayout]
        public partial struct Cursor
        {
            public long Position, Limit;
            public ulong Mask; // of the ring
            public double Rate;
            public Positions Others;
        }
        """);

    [Fact]
    public Task A_DateTime_becomes_ticks_with_a_property_of_its_type() => FixTest.Check<StoreTicksFix>("""
        using System;
        using TypedShm;

        [SharedLayout]
        public partial struct Trade
        {
            /// <summary>When it was made.</summary>
            public DateTime {|TSHM0007:At|};
            public long Price;
            internal readonly DateTime {|TSHM0007:Due|};

            public static DateTime Later(in Trade trade) => trade.At.AddDays(1);
        }
        """, """
        using System;
        using TypedShm;

        [SharedLayout]
        public partial struct Trade
        {
            /// <summary>When it was made.</summary>
            public long AtTicks;

            /// <summary>When it was made.</summary>
            public DateTime At
            {
                readonly get => new(AtTicks);
                set => AtTicks = value.Ticks;
            }
            public long Price;
            internal readonly long {|TSHM0017:DueTicks|};

            internal DateTime Due => new(DueTicks);

            public static DateTime Later(in Trade trade) => trade.At.AddDays(1);
        }
        """);

    [Fact]
    public Task Two_DateTimes_in_one_declaration_become_two_properties() => FixTest.Check<StoreTicksFix>("""
        using System;
        using TypedShm;

        [SharedLayout]
        public partial struct Shift
        {
            public DateTime {|TSHM0007:From|}, {|TSHM0007:To|};
        }
        """, """
        using System;
        using TypedShm;

        [SharedLayout]
        public partial struct Shift
        {
            public long FromTicks, ToTicks;

            public DateTime From
            {
                readonly get => new(FromTicks);
                set => FromTicks = value.Ticks;
            }

            public DateTime To
            {
                readonly get => new(ToTicks);
                set => ToTicks = value.Ticks;
            }
        }
        """);

    [Fact]
    public Task A_nested_struct_becomes_shared_in_its_own_file() => FixTest.Check<ShareNestedStructFix>(
        ["""
        using TypedShm;

        [SharedLayout]
        public partial struct Path
        {
            public Geometry.Point {|TSHM0008:From|};
            public Geometry.Point {|TSHM0008:To|};
            public Corners {|TSHM0008:Corners|};
        }
        """, """
        using System.Runtime.CompilerServices;

        public class Geometry
        {
            /// <summary>A place.</summary>
            public struct Point
            {
                public double X, Y;
            }
        }

        [InlineArray(4)]
        public struct Corners
        {
            private Corner _first;
        }

        public struct Corner
        {
            public double X, Y;
        }
        """],
        ["""
        using TypedShm;

        [SharedLayout]
        public partial struct Path
        {
            public Geometry.Point From;
            public Geometry.Point To;
            public Corners Corners;
        }
        """, """
        using System.Runtime.CompilerServices;

        public partial class Geometry
        {
            /// <summary>A place.</summary>
            [TypedShm.SharedLayout]
            public partial struct Point
            {
                public double X, Y;
            }
        }

        [InlineArray(4)]
        public struct Corners
        {
            private Corner _first;
        }

        [TypedShm.SharedLayout]
        public partial struct Corner
        {
            public double X, Y;
        }
        """]);
}
