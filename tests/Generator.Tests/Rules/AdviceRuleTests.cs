using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;

namespace TypedShm.Generator.Tests;

/// <summary>The rules on structs that are valid but cost something, or promise what they do not keep.</summary>
public sealed class AdviceRuleTests
{
    private const string Usings = """
        using System;
        using System.Runtime.CompilerServices;
        using System.Runtime.InteropServices;
        using TypedShm;


        """;

    [Fact]
    public async Task Padding_is_reported_once_a_struct_with_every_gap()
    {
        Diagnostic found = Assert.Single(await Check("""
            [SharedLayout]
            public partial struct {|TSHM0012:Sample|}
            {
                public byte Channel;
                public long Time;
                public ushort Low;
                public int High;
                public ushort Last;
            }
            """));
        Assert.StartsWith("15 of the 32 bytes of 'Sample' are padding (7 before 'Time', 2 before 'High', 6 at the end)",
            found.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Fact]
    public Task Padding_that_the_source_asks_for_is_left_alone() => Check("""
        [SharedLayout]
        [StructLayout(LayoutKind.Sequential, Size = 64)]
        public partial struct Line { public long Head; public int Tail; }

        [SharedLayout]
        [StructLayout(LayoutKind.Explicit)]
        public partial struct Registers { [FieldOffset(0)] public int Status; [FieldOffset(16)] public long Control; }

        [SharedLayout]
        [StructLayout(LayoutKind.Sequential, Pack = 1)]
        public partial struct Packed { public byte Kind; public Guid Id; }

        [SharedLayout]
        public partial struct Filled { public int Count; private int _padding; public long Sum; }

        [SharedLayout]
        public partial struct Empty;
        """);

    [Fact]
    public Task Bools_and_chars_are_reported_in_arrays_too() => Check("""
        [InlineArray(8)]
        public struct Letters { private char _first; }

        [SharedLayout]
        public unsafe partial struct Flags
        {
            public bool {|TSHM0009:On|};
            [Atomic] public bool {|TSHM0009:Off|};
            public fixed bool {|TSHM0009:Bits|}[6];
            public char {|TSHM0009:Letter|};
            public Letters {|TSHM0009:Word|};
            public byte Raw;
            public Text16 Name;
            private byte _padding;
        }
        """);

    [Fact]
    public Task Readonly_and_volatile_fields_are_reported() => Check("""
        [SharedLayout]
        public partial struct Session
        {
            public readonly long {|TSHM0017:Id|};
            public volatile int {|TSHM0104:Ready|};
            internal volatile int {|TSHM0104:Left|}, {|TSHM0104:Right|};
            [Atomic] public int Turn;
            private static readonly long s_shared = 1;
            public static volatile int Live;
            public static long Shared => s_shared;
        }
        """);

    [Fact]
    public Task Default_members_are_reported_unless_the_struct_has_its_own() => Check("""
        public interface ICounter
        {
            void Add(long amount);
            void Increment() => Add(1);
            int Kind => 1;
            static void Reset() { }
            private void Hidden() { }
            static virtual int Version => 1;
        }

        [SharedLayout]
        public partial struct {|TSHM0018:{|TSHM0018:Hits|}|} : ICounter
        {
            public long Count;
            public void Add(long amount) => Count += amount;
        }

        [SharedLayout]
        public partial struct Misses : ICounter
        {
            public long Count;
            public void Add(long amount) => Count += amount;
            void ICounter.Increment() => Count++;
            public readonly int Kind => 2;
        }
        """);

    [Fact]
    public Task A_word_in_two_cache_lines_is_reported_wherever_it_is_nested() => Check("""
        [InlineArray(12)]
        public struct Words { private long _first; }

        [SharedLayout]
        [StructLayout(LayoutKind.Sequential, Pack = 1)]
        public partial struct Packed { public byte Kind; public long Value; }

        [InlineArray(16)]
        public struct Many { private Packed _first; }

        [SharedLayout]
        [StructLayout(LayoutKind.Sequential, Pack = 1)]
        public partial struct Page
        {
            public int Kind;
            public Words {|TSHM0102:Words|};
            public Many {|TSHM0102:Many|};
            public Guid Id;
            public Text32 Name;
        }

        [SharedLayout]
        public partial struct Aligned
        {
            public Text32 Name;
            public Text16 Unit;
            public Vector Pair;
            public Guid Id;
            public decimal Sum;
        }

        [SharedLayout]
        public partial struct Vector { public double X; }
        """);

    private static Task<ImmutableArray<Diagnostic>> Check(string source) =>
        Analysis.Check(Usings + source, static plain => new TestProject(plain) { AllowUnsafe = true }, DiagnosticSeverity.Info);
}
