using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TypedShm.Generator.Tests;

/// <summary>
/// What the generator remembers of one run for the next: never anything that a change elsewhere has made wrong, and everything if only
/// bodies and comments have changed.
/// </summary>
public sealed class LayoutCacheTests
{
    private const string Struct = "using TypedShm;\n[SharedLayout] public partial struct S { ";

    /// <summary>Each changes what is generated for the first file, by a change of the second.</summary>
    public static TheoryData<string, string, string, string> Changes => new()
    {
        { "the type of an enum", Struct + "public E F; }", "public enum E { A }", "public enum E : byte { A }" },
        { "a member of an enum", Struct + "public E F; }", "public enum E { A }", "public enum E { A, B }" },
        { "the value of an enum's member", Struct + "public E F; }", "public enum E { A = C.N } static class C { public const int N = 1; }",
            "public enum E { A = C.N } static class C { public const int N = 2; }" },
        { "a field of a nested struct", Struct + "public N F; }", "[TypedShm.SharedLayout] public partial struct N { public int A; }",
            "[TypedShm.SharedLayout] public partial struct N { public long A; }" },
        { "the size of a fixed buffer", Struct + "public unsafe fixed byte F[C.N]; }", "static class C { public const int N = 8; }",
            "static class C { public const int N = 16; }" },
        { "the length of an inline array", Struct + "public A F; }",
            "[System.Runtime.CompilerServices.InlineArray(4)] public struct A { private int _e; }",
            "[System.Runtime.CompilerServices.InlineArray(5)] public struct A { private int _e; }" },
        { "the element of an inline array", Struct + "public A F; }",
            "[System.Runtime.CompilerServices.InlineArray(4)] public struct A { private int _e; }",
            "[System.Runtime.CompilerServices.InlineArray(4)] public struct A { private uint _e; }" },
        { "a global alias", Struct + "public Number F; }", "global using Number = System.Int32;", "global using Number = System.Int64;" },
        { "a type that is nearer by its name", "using Far; namespace Near { using TypedShm; [SharedLayout] public partial struct S "
            + "{ public E F; } }", "namespace Far { public enum E : byte { A } } namespace Near { }",
            "namespace Far { public enum E : byte { A } } namespace Near { public enum E : long { A } }" },
        { "an attribute that is nearer by its name", Struct + "[Atomic] public int F; }", "class Other : System.Attribute { }",
            "class Atomic : System.Attribute { }" },
        { "another part of the struct", Struct + "public int F; }", "partial struct S { }",
            "partial struct S { public override string ToString() => \"\"; }" },
        { "a second struct of the name", Struct + "public int F; }", "public struct T { }", "public struct S { }" },
        { "an attribute of what is around it", "static partial class C { [TypedShm.SharedLayout] internal partial struct S "
            + "{ public int F; } }", "static partial class C { }", "[System.Obsolete] static partial class C { }" },
        { "the message of what is obsolete", "[System.Obsolete(C.Why)] " + "[TypedShm.SharedLayout] public partial struct S "
            + "{ public int F; }", "static class C { public const string Why = \"\"\"a\"\"\"; }",
            "static class C { public const string Why = \"\"\"b\"\"\"; }" },
        { "the id of an experimental type", Struct + "public E F; }",
            "[System.Diagnostics.CodeAnalysis.Experimental(\"ACME1\")] public enum E { A }",
            "[System.Diagnostics.CodeAnalysis.Experimental(\"ACME2\")] public enum E { A }" },
        { "a body that stores what the constructor got", Struct + "public N F; }",
            "[TypedShm.SharedLayout] public partial struct N(int x) { public int A = 1; public readonly int M() => 2; }",
            "[TypedShm.SharedLayout] public partial struct N(int x) { public int A = 1; public readonly int M() => x; }" },
        { "a body that stores what a property has", Struct + "public N F; }",
            "[TypedShm.SharedLayout] public partial struct N { public int A; public int P { get { return 1; } set { } } }",
            "[TypedShm.SharedLayout] public partial struct N { public int A; public int P { get { return field; } set { } } }" },
        { "the packing of an inline array", Struct + "public byte F; public A G; }",
            "[System.Runtime.CompilerServices.InlineArray(4)] public struct A { private long _e; }",
            "[System.Runtime.CompilerServices.InlineArray(4)] [System.Runtime.InteropServices.StructLayout("
            + "System.Runtime.InteropServices.LayoutKind.Sequential, Pack = 4)] public struct A { private long _e; }" },
        { "an enum that becomes a class", Struct + "public E F; }", "public enum E { A }", "public class E { }" },
        { "a type that becomes obsolete", Struct + "public E F; }", "public enum E { A }",
            "[System.Obsolete(DiagnosticId = \"ACME1\")] public enum E { A }" },
        { "another part with a field", Struct + "public int F; }", "partial struct S { }", "partial struct S { public int G; }" },
        { "a part that is new", Struct + "public int F; }", "class U { }", "[System.Obsolete] partial struct S { }" },
        { "a global alias for the attribute", Struct + "[Atomic] public int F; }", "class Other : System.Attribute { }",
            "global using Atomic = Other; class Other : System.Attribute { }" },
        { "a class of the name", Struct + "public int F; }", "class U { }", "class S { }" },
        { "a directive", Struct + "public E F; }", "#define WIDE\n#if WIDE\npublic enum E : long { A }\n#else\npublic enum E { A }\n#endif",
            "#define SLIM\n#if WIDE\npublic enum E : long { A }\n#else\npublic enum E { A }\n#endif" },
    };

