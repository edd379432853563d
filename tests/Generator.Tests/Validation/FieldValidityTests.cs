namespace TypedShm.Generator.Tests;

public class FieldValidityTests
{
    [Fact]
    public async Task References_cannot_be_shared()
    {
        string message = await Validity.Check("""
            using System;
            public class Thing;
            public struct Holder { public string Name; }
            public interface IThing;
            public delegate void Call();
            [SharedLayout] public partial struct Bad
            {
                public string {|TSHM0004:Text|};
                public int[] {|TSHM0004:Array|};
                public Thing {|TSHM0004:Thing|};
                public object {|TSHM0004:Any|};
                public dynamic {|TSHM0004:Late|};
                public IThing {|TSHM0004:Interface|};
                public Call {|TSHM0004:Delegate|};
                public Holder {|TSHM0004:Holder|};
                public Memory<byte> {|TSHM0004:Memory|};
                public int Fine;
            }
            """, static project => project with { Nullable = false });
        Assert.Contains("use Text16 to Text256", message, StringComparison.Ordinal);
        Assert.Contains("use an [InlineArray] struct, or a fixed buffer", message, StringComparison.Ordinal);
    }

    [Fact]
    public Task Pointers_cannot_be_shared() => Validity.Check("""
        [SharedLayout] public unsafe partial struct Bad
        {
            public int* {|TSHM0005:Pointer|};
            public void* {|TSHM0005:Void|};
            public delegate*<int, void> {|TSHM0005:Function|};
        }
        [SharedLayout] public unsafe partial struct Good { public fixed int Buffer[4]; public static int* Pointer; }
        """, static project => project with { AllowUnsafe = true });

    [Fact]
    public async Task Native_sizes_cannot_be_shared()
    {
        string message = await Validity.Check("""
            using System;
            using System.Runtime.InteropServices;
            [SharedLayout] public partial struct Bad
            {
                public nint {|TSHM0006:Native|};
                public nuint {|TSHM0006:Unsigned|};
                public IntPtr {|TSHM0006:Handle|};
                public CLong {|TSHM0006:Long|};
                public NFloat {|TSHM0006:Float|};
            }
            [SharedLayout] public partial struct Good { public long Handle; }
            """);
        Assert.Contains("use 'ulong'", message, StringComparison.Ordinal);
        Assert.Contains("use 'double'", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Types_with_a_layout_of_the_runtimes_choice_cannot_be_shared()
    {
        string message = await Validity.Check("""
            using System;
            using System.Numerics;
            using System.Runtime.Intrinsics;
            [SharedLayout] public partial struct Bad
            {
                public DateTime {|TSHM0007:Date|};
                public DateTimeOffset {|TSHM0007:Offset|};
                public (int, long) {|TSHM0007:Tuple|};
                public ValueTuple<byte> {|TSHM0007:One|};
                public Vector<int> {|TSHM0007:Vector|};
                public Vector256<int> {|TSHM0007:Wide|};
                public Vector512<int> {|TSHM0007:Wider|};
            }
            [SharedLayout] public partial struct Good { public TimeSpan Time; public Vector128<int> Vector; }
            """);
        Assert.Contains("store its Ticks in a 'long'", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Structs_in_a_struct_are_shared_too()
    {
        string message = await Validity.Check("""
            using System;
            using System.Collections.Generic;
            using System.Runtime.CompilerServices;
            public struct Plain { public int X; }
            [InlineArray(2)] public struct Inner { private int _first; }
            [InlineArray(2)] public struct Outer { private Inner _first; }
            [InlineArray(2)] public struct Plains { private Plain _first; }
            [SharedLayout] public partial struct Bad
            {
                public Plain {|TSHM0008:Plain|};
                public int? {|TSHM0008:Maybe|};
                public KeyValuePair<int, int> {|TSHM0008:Pair|};
                public Outer {|TSHM0008:Grid|};
                public Plains {|TSHM0008:Many|};
            }
            [SharedLayout] public partial struct GoodInner { public int X; }
            [SharedLayout] public partial struct Good { public GoodInner Inner; }
            """);
        Assert.Contains("mark 'Plain' [SharedLayout] and partial", message, StringComparison.Ordinal);
        Assert.Contains("another for whether there is one", message, StringComparison.Ordinal);
        Assert.Contains("put the inner [InlineArray] into a [SharedLayout] struct", message, StringComparison.Ordinal);
    }

    [Fact]
    public Task What_is_wrong_with_a_nested_struct_is_said_once_where_it_stands() => Validity.Check("""
        [SharedLayout] public partial struct BadInner { public nint {|TSHM0006:X|}; }
        [SharedLayout] public partial struct BadOuter { public BadInner Inner; }
        [SharedLayout] public struct {|TSHM0001:BadWhole|} { public int X; }
        [SharedLayout] public partial struct BadAround { public BadWhole Whole; }
        """);

    [Fact]
    public Task What_the_compiler_reports_is_not_reported_again() => Validity.Check("""
        [SharedLayout] public partial struct BadUnknown { public {|CS0246:Missing|} X; }
        [SharedLayout] public partial struct BadLoop { public BadLoop {|CS0523:Self|}; }
        [SharedLayout] public partial struct BadTurn { public BadReturn {|CS0523:Other|}; }
        [SharedLayout] public partial struct BadReturn { public BadTurn {|CS0523:Other|}; }
        """);

    [Fact]
    public Task Text_marks_stand_on_bytes() => Validity.Check("""
        using System.Runtime.CompilerServices;
        [InlineArray(8)] public struct Bytes { private byte _first; }
        [InlineArray(8)] public struct Chars { private char _first; }
        [SharedLayout] public partial struct Bad
        {
            [Text] public Chars {|TSHM0020:Chars|};
            [Text] public int {|TSHM0020:Number|};
            [Text] public byte {|TSHM0020:Single|};
        }
        [SharedLayout] public partial struct Good { [Text] public Bytes Bytes; public Text16 Text; }
        """);

    [Fact]
    public Task Atomic_marks_stand_on_numbers() => Validity.Check("""
        using System;
        using System.Runtime.CompilerServices;
        [InlineArray(8)] public struct Ints { private int _first; }
        [SharedLayout] public partial struct Bad
        {
            [Atomic] public Int128 {|TSHM0105:Wide|};
            [Atomic] public decimal {|TSHM0105:Money|};
            [Atomic] public Guid {|TSHM0105:Id|};
            [Atomic] public Text16 {|TSHM0105:Text|};
            [Atomic] public Ints Many;
            [Atomic] public TimeSpan {|TSHM0105:Time|};
        }
        [SharedLayout] public partial struct Good { [Atomic] public DayOfWeek Day; [Atomic] public double Value; }
        """);

    [Fact]
    public Task A_struct_of_another_assembly_states_its_layout() => Validity.Check("""
        [SharedLayout] public partial struct Bad { public Maker.Hand {|TSHM0021:Hand|}; public Maker.Stale {|TSHM0021:Stale|}; }
        [SharedLayout] public partial struct Good { public Maker.Fine Fine; }
        """, static project => project with
    {
        References =
            [
                new TestProject("""
                    using TypedShm;
                    namespace Maker;
                    [SharedLayout] public struct Hand { public int X; }
                    [SharedLayout, SharedLayoutInfo(4, 4, 1, new int[] { 0 })] public struct Stale { public int X; }
                    [SharedLayout] public partial struct Fine { public int X; }
                    """) { Name = "Maker" }.ToReference(),
            ],
    });
}
