using System.Text;
using TypedShm.Layout;

namespace TypedShm.Growth.Tests;

/// <summary>Which layouts are prefixes of which.</summary>
public sealed class LayoutPrefixes
{
    private const string Tick = """{"name":"Tick","kind":"int64","offset":0,"size":8}""";
    private const string Low = """{"name":"Low","kind":"int32","offset":8,"size":4}""";
    private const string High = """{"name":"High","kind":"int32","offset":12,"size":4}""";

    [Fact]
    public void A_layout_is_a_prefix_of_itself()
    {
        LayoutDescriptor layout = Layout(16, 8, Tick, Low);
        LayoutCompatibility? compatibility = LayoutCompatibility.Of(layout, Layout(16, 8, Tick, Low));
        Assert.True(compatibility!.IsByReference);
        Assert.Equal(12, compatibility.SharedLength);
    }

    [Fact]
    public void Names_of_structs_take_no_part() =>
        Assert.True(LayoutCompatibility.Of(
            Layout(8, 8, Tick),
            Parse($$"""{"name":"Other","size":8,"alignment":8,"fields":[{{Tick}}]}"""))!.IsByReference);

    [Theory]
    [InlineData(24)]
    [InlineData(16)]
    public void Fields_may_be_appended_behind_the_end_or_in_the_padding_there(int size)
    {
        LayoutDescriptor shorter = Layout(16, 8, Tick, Low);
        LayoutDescriptor longer = size == 24
            ? Layout(24, 8, Tick, Low, Low.Replace("Low", "Far").Replace("8,", "16,"))
            : Layout(16, 8, Tick, Low, High);
        AssertPrefix(shorter, longer, 12);
    }

    [Fact]
    public void A_struct_at_the_end_may_grow_but_none_in_the_middle()
    {
        string oneOfEight = Struct("A", 8, 8, null, Field("One", "int32", 0, 4));
        string twoOfEight = Struct("A", 8, 8, null, Field("One", "int32", 0, 4), Field("Two", "int32", 4, 4));
        AssertPrefix(Layout(16, 8, Tick, oneOfEight), Layout(16, 8, Tick, twoOfEight), 12);
        AssertPrefix(Layout(16, 8, Tick, oneOfEight), Layout(24, 8, Tick, twoOfEight, Field("Next", "int32", 16, 4)), 12);
        AssertNone(Layout(24, 8, Tick, oneOfEight, Field("Next", "int32", 16, 4)),
            Layout(24, 8, Tick, twoOfEight, Field("Next", "int32", 16, 4)));
    }

    [Fact]
    public void The_structs_of_an_array_may_not_grow()
    {
        string one = Struct("A", 8, 8, 2, Field("One", "int32", 0, 4));
        string two = Struct("A", 8, 8, 2, Field("One", "int32", 0, 4), Field("Two", "int32", 4, 4));
        AssertNone(Layout(24, 8, Tick, one), Layout(24, 8, Tick, two));
        AssertPrefix(Layout(24, 8, Tick, one), Layout(32, 8, Tick, one, Field("Next", "int32", 24, 4)), 24);
    }

    [Theory]
    [InlineData("Low", "Lower")]
    [InlineData("int32", "uint32")]
    [InlineData("int32\",\"offset\":8", "int32\",\"offset\":12")]
    [InlineData("\"size\":4", "\"size\":4,\"length\":1")]
    [InlineData("\"size\":4", "\"size\":4,\"atomic\":true")]
    [InlineData("int32\",\"offset\":8,\"size\":4", "int16\",\"offset\":8,\"size\":2")]
    public void A_field_that_differs_in_anything_is_another(string what, string by)
    {
        string other = Low.Replace(what, by);
        Assert.NotEqual(Low, other);
        AssertNone(Layout(16, 8, Tick, Low), Layout(16, 8, Tick, other));
        AssertNone(Layout(16, 8, Tick, Low), Layout(24, 8, Tick, other, Field("Next", "int32", 16, 4)));
    }

    [Fact]
    public void Nothing_comes_in_between()
    {
        AssertNone(Layout(16, 8, Tick, High), Layout(16, 8, Tick, Low, High));
        AssertNone(Layout(16, 8, Tick, High), Layout(16, 8, Tick, High, Low));
        AssertNone(Layout(16, 8, Tick, Low), Layout(16, 8, Low, Tick));
    }

    [Fact]
    public void The_shorter_one_is_neither_larger_nor_more_strictly_aligned()
    {
        AssertNone(Layout(32, 8, Tick), Layout(16, 8, Tick, Low));
        AssertNone(Layout(16, 8, Tick), Layout(16, 4, Tick, Low));
        AssertPrefix(Layout(16, 4, Tick), Layout(16, 8, Tick, Low), 8);
    }

    [Fact]
    public void A_layout_without_fields_is_a_prefix_of_no_other()
    {
        AssertNone(Layout(1, 1), Layout(16, 8, Tick));
        Assert.True(LayoutCompatibility.Of(Layout(1, 1), Layout(1, 1))!.IsByReference);
    }

    private static void AssertPrefix(LayoutDescriptor shorter, LayoutDescriptor longer, int sharedLength)
    {
        LayoutCompatibility? old = LayoutCompatibility.Of(reader: shorter, writer: longer);
        Assert.True(old!.IsByReference);
        Assert.Equal(sharedLength, old.SharedLength);

        LayoutCompatibility? young = LayoutCompatibility.Of(reader: longer, writer: shorter);
        Assert.False(young!.IsByReference);
        Assert.Equal(sharedLength, young.SharedLength);
    }

    private static void AssertNone(LayoutDescriptor one, LayoutDescriptor other)
    {
        Assert.Null(LayoutCompatibility.Of(one, other));
        Assert.Null(LayoutCompatibility.Of(other, one));
    }

    private static LayoutDescriptor Layout(int size, int alignment, params string[] fields) =>
        Parse($$"""{"name":"Telemetry","size":{{size}},"alignment":{{alignment}},"fields":[{{string.Join(',', fields)}}]}""");

    private static LayoutDescriptor Parse(string json) => LayoutDescriptor.Parse(Encoding.UTF8.GetBytes(json));

    private static string Field(string name, string kind, int offset, int size) =>
        $$"""{"name":"{{name}}","kind":"{{kind}}","offset":{{offset}},"size":{{size}}}""";

    private static string Struct(string name, int offset, int size, int? length, params string[] fields) =>
        $$"""{"name":"{{name}}","kind":"struct","offset":{{offset}},"size":{{size}}"""
        + (length is null ? "" : $",\"length\":{length}") + $$""","fields":[{{string.Join(',', fields)}}]}""";
}
