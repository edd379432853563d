using Microsoft.CodeAnalysis.CSharp;

namespace TypedShm.Generator.Tests;

public class DeclarationValidityTests
{
    [Fact]
    public async Task A_struct_has_to_be_partial()
    {
        string message = await Validity.Check("""
            [SharedLayout] public struct {|TSHM0001:Bad|} { public int X; }
            [SharedLayout] public partial struct Good { public int X; }
            """);
        Assert.Contains("write 'partial struct Bad'", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_types_around_it_have_to_be_partial()
    {
        string message = await Validity.Check("""
            public class Outer { public partial record Middle { [SharedLayout] public partial struct {|TSHM0002:Bad|} { public int X; } } }
            public partial class Around { public partial record Middle { [SharedLayout] public partial struct Good { public int X; } } }
            """);
        Assert.Contains("write 'partial class Outer'", message, StringComparison.Ordinal);
    }

    [Fact]
    public Task A_struct_must_not_be_generic() => Validity.Check("""
        [SharedLayout] public partial struct {|TSHM0003:Bad|}<T> where T : unmanaged { public int X; }
        public partial class Outer<T> { [SharedLayout] public partial struct {|TSHM0003:BadInside|} { public int X; } }
        public partial class Plain { [SharedLayout] public partial struct Good { public int X; } }
        """);

    [Fact]
    public Task A_struct_must_not_be_a_ref_struct() => Validity.Check("""
        [SharedLayout] public ref partial struct {|TSHM0019:Bad|} { public int X; }
        [SharedLayout] public readonly partial struct Good { public readonly int X; }
        """);

    [Fact]
    public Task The_runtime_must_not_choose_the_order() => Validity.Check("""
        using System.Runtime.InteropServices;
        [SharedLayout, StructLayout(LayoutKind.Auto)] public partial struct {|TSHM0010:Bad|} { public int X; }
        [SharedLayout, StructLayout(LayoutKind.Sequential)] public partial struct Good { public int X; }
        [SharedLayout, StructLayout((short)0)] public partial struct GoodToo { public int X; }
        """);

    [Fact]
    public Task An_inline_array_is_a_type_of_fields() => Validity.Check("""
        using System.Runtime.CompilerServices;
        [SharedLayout, InlineArray(4)] public partial struct {|TSHM0022:Bad|} { private int _first; }
        [InlineArray(4)] public struct Four { private int _first; }
        [SharedLayout] public partial struct Good { public Four Four; }
        """);

    [Fact]
    public Task The_fields_stand_in_one_part() => Validity.Check("""
        [SharedLayout] public partial struct {|CS0282:Bad|} { public int X; }
        public partial struct Bad { public int {|TSHM0013:Y|}; }
        [SharedLayout] public partial struct Good { public int X; public static int Count; }
        public partial struct Good { public static int Other; public const int Limit = 1; public readonly int Twice => 2 * X; }
        """);

    [Fact]
    public Task Nothing_is_stored_out_of_sight() => Validity.Check("""
        [SharedLayout] public partial struct Bad { public int X; public int {|TSHM0014:Y|} { get; set; } }
        [SharedLayout] public partial struct BadCapture(int {|TSHM0014:x|}) { public readonly int Twice => 2 * x; }
        [SharedLayout] public partial record struct BadRecord(int {|TSHM0014:X|});
        [SharedLayout] public partial struct BadHalf { public int {|TSHM0014:Y|} { get => field; set => field = value; } }
        [SharedLayout] public partial struct Good(int x)
        {
            public int X = x; public readonly int Twice => 2 * X; public static int Count { get; set; }
        }
        """);

    [Fact]
    public Task Events_are_references_too() => Validity.Check("""
        using System;
        [SharedLayout] public partial struct Bad
        {
            public int X; public event EventHandler {|TSHM0004:Changed|}; public static event EventHandler Any { add { } remove { } }
        }
        [SharedLayout] public partial struct Good { public int X; public event EventHandler Changed { add { } remove { } } }
        """, static project => project with
    {
        Nullable = false,
        Severities = project.Severities.Add("CS0067", Microsoft.CodeAnalysis.ReportDiagnostic.Suppress),
    });

    [Fact]
    public Task Three_names_are_taken() => Validity.Check("""
        [SharedLayout] public partial struct Bad { public int {|TSHM0016:SharedView|}; }
        [SharedLayout] public partial struct BadToo
        {
            public int X; public readonly void {|TSHM0016:SharedOffsets|}() { } public class {|TSHM0016:ReadOnlySharedView|};
        }
        [SharedLayout] public partial struct {|TSHM0016:SharedView|} { public int X; }
        [SharedLayout] public partial struct Good { public int View; public int sharedView; public int SharedLayout; }
        """);

    [Fact]
    public async Task The_project_compiles_CSharp_14()
    {
        string message = await Validity.Check("""
            [SharedLayout] public partial struct {|TSHM0202:Bad|} { public int X; }
            """, static project => project with { Language = LanguageVersion.CSharp13 });
        Assert.Contains("this project uses C# 13.0", message, StringComparison.Ordinal);
        await Validity.Check("[SharedLayout] public partial struct Good { public int X; }",
            static project => project with { Language = LanguageVersion.Preview });
    }

    [Fact]
    public Task The_struct_is_visible_in_its_project() => Validity.Check("""
        public partial class Outer
        {
            [SharedLayout] private partial struct {|TSHM0203:Bad|} { public int X; }
            [SharedLayout] private protected partial struct {|TSHM0203:BadToo|} { public int X; }
            private partial class Hidden { [SharedLayout] public partial struct {|TSHM0203:BadInside|} { public int X; } }
            [SharedLayout] protected internal partial struct Good { public int X; }
        }
        [SharedLayout] file partial struct {|TSHM0203:BadFile|} { public int X; }
        """.Replace(
            "private protected partial struct {|TSHM0203:BadToo|}", "protected partial struct {|TSHM0203:BadToo|}",
            StringComparison.Ordinal));

    [Fact]
    public Task Other_things_called_SharedLayout_are_none_of_our_business() => Validity.Check("""
        namespace Mine;
        public class SharedLayoutAttribute : System.Attribute;
        [SharedLayout] public struct Plain { public string X; }
        """, static project => project with { Nullable = false });

    [Fact]
    public Task A_struct_that_is_marked_in_two_parts_gets_its_code_once() => Validity.Check("""
        [SharedLayout] public partial struct Good { public int X; }
        [{|CS0579:SharedLayout|}] public partial struct Good { public static int Count; }
        [SharedLayout] public partial struct GoodToo { public int X; }
        """);

    [Fact]
    public Task What_is_no_struct_gets_no_code() => Validity.Check("""
        [{|CS0592:SharedLayout|}] public partial class Bad { public int X; }
        [{|CS0592:SharedLayout|}] public partial interface BadToo { }
        [SharedLayout] public partial struct Good { public int X; }
        """);

    [Fact]
    public Task Two_fields_of_one_name_are_the_compilers_business() => Validity.Check("""
        [SharedLayout] public partial struct Bad { public int X; public int {|CS0102:X|}; }
        [SharedLayout] public partial struct BadToo { public int X; public int {|CS0102:X|}() => 1; }
        """);

    [Fact]
    public void Top_level_statements_are_a_part_of_Program_that_need_not_be_partial()
    {
        const string Source = "System.Console.WriteLine(); public partial class Program { [TypedShm.SharedLayout] public partial "
            + "struct Good { public int X; } }";
        Assert.Single(GeneratorRun.Of(new TestProject(Source)).Files);
    }

    [Fact]
    public Task Obsolete_containers_and_experimental_fields_are_not_reported_in_generated_code() => Validity.Check("""
        using System.Diagnostics.CodeAnalysis;
        [assembly: System.CLSCompliant(true)]
        [System.Obsolete("Use another.", true)]
        public static partial class Old { [SharedLayout] public partial struct Good { public int A; } }
        [SharedLayout] public partial struct GoodToo { [Experimental("ACME1")] public int A; public int B; }
        """);
}
