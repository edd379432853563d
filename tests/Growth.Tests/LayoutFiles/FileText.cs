using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using TypedShm.Generator;

namespace TypedShm.Growth.Tests;

/// <summary>What stands in a layout file, and how it is read.</summary>
public sealed class FileText
{
    private const string Structs = """
        namespace Acme;
        public enum Mode : byte { Idle, Run = 5 }
        [Flags] public enum Wide : ulong { None, Top = ulong.MaxValue }
        public enum Signed : long { Low = long.MinValue }
        public enum Nothing { }
        [SharedLayout] public partial struct Core { public uint User; public Mode Mode; }
        [InlineArray(2)] public struct Cores { private Core _first; }
        [InlineArray(3)] public struct Modes { private Mode _first; }
        public partial class Outer
        {
            [SharedLayout] public unsafe partial struct @struct
            {
                public long Tick;
                [Atomic] public int Faults;
                public Text32 Unit;
                public Core Core;
                public Cores Cores;
                public Modes Modes;
                public fixed short Raw[4];
                public Wide Wide;
                public Signed Signed;
                public Nothing Nothing;
                public double Größe;
            }
        }
        """;

    [Fact]
    public void A_file_has_a_line_for_each_field_and_each_member_sorted_by_struct() => Assert.Equal(
        """
        {
          "typedshm": 1,
          "structs": {
            "Acme.Core": { "name": "Core", "size": 8, "alignment": 4, "fields": [
              { "name": "User", "kind": "uint32", "offset": 0, "size": 4 },
              { "name": "Mode", "kind": "uint8", "offset": 4, "size": 1, "enum": {
                "Idle": 0,
                "Run": 5 } }] },
            "Acme.Outer+struct": { "name": "struct", "size": 112, "alignment": 8, "fields": [
              { "name": "Tick", "kind": "int64", "offset": 0, "size": 8 },
              { "name": "Faults", "kind": "int32", "offset": 8, "size": 4, "atomic": true },
              { "name": "Unit", "kind": "text", "offset": 12, "size": 32 },
              { "name": "Core", "kind": "struct", "offset": 44, "size": 8, "fields": [
                { "name": "User", "kind": "uint32", "offset": 0, "size": 4 },
                { "name": "Mode", "kind": "uint8", "offset": 4, "size": 1, "enum": {
                  "Idle": 0,
                  "Run": 5 } }] },
              { "name": "Cores", "kind": "struct", "offset": 52, "size": 8, "length": 2, "fields": [
                { "name": "User", "kind": "uint32", "offset": 0, "size": 4 },
                { "name": "Mode", "kind": "uint8", "offset": 4, "size": 1, "enum": {
                  "Idle": 0,
                  "Run": 5 } }] },
              { "name": "Modes", "kind": "uint8", "offset": 68, "size": 1, "length": 3, "enum": {
                "Idle": 0,
                "Run": 5 } },
              { "name": "Raw", "kind": "int16", "offset": 72, "size": 2, "length": 4 },
              { "name": "Wide", "kind": "uint64", "offset": 80, "size": 8, "enum": {
                "None": 0,
                "Top": 18446744073709551615 } },
              { "name": "Signed", "kind": "int64", "offset": 88, "size": 8, "enum": {
                "Low": -9223372036854775808 } },
              { "name": "Nothing", "kind": "int32", "offset": 96, "size": 4 },
              { "name": "Größe", "kind": "float64", "offset": 104, "size": 8 }] }
          }
        }

        """,
        LayoutFile.Write(Source.Structs(Structs)));

    [Fact]
    public void What_was_written_is_what_is_read()
    {
        ImmutableArray<PublishedStruct> structs = Source.Structs(Structs);
        Assert.Equal(structs.AsEnumerable(), LayoutFile.Read(LayoutFile.Write(structs)));
        Assert.Empty(LayoutFile.Read(LayoutFile.Write([])));
    }

    [Fact]
    public void A_struct_in_the_file_is_a_layout_as_a_region_states_it()
    {
        foreach (PublishedStruct one in Source.Structs(Structs))
        {
            LayoutDescriptor layout = ToDescriptor(one);
            LayoutSpec spec = StructParser.Parse(
                Source.Compile(Structs).GetTypeByMetadataName(one.TypeName)!, problems: null, CancellationToken.None)!;
            Assert.Equal(LayoutText.Fingerprint(spec), layout.Fingerprint);
        }
    }

    [Theory]
    [InlineData("", "line 1: found the end of the file, expected a value")]
    [InlineData("""{"typedshm": 1""", "line 1: found the end of the file, expected ','")]
    [InlineData("""{"typedshm": 2, "structs": {}}""", "it is of version 2, but this version of TypedShm reads version 1")]
    [InlineData("""{"structs": {}}""", "\"typedshm\" is missing")]
    [InlineData("{\"typedshm\": 1,\n<<<<<<< HEAD", "line 2: found '<<<<<<< HEAD', expected a name")]
    [InlineData("""{"typedshm": 1, "structs": {"A": 3}}""", "\"A\" is not what it should be")]
    [InlineData("""{"typedshm": 1, "structs": {"A": {"name": "A", "size": -1}}}""", "\"size\" is no number of bytes in \"A\"")]
    [InlineData("""{"typedshm": 1, "structs": {"A": {}, "A": {}}}""", "line 1: \"A\" is there twice")]
    [InlineData("""{"typedshm": 1, "structs": {}} }""", "line 1: found '}', expected its end")]
    [InlineData("""{"typedshm": nothing}""", "line 1: found 'nothing}', expected a value")]
    public void A_file_that_cannot_be_read_says_why_and_where(string text, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => LayoutFile.Read(text)).Message);

    [Fact]
    public void A_file_that_is_nested_without_end_is_no_danger() =>
        Assert.EndsWith("nested more than 100 deep",
            Assert.Throws<FormatException>(() => LayoutFile.Read(new string('[', 1_000_000))).Message, StringComparison.Ordinal);

    /// <summary>The struct as the runtime reads it, by way of the file.</summary>
    internal static LayoutDescriptor ToDescriptor(PublishedStruct one)
    {
        using JsonDocument file = JsonDocument.Parse(LayoutFile.Write([one]));
        return LayoutDescriptor.Parse(
            Encoding.UTF8.GetBytes(file.RootElement.GetProperty("structs").GetProperty(one.TypeName).GetRawText()));
    }
}
