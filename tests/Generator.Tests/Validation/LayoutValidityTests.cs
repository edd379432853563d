using System.Text;

namespace TypedShm.Generator.Tests;

public class LayoutValidityTests
{
    [Fact]
    public async Task Fields_must_not_overlap()
    {
        string message = await Validity.Check("""
            using System.Runtime.InteropServices;
            [SharedLayout, StructLayout(LayoutKind.Explicit)] public partial struct Bad
            {
                [FieldOffset(0)] public long A;
                [FieldOffset(4)] public byte {|TSHM0011:B|};
                [FieldOffset(7)] public short {|TSHM0011:C|};
            }
            [SharedLayout, StructLayout(LayoutKind.Explicit)] public partial struct Good
            {
                [FieldOffset(8)] public long B;
                [FieldOffset(0)] public long A;
            }
            """);
        Assert.Contains("Fields 'A' and 'B' of 'Bad' overlap at bytes 4 to 4", message, StringComparison.Ordinal);
        Assert.Contains("Fields 'A' and 'C' of 'Bad' overlap at bytes 7 to 7", message, StringComparison.Ordinal);
    }

    [Fact]
    public Task A_struct_is_one_that_the_runtime_loads() => Validity.Check("""
        using System.Runtime.CompilerServices;
        [InlineArray(16_777_215)] public struct Most { private long _first; }
        [InlineArray(16_777_216)] public struct TooMany { private long _first; }
        [SharedLayout] public partial struct Good { public Most A; public long B; }
        [SharedLayout] public partial struct {|TSHM0015:Bad|} { public TooMany A; }
        [SharedLayout] public partial struct {|TSHM0015:BadToo|} { public Most A; public long B; public byte C; }
        """);

    [Fact]
    public Task An_inline_array_does_not_state_its_size() => Validity.Check("""
        using System.Runtime.CompilerServices;
        using System.Runtime.InteropServices;
        [InlineArray(4)] [StructLayout(LayoutKind.Sequential, Size = 64)] public struct Sized { private double _first; }
        [SharedLayout] public partial struct Bad { public Sized {|TSHM0025:A|}; }
        """);

    [Fact]
    public Task Nesting_that_doubles_is_refused_before_it_is_expanded()
    {
        StringBuilder source = new("[SharedLayout] public partial struct Good0 { public int X; }\n");
        for (int i = 1; i < 10; i++)
            source.Append(null, $"[SharedLayout] public partial struct Good{i} {{ public Good{i - 1} Left; public Good{i - 1} Right; }}\n");
        source.Append("[SharedLayout] public partial struct {|TSHM0024:Bad10|} { public Good9 Left; public Good9 Right; }\n");
        for (int i = 11; i < 29; i++)
            source.Append(null, $"[SharedLayout] public partial struct Bad{i} {{ public Bad{i - 1} Left; public Bad{i - 1} Right; }}\n");
        return Validity.Check(source.ToString());
    }

    [Fact]
    public Task Structs_are_nested_30_deep_at_most()
    {
        StringBuilder source = new("[SharedLayout] public partial struct Good0 { public int X; }\n");
        for (int i = 1; i < 30; i++)
            source.Append(null, $"[SharedLayout] public partial struct Good{i} {{ public Good{i - 1} Inner; }}\n");
        source.Append("[SharedLayout] public partial struct {|TSHM0023:Bad|} { public Good29 Inner; }");
        return Validity.Check(source.ToString());
    }

    [Fact]
    public Task A_layout_can_be_described() => Validity.Check($$"""
        [SharedLayout] public partial struct {|TSHM0024:Bad|} { {{Fields(2_000, 20)}} }
        [SharedLayout] public partial struct Good { {{Fields(1_000, 20)}} }
        """);

    [Fact]
    public async Task Atomic_fields_are_aligned()
    {
        string message = await Validity.Check("""
            using System.Runtime.CompilerServices;
            using System.Runtime.InteropServices;
            [SharedLayout, StructLayout(LayoutKind.Sequential, Pack = 1)]
            public partial struct Bad { public byte A; [Atomic] public int {|TSHM0101:B|}; }
            [SharedLayout, StructLayout(LayoutKind.Explicit)]
            public partial struct BadToo { [FieldOffset(2), Atomic] public int {|TSHM0101:B|}; }
            [SharedLayout] public partial struct GoodInner { [Atomic] public int Count; }
            [SharedLayout, StructLayout(LayoutKind.Sequential, Pack = 2)]
            public partial struct BadOuter { public short A; public GoodInner {|TSHM0101:Inner|}; }
            [SharedLayout, StructLayout(LayoutKind.Sequential, Size = 6)] public partial struct GoodOdd { [Atomic] public int Count; }
            [InlineArray(2)] public struct Odds { private GoodOdd _first; }
            [SharedLayout] public partial struct BadArray { public Odds {|TSHM0101:Odds|}; }
            [SharedLayout, StructLayout(LayoutKind.Sequential, Pack = 4)]
            public partial struct Good { public byte A; [Atomic] public int B; }
            """);
        Assert.Contains("Atomic field 'Bad.B' is at offset 1, which is no multiple of its size 4", message, StringComparison.Ordinal);
    }

    private static string Fields(int count, int nameLength) =>
        string.Join(' ', Enumerable.Range(0, count)
            .Select(i => $"public int F{i.ToString(System.Globalization.CultureInfo.InvariantCulture).PadRight(nameLength, '_')};"));
}
