namespace TypedShm.Generator.Tests;

public class NameTests
{
    [Fact]
    public Task Keywords() => Snapshot.Verify("""
        using TypedShm;
        namespace @namespace.@class;

        public enum @enum { @default }

        public static partial class @static
        {
            [SharedLayout]
            public partial struct @struct
            {
                public int @class;
                public @enum @ref;
                public int value;
                public int field;
                public int @record;
                public int @await;
                public int @extension;
                public int @partial;
                public int @required;
                public int @scoped;
                public int @var;
                public Text16 @string;
                [Atomic] public int @volatile;
            }
        }
        """);

    [Fact]
    public Task Unicode() => Snapshot.Verify("""
        using TypedShm;
        namespace Größe.データ;

        [SharedLayout]
        public partial struct Мера
        {
            public double Größe;
            public int 長さ;
            public int ñ_1;
            public int e\u0301;
        }
        """);

    [Fact]
    public Task Names_that_differ_in_case_only() => Snapshot.Verify("""
        using TypedShm;
        namespace Acme
        {
            [SharedLayout] public partial struct Quote { public int Bid; public int bid; }
            [SharedLayout] public partial struct QUOTE { public int X; }
        }
        namespace acme
        {
            [SharedLayout] public partial struct Quote { public int X; }
        }
        """);

    [Fact]
    public Task Same_name_in_several_places() => Snapshot.Verify("""
        namespace A { [TypedShm.SharedLayout] public partial struct X { public int V; } }
        namespace B { [TypedShm.SharedLayout] public partial struct X { public int V; } }
        namespace A { public partial class Outer1 { [TypedShm.SharedLayout] public partial struct X { public int V; } } }
        namespace A { public partial class Outer2 { [TypedShm.SharedLayout] public partial struct X { public int V; } } }
        """);

    [Fact]
    public Task Fields_named_like_what_is_generated() => Snapshot.Verify("""
        using TypedShm;
        namespace Acme;

        [SharedLayout]
        public partial struct Clash
        {
            public int View;
            public int Size;
            public int Alignment;
            public int Fingerprint;
            public int LayoutJson;
            public int Value;
            public int value;
            public int _at;
            public int Layout;
            public int Version;
            public int Verify;
            public int Dispose;
            public int Item;
            public int start;
            public int view;
            public int op_Implicit;
            public int Read;
        }
        """);

    [Fact]
    public Task Fields_named_like_members_of_object() => Snapshot.Verify("""
        using TypedShm;
        namespace Acme;

        [SharedLayout]
        public partial struct Clash
        {
            public new int Equals;
            public new int GetHashCode;
            public new int GetType;
            public new int ToString;
            public new int MemberwiseClone;
            public new int ReferenceEquals;
            public int Finalize;
        }
        """);

    [Fact]
    public Task Namespace_called_System() => Snapshot.Verify("""
        namespace Acme.System
        {
            using TypedShm;

            [SharedLayout]
            public partial struct Clock
            {
                public long Ticks; public global::System.Guid Id; [Atomic] public int Version; public Text16 Zone; public Many Many;
            }

            [global::System.Runtime.CompilerServices.InlineArray(3)]
            public struct Many { private global::System.Guid _first; }
        }
        """);

    [Fact]
    public Task Namespace_called_TypedShm() => Snapshot.Verify("""
        namespace Acme.TypedShm
        {
            [global::TypedShm.SharedLayout]
            public partial struct Clock
            {
                public long Ticks; [global::TypedShm.Atomic] public int Version; public global::TypedShm.Text16 Zone;
            }
        }
        """);

    [Fact]
    public Task Types_of_the_user_that_shadow_the_BCL() => Snapshot.Verify("""
        using TypedShm;
        namespace Acme;

        public class Unsafe;
        public class Span;
        public class ReadOnlySpan;
        public class Atomic;
        public class SharedText;
        public class MemoryMarshal;
        public class ISharedLayout;
        public class SharedStructWriter;

        [SharedLayout]
        public partial struct Shadowed
        {
            [global::TypedShm.Atomic] public int Number;
            public Text16 Text;
            public Pair Pair;
        }

        [System.Runtime.CompilerServices.InlineArray(2)] public struct Pair { private int _first; }
        """);

    [Fact]
    public async Task Global_aliases_of_the_user_for_what_the_generated_code_uses()
    {
        TestProject project = new(
            "global using System = global::System; global using TypedShm = global::TypedShm;",
            "namespace Acme; [global::TypedShm.SharedLayout] public partial struct Clock { public long Ticks; "
                + "[global::TypedShm.Atomic] public int Version; }",
            "[global::TypedShm.SharedLayout] public partial struct Alone { public long Ticks; public global::TypedShm.Text16 Zone; }");
        Assert.Empty(await Analysis.DiagnosticsOf(
            GeneratorRun.Of(project).Output, Analysis.Own, Microsoft.CodeAnalysis.DiagnosticSeverity.Warning));
    }

    [Fact]
    public void Types_of_an_assembly_that_is_referenced_under_an_alias()
    {
        TestProject parts = new("""
            namespace Parts;
            public enum Side : byte { Bid, Ask }
            [TypedShm.SharedLayout] public partial struct Point { public int X; }
            [System.Runtime.CompilerServices.InlineArray(2)] public struct Pair { private int _first; }
            """)
        { Name = "Parts" };
        TestProject project = new("""
            extern alias Other;
            namespace Acme;
            [TypedShm.SharedLayout] public partial struct Line
            {
                public Other::Parts.Point Start; public Other::Parts.Side Side; public Other::Parts.Pair Pair; public System.Guid Id;
            }
            """)
        { References = [parts.ToReference().WithAliases(["Other"])] };
        using MemoryStream image = GeneratorRun.Of(project).Emit();
        Assert.NotEqual(0, image.Length);
    }

    [Fact]
    public Task Field_named_like_its_struct_in_another_case_or_its_type() => Snapshot.Verify("""
        using TypedShm;
        namespace Acme;

        public enum Color { Red }

        [SharedLayout]
        public partial struct Inner { public Color Color; }

        [SharedLayout]
        public partial struct Outer
        {
            public Inner Inner; public Color Color; public int outer;
            public int Acme; public int System; public int TypedShm; public int global;
        }
        """);
}
