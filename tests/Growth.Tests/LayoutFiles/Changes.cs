namespace TypedShm.Growth.Tests;

/// <summary>What a change of a struct is said to be.</summary>
public sealed class Changes
{
    private const string Before = "[SharedLayout] public partial struct S { public long A; public int B; public int C; }";

    [Theory]
    [InlineData("public long A; public int B; public int C;")]
    [InlineData("public long A; public int B; public int C; public byte D;", "Addition: 'S.D'")]
    [InlineData("public long A; public int B; public int C; public In D;", "Addition: 'S.D.X'")]
    [InlineData("public long A; public int B; public int C; public Ins D;", "Addition: 'S.D'")]
    [InlineData("public long A; public float B; public int C;",
        "Field: 'S.B' is float32 (4 bytes at offset 8), but is published as int32 (4 bytes at offset 8)")]
    [InlineData("public long A; [Atomic] public int B; public int C;",
        "Field: 'S.B' is int32 (4 bytes at offset 8, atomic), but is published as int32 (4 bytes at offset 8)")]
    [InlineData("public long A; public int Bee; public int C;", "Field: 'S.Bee' is published under the name 'B'")]
    [InlineData("public long A; public int C; public int B;",
        "Field: 'S.B' is int32 (4 bytes at offset 12), but is published as int32 (4 bytes at offset 8)",
        "Field: 'S.C' is int32 (4 bytes at offset 8), but is published as int32 (4 bytes at offset 12)")]
    [InlineData("public long A; public int B;", "Field: 'S.C' is gone, but is published as int32 (4 bytes at offset 12)")]
    [InlineData("public long A;", "Field: 'S.B' is gone, but is published as int32 (4 bytes at offset 8)",
        "Field: 'S.C' is gone, but is published as int32 (4 bytes at offset 12)",
        "Field: 'S' has 8 bytes and alignment 8, but is published with 16 and 8")]
    [InlineData("public long A; public int B; public Ins X; public int C;",
        "Field: 'S.C' is int32 (4 bytes at offset 20), but is published as int32 (4 bytes at offset 12)",
        "Field: 'S.X' is new, struct[2] (each 4 bytes at offset 12), but does not stand behind all that is published")]
    public void Of_fields(string fields, params string[] expected) =>
        Assert.Equal(expected, Source.Differences(Before, $"[SharedLayout] public partial struct S {{ {fields} }} [SharedLayout] "
            + $"public partial struct In {{ public int X; }} [InlineArray(2)] public struct Ins {{ private In _first; }}"));

    [Theory]
    [InlineData("A, B = 5")]
    [InlineData("B = 5, A = 0", "Addition: every detail of 'S'")]
    [InlineData("A, B = 5, C", "Addition: the member 'C' of 'S.E'")]
    [InlineData("A = 1, B = 5", "Member: 'S.E' has the member 'A' as 1, but it is published as 0")]
    [InlineData("A", "Member: 'S.E' has no member 'B' any more, which is published as 5")]
    [InlineData("A, Bee = 5", "Member: 'S.E' has no member 'B' any more, which is published as 5", "Addition: the member 'Bee' of 'S.E'")]
    public void Of_members(string members, params string[] expected)
    {
        const string Struct = "[SharedLayout] public partial struct S { public E E; }";
        Assert.Equal(expected, Source.Differences($"public enum E {{ A, B = 5 }} {Struct}", $"public enum E {{ {members} }} {Struct}"));
    }

    [Fact]
    public void Of_an_enums_type()
    {
        const string Struct = "[SharedLayout] public partial struct S { public E E; }";
        Assert.Equal(
            ["Field: 'S.E' is int64 (8 bytes at offset 0), but is published as int32 (4 bytes at offset 0)"],
            Source.Differences($"public enum E {{ A }} {Struct}", $"public enum E : long {{ A }} {Struct}"));
        Assert.Equal(
            ["Member: 'S.E' has no member 'A' any more, which is published as 0"],
            Source.Differences($"public enum E {{ A }} {Struct}", Struct.Replace("E E", "int E", StringComparison.Ordinal)));
        Assert.Empty(Source.Differences(
            $"public enum E {{ A }} {Struct}", $"public enum F {{ A }} {Struct.Replace("E E", "F E", StringComparison.Ordinal)}"));
    }

    [Fact]
    public void Of_nested_structs()
    {
        const string Last = "[SharedLayout] public partial struct S { public long A; public N N; }";
        const string Middle = "[SharedLayout] public partial struct S { public long A; public N N; public int Z; }";
        const string Array = "[SharedLayout] public partial struct S { public long A; public Ns N; } [InlineArray(2)] public struct Ns "
            + "{ private N _first; }";
        const string One = "[SharedLayout] public partial struct N { public int X; }";
        const string Two = "[SharedLayout] public partial struct N { public int X; public int Y; }";
        Assert.Equal(["Addition: 'S.N.Y'"], Source.Differences(Last + One, Last + Two));
        Assert.Equal(["Addition: 'N.Y'"], Source.Differences(Last + One, Last + Two, "N"));
        Assert.Equal(
            ["Field: 'S.Z' is int32 (4 bytes at offset 16), but is published as int32 (4 bytes at offset 12)",
                "Field: 'S.N.Y' is new, int32 (4 bytes at offset 12), but does not stand behind all that is published"],
            Source.Differences(Middle + One, Middle + Two));
        Assert.Equal(
            ["Field: 'S.N' is struct[2] (each 8 bytes at offset 8), but is published as struct[2] (each 4 bytes at offset 8)",
                "Field: 'S.N[].Y' is new, int32 (4 bytes at offset 4), but the elements of a published array cannot grow"],
            Source.Differences(Array + One, Array + Two));
        Assert.Equal(
            ["Field: 'S.N.X' is uint32 (4 bytes at offset 8), but is published as int32 (4 bytes at offset 8)"],
            Source.Differences(Middle + One, Middle + One.Replace("int", "uint", StringComparison.Ordinal)));
    }

    [Fact]
    public void Of_the_order_of_declaration_alone()
    {
        const string Before = "[SharedLayout, StructLayout(LayoutKind.Explicit)] public partial struct S { [FieldOffset(0)] public int "
            + "A; [FieldOffset(4)] public int B; }";
        const string After = "[SharedLayout, StructLayout(LayoutKind.Explicit)] public partial struct S { [FieldOffset(4)] public int "
            + "B; [FieldOffset(0)] public int A; }";
        Assert.Equal(["Field: 'S.B' is declared where 'A' is published", "Field: 'S.A' is declared where 'B' is published"],
            Source.Differences(Before, After));
    }
}