    /// <summary>They stand in bodies and comments, in files of every kind.</summary>
    public static TheoryData<string, string, string> Harmless => new()
    {
        { "a comment", "class U { }", "class U { /* ... */ }" },
        { "a method", "class U { int M() { return 1; } }", "class U { int M() { return 1 + 2; } }" },
        { "an expression", "class U { int M() => 1; }", "class U { int M() => 1 + 2; }" },
        { "an accessor", "class U { int P { get { return 1; } } }", "class U { int P { get { return 2; } } }" },
        { "an initial value", "class U { static int F = 1; int P { get; } = 1; }", "class U { static int F = 2; int P { get; } = 2; }" },
        { "a program", "System.Console.WriteLine(1);", "System.Console.WriteLine(2);" },
        { "a doc comment", "class U { }", "/// <summary>U.</summary>\nclass U { }" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_change_elsewhere_is_seen(string what, string shared, string before, string after)
    {
        TestProject project = Project(shared, before);
        CSharpCompilation first = project.Compile();
        CSharpCompilation second = Replace(first, after);
        GeneratorRun run = GeneratorRun.Of(first, project.ParseOptions);
        Assert.NotEmpty(run.Files);

        string[] fresh = Texts(GeneratorRun.Of(second, project.ParseOptions));
        Assert.False(fresh.SequenceEqual(Texts(run)), $"{what} changes nothing, so that this shows nothing.");
        Assert.Equal(fresh, Texts(run.Again(second)));
    }

    [Fact]
    public void Another_reference_is_seen()
    {
        TestProject project = Project(Struct + "public Lib.E F; }", "") with
        {
            References = [new TestProject("namespace Lib { public enum E { A } }") { Name = "Lib" }.ToReference()],
        };
        CSharpCompilation first = project.Compile();
        GeneratorRun run = GeneratorRun.Of(first, project.ParseOptions);
        CSharpCompilation second = first.ReplaceReference(project.References[0],
            new TestProject("namespace Lib { public enum E : byte { A } }") { Name = "Lib" }.ToReference());
        Assert.Equal(Texts(GeneratorRun.Of(second, project.ParseOptions)), Texts(run.Again(second)));
        Assert.NotEqual(Texts(run), Texts(run.Again(second)));
    }

    [Theory]
    [MemberData(nameof(Harmless))]
    public void Nothing_is_parsed_again_for_what_declares_nothing(string what, string before, string after)
    {
        LayoutCache cache = new();
        CSharpCompilation first = Project(Struct + "public int F; }", before).Compile();
        LayoutSpec known = Find(cache, first);
        Assert.True(ReferenceEquals(known, Find(cache, Replace(first, after))), what);
    }

    /// <summary>A struct that rests on the types of its fields alone.</summary>
    [Theory]
    [InlineData("public int F;")]
    [InlineData("[Atomic] public int F; private readonly E _e;")]
    [InlineData("internal A F; public Text32 Name; public System.Guid Id;")]
    public void It_is_not_parsed_again_while_they_mean_the_same(string fields)
    {
        const string Others = "enum E : byte { A } [System.Runtime.CompilerServices.InlineArray(4)] struct A { private int _e; }";
        LayoutCache cache = new();
        CSharpCompilation first = Project($"{Struct}{fields} }}", Others).Compile();
        LayoutSpec known = Find(cache, first);
        Assert.Same(known, Find(cache, Replace(first, $"{Others} class U {{ int F; }}")));
        Assert.Same(known, Find(cache, Replace(first, $"{Others} class U {{ int G; }}")));
    }

    /// <summary>The negative control: what is parsed again is equal and not the same.</summary>
    [Theory]
    [InlineData("public N F;")]
    [InlineData("public int F; public override string ToString() => \"\";")]
    [InlineData("[Text] public A F;")]
    public void Anything_else_is_parsed_again_for_a_declaration(string members)
    {
        const string Others = "[TypedShm.SharedLayout] public partial struct N { public int A; } "
            + "[System.Runtime.CompilerServices.InlineArray(4)] public struct A { private byte _e; }";
        LayoutCache cache = new();
        CSharpCompilation first = Project($"{Struct}{members} }}", Others).Compile();
        LayoutSpec known = Find(cache, first);
        LayoutSpec again = Find(cache, Replace(first, $"{Others} class U {{ int F; }}"));
        Assert.NotSame(known, again);
        Assert.Equal(known, again);
        Assert.NotSame(again, Find(cache, Replace(first, $"{Others} class U {{ int G; }}")));
    }

    /// <summary>
    /// Every token of what stands elsewhere is removed, doubled and replaced: what is remembered is what is found anew, and what an editor
    /// has is what a new compiler generates. From one state to the next and back, so that each is met by what the one before has left.
    /// </summary>
    [Fact]
    public void Whatever_becomes_of_the_rest_is_seen()
    {
        const string Structs = """
            using TypedShm; using Far;
            [SharedLayout] public partial struct S { public E F; public A G; internal Text32 Name; public int Last; }
            [SharedLayout] public partial struct Marked { [Atomic] public long F; public E G; public N Inner; }
            namespace Near { [SharedLayout] public partial struct S { public E F; private readonly decimal _g; [Atomic] public uint H; } }
            """;
        const string Others = """
            global using TypedShm; global using Number = System.Int64;
            namespace Far { public enum E : byte { A, B = C.Number } static class C { public const int Number = 3; } }
            namespace Near { public enum F : short { X } class Atomi : System.Attribute { } }
            [System.Runtime.CompilerServices.InlineArray(4)] public struct A { private int _e; }
            [SharedLayout] public partial struct N { public Far.E First; public A Second; }
            partial struct T { public int S; } class Marke { } [System.Obsolete("S")] public struct G { }
            """;
        string[] replacements = ["E", "Atomic", "S", "Marked", "partial", "long", "A", "public", "}", "5", "Far"];
        LayoutCache cache = new();
        TestProject project = Project(Structs, Others);
        CSharpCompilation first = project.Compile();
        GeneratorRun edited = NewEditor(project).RunOn(first);
        int valid = AssertAllAsFresh(cache, first, "at first");
        Assert.Equal(3, valid);
        int changes = 0;
        foreach ((int index, SyntaxToken token) in first.SyntaxTrees[1].GetRoot().DescendantTokens()
            .Where(static token => token.Span.Length > 0).Index())
        {
            (string before, string after) = (Others[..token.SpanStart], Others[token.Span.End..]);
            string replacement = replacements[index % replacements.Length];
            foreach (string other in (string[])
                [before + after, $"{before}{token.Text} {token.Text}{after}", $"{before}{replacement}{after}", Others])
            {
                CSharpCompilation now = Replace(first, other);
                changes += AssertAllAsFresh(cache, now, other) == valid ? 0 : 1;
                edited = edited.Again(now);
                Assert.Equal(Texts(NewEditor(project).RunOn(now)), Texts(edited));
            }
        }

        Assert.True(changes > 50, $"Only {changes} states had other structs than the first.");
    }

    [Fact]
    public void What_was_edited_away_is_not_kept()
    {
        LayoutCache cache = new();
        (CSharpCompilation now, WeakReference before) = Edited(cache);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(before.IsAlive);
        GC.KeepAlive(cache);
        GC.KeepAlive(now);

        // In a frame of its own, which would keep all of it.
        [MethodImpl(MethodImplOptions.NoInlining)]
        static (CSharpCompilation Now, WeakReference Before) Edited(LayoutCache cache)
        {
            CSharpCompilation compilation = Project(Struct + "public int F; }", "class U { }").Compile();
            SyntaxTree tree = compilation.SyntaxTrees[0];
            Find(cache, compilation);
            CSharpCompilation edited = compilation.ReplaceSyntaxTree(
                tree, CSharpSyntaxTree.ParseText($"// Hello.\n{tree}", (CSharpParseOptions)tree.Options, tree.FilePath));
            Find(cache, edited);
            return (edited, new WeakReference(tree));
        }
    }

    /// <returns>How many structs of the first file are valid.</returns>
    private static int AssertAllAsFresh(LayoutCache cache, CSharpCompilation compilation, string state)
    {
        SyntaxTree tree = compilation.SyntaxTrees[0];
        SemanticModel model = compilation.GetSemanticModel(tree);
        int valid = 0;
        foreach (StructDeclarationSyntax declaration in tree.GetRoot().DescendantNodes().OfType<StructDeclarationSyntax>())
        {
            INamedTypeSymbol type = model.GetDeclaredSymbol(declaration)!;
            LayoutSpec? found = cache.Find(declaration, type, compilation, CancellationToken.None);
            LayoutSpec? fresh = new LayoutCache().Find(declaration, type, compilation, CancellationToken.None);
            Assert.True(Equals(fresh, found), $"{type}: {found} instead of {fresh} in\n{state}");
            valid += found is null ? 0 : 1;
        }

        return valid;
    }

    private static CSharpGeneratorDriver NewEditor(TestProject project) =>
        GeneratorRun.NewDriver(project.ParseOptions, new SharedLayoutGenerator(), tracksSteps: false);

    private static LayoutSpec Find(LayoutCache cache, CSharpCompilation compilation)
    {
        INamedTypeSymbol type = compilation.GetTypeByMetadataName("S")!;
        return cache.Find(type.DeclaringSyntaxReferences.Single().GetSyntax(), type, compilation, CancellationToken.None)!;
    }

    private static TestProject Project(string shared, string other) => new(shared, other) { AllowUnsafe = true };

    private static CSharpCompilation Replace(CSharpCompilation compilation, string other)
    {
        SyntaxTree tree = compilation.SyntaxTrees[1];
        return compilation.ReplaceSyntaxTree(
            tree, CSharpSyntaxTree.ParseText(other, (CSharpParseOptions)tree.Options, tree.FilePath));
    }

    private static string[] Texts(GeneratorRun run) => [.. run.Files.Select(static file => $"{file.HintName}\n{file.SourceText}")];
}
